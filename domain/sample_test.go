package domain

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestASampleIsAnObjectForOneEndpoint(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	ep, other := &Endpoint{ID: uuid.New(), Active: true}, &Endpoint{ID: uuid.New(), Active: true}
	for _, typ := range EventTypes {
		e, err := NewSample(ep, typ, SampleData(typ, now), uuid.New(), now)
		if err != nil || !ep.Wants(e) || other.Wants(e) {
			t.Errorf("%s: %v", typ, err)
		}
	}
	e, err := NewSample(ep, EventFileStored, []byte("{\n \"a\": 1 }"), uuid.New(), now)
	if err != nil || e.AssignID(uuid.New()) != nil || !strings.HasSuffix(string(e.Payload), `"data":{"a":1}}`) {
		t.Errorf("%s, %v", e.Payload, err)
	}
	for _, c := range []struct {
		typ         EventType
		data, field string
	}{
		{"file.eaten", "{}", "type"}, {EventPing, "{}", "type"}, {EventFileStored, "", "data"}, {EventFileStored, "[]", "data"}, {EventFileStored, "null", "data"},
		{EventFileStored, `{"a":1} x`, "data"}, {EventFileStored, `{"a":"` + strings.Repeat("x", MaxSampleBytes) + `"}`, "data"},
	} {
		if _, err := NewSample(ep, c.typ, []byte(c.data), uuid.New(), now); err == nil || err.(*Error).Field != c.field {
			t.Errorf("%s %.20s: %v", c.typ, c.data, err)
		}
	}
}

func FuzzSample(f *testing.F) {
	f.Add([]byte(`{"a": [1, 2, {"b": null}]}`))
	f.Add([]byte(`{"data":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := NewSample(&Endpoint{ID: uuid.New()}, EventFileStored, data, uuid.New(), time.Unix(0, 0))
		if err == nil && e.AssignID(uuid.New()) != nil {
			t.Errorf("%q was taken and has no JSON form", data)
		}
	})
}
