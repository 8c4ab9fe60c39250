package domain_test

import (
	"encoding/json"
	"testing"

	"doorito/domain"
)

func TestWithURLLeavesTheOtherBytes(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]string{
		`{"id":"1","data":{"file_id":"2"}}`:                `{"id":"1","data":{"url":"https://p/d/x?a=1\u0026b","file_id":"2"}}`,
		`{"data":{}}`:                                      `{"data":{"url":"https://p/d/x?a=1\u0026b"}}`,
		`{"data":{"original_filename":"\"data\":{ .pdf"}}`: `{"data":{"url":"https://p/d/x?a=1\u0026b","original_filename":"\"data\":{ .pdf"}}`,
	} {
		got, err := domain.WithURL([]byte(payload), "https://p/d/x?a=1&b")
		if err != nil || string(got) != want || !json.Valid(got) {
			t.Errorf("%s: %s, %v", payload, got, err)
		}
	}
	for _, bad := range []string{``, `{}`, `{"data":null}`, `{"data":{`} {
		_, err := domain.WithURL([]byte(bad), "x")
		wantCode(t, bad, err, domain.Internal)
	}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	f := domain.NewFile(id1, `"data":{.pdf`, nil, nil, now)
	e, err := f.Store(1, "", "", 0, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.AssignID(id2); err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"01890a5d-ac96-774b-bcce-b302099a8058","type":"file.stored","timestamp":"2026-03-04T05:06:07.000008Z","data":{` +
		`"file_id":"01890a5d-ac96-774b-bcce-b302099a8057","original_filename":"\"data\":{.pdf","content_type":"","size_bytes":1,"sha256":"",` +
		`"batch_id":null,"uploaded_by":null,"metadata":{},"expires_at":null}}`
	if string(e.Payload) != want {
		t.Errorf("%s\nwant\n%s", e.Payload, want)
	}
}

func TestWhichEventsCarryALink(t *testing.T) {
	t.Parallel()
	want := map[domain.EventType]bool{domain.EventFileStored: true, domain.EventFileExpiring: true, domain.EventFileProcessed: true}
	for _, typ := range append(domain.EventTypes, domain.EventPing) {
		if typ.CarriesURL() != want[typ] {
			t.Errorf("%s: %t", typ, typ.CarriesURL())
		}
	}
}

func TestEndpointEventsAreNewEachTime(t *testing.T) {
	t.Parallel()
	ep := &domain.Endpoint{ID: id1, Name: "n", URL: "https://a"}
	a := domain.NewEndpointEvent(domain.EventEndpointFailing, ep, "down", id1, now)
	b := domain.NewEndpointEvent(domain.EventEndpointFailing, ep, "down", id2, now)
	if a.IdempotencyKey == b.IdempotencyKey || a.TargetID != nil {
		t.Errorf("%+v, %+v", a, b)
	}
	if data := body(t, a)["data"].(map[string]any); data["reason"] != "down" || data["endpoint_id"] != id1.String() {
		t.Errorf("%v", data)
	}
}
