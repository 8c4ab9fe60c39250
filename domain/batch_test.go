package domain_test

import (
	"strings"
	"testing"

	"doorito/domain"
)

func TestBatchLabels(t *testing.T) {
	t.Parallel()
	for label, ok := range map[string]bool{
		"": true, " March ": true, strings.Repeat("ü", 200): true, strings.Repeat("ü", 201): false, "a\x00b": false, "\xff": false,
	} {
		b, err := domain.NewBatch(id1, label, "", nil, now)
		if (err == nil) != ok {
			t.Errorf("%.20q: %v", label, err)
		}
		if ok && b.Label != strings.TrimSpace(label) {
			t.Errorf("%q became %q", label, b.Label)
		}
	}
}

func TestBatchTakesFilesUntilSealed(t *testing.T) {
	t.Parallel()
	b, err := domain.NewBatch(id1, "March", "k", &id2, now)
	if err != nil || b.Status != domain.BatchInit {
		t.Fatalf("%v, %+v", err, b)
	}
	for range 2 {
		if err := b.Accept(later); err != nil || b.Status != domain.BatchInProgress {
			t.Fatalf("%v, %s", err, b.Status)
		}
	}
	b.Seal(now)
	b.Seal(later)
	if !b.SealedAt.Equal(now) {
		t.Errorf("sealed at %s", b.SealedAt)
	}
	wantCode(t, "a file after the end", b.Accept(later), domain.Conflict)
}

func TestBatchSettles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		counts domain.BatchCounts
		sealed bool
		want   domain.BatchStatus
	}{
		{domain.BatchCounts{Files: 2, Stored: 2}, false, ""},
		{domain.BatchCounts{Files: 2, Stored: 1, Uploading: 1}, true, ""},
		{domain.BatchCounts{Files: 2, Stored: 2, Bytes: 9}, true, domain.BatchComplete},
		{domain.BatchCounts{Files: 2, Stored: 1, Failed: 1}, true, domain.BatchPartial},
		{domain.BatchCounts{Files: 2, Failed: 2}, true, domain.BatchFailed},
		{domain.BatchCounts{}, true, domain.BatchComplete},
	} {
		b, _ := domain.NewBatch(id1, "March", "", nil, now)
		_ = b.Accept(now)
		if c.sealed {
			b.Seal(now)
		}
		e := b.Settle(c.counts, later)
		if c.want == "" {
			if e != nil || b.Status != domain.BatchInProgress {
				t.Errorf("%+v: settled as %s", c, b.Status)
			}
			continue
		}
		if b.Status != c.want || e == nil || e.Type != domain.EventBatchCompleted || b.Counts != c.counts {
			t.Fatalf("%+v: %s, %v", c, b.Status, e)
		}
		data := body(t, e)["data"].(map[string]any)
		if data["batch_id"] != id1.String() || data["status"] != string(c.want) || data["files"] != float64(c.counts.Files) {
			t.Errorf("%v", data)
		}
		if b.Settle(c.counts, later) != nil {
			t.Error("settled twice")
		}
	}
}
