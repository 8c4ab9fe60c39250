package domain_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

var (
	now   = time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)
	later = now.Add(time.Hour)
	id1   = uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057")
	id2   = uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8058")
)

// rnd gives the same bytes each time; the tests are about what is made of them.
func rnd() *bytes.Reader { return bytes.NewReader(bytes.Repeat([]byte("0123456789abcdef"), 64)) }

func wantCode(tb testing.TB, what string, err error, want domain.Code) {
	tb.Helper()
	if domain.CodeOf(err) != want {
		tb.Errorf("%s: %v, want code %q", what, err, want)
	}
}

// body gives the event an id and reads its payload back.
func body(tb testing.TB, e *domain.Event) map[string]any {
	tb.Helper()
	if err := e.AssignID(id2); err != nil {
		tb.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(e.Payload, &out); err != nil {
		tb.Fatal(err)
	}
	return out
}
