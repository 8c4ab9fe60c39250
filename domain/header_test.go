package domain_test

import (
	"errors"
	"strings"
	"testing"

	"doorito/domain"
)

func sealed(value, about string) (string, error) { return "sealed " + value + " for " + about, nil }

func TestHeadersAreSetKeptAndRemoved(t *testing.T) {
	t.Parallel()
	e := &domain.Endpoint{ID: id1}
	set, removed, err := e.ChangeHeaders([]domain.HeaderChange{{Name: "x-tenant", Value: " a b\t"}, {Name: "Authorization", Value: "Bearer x"}, {}}, sealed)
	if err != nil || strings.Join(set, ",") != "X-Tenant,Authorization" || removed != nil {
		t.Fatal(set, removed, err)
	}
	if got := e.Headers["X-Tenant"]; got != "sealed a b for "+domain.HeaderSeal(id1, "X-Tenant") {
		t.Error(got)
	}
	before := e.Headers["X-Tenant"]
	_, removed, err = e.ChangeHeaders([]domain.HeaderChange{{Name: "X-Tenant"}, {Name: "authorization", Remove: true}, {Name: "X-Gone", Remove: true}}, sealed)
	if err != nil || len(e.Headers) != 1 || e.Headers["X-Tenant"] != before || strings.Join(removed, ",") != "Authorization" {
		t.Error(e.Headers, removed, err)
	}
}

func TestHeadersThatAreReservedOrBrokenAreRefused(t *testing.T) {
	t.Parallel()
	for _, h := range [][2]string{
		{"Host", "x"}, {"content-length", "1"}, {"Content-Type", "text/plain"}, {"Content-Encoding", "gzip"}, {"User-Agent", "x"}, {"Accept-Encoding", "gzip"},
		{"Connection", "close"}, {"keep-alive", "1"}, {"TE", "trailers"}, {"Trailer", "x"}, {"transfer-encoding", "chunked"}, {"Upgrade", "h2c"}, {"Expect", "100-continue"},
		{"Date", "x"}, {"webhook-id", "x"}, {"WEBHOOK-SIGNATURE", "x"}, {"webhook-anything", "x"}, {"X-Webhook-Signature", "x"}, {"x-webhook-new", "x"},
		{"Proxy-Authorization", "x"}, {"Sec-Fetch-Site", "x"}, {"HTTP2-Settings", "x"},
		{"X Y", "x"}, {"X:Y", "x"}, {"X\r\nY", "x"}, {"Ä", "x"}, {strings.Repeat("x", 101), "x"}, {"", "x"},
		{"X-A", "a\r\nX-B: c"}, {"X-A", "a\x00"}, {"X-A", "ü"}, {"X-A", strings.Repeat("x", 4097)}, {"X-A", ""},
	} {
		e := &domain.Endpoint{ID: id1}
		_, _, err := e.ChangeHeaders([]domain.HeaderChange{{Name: h[0], Value: h[1]}}, sealed)
		wantCode(t, h[0]+": "+h[1], err, domain.Invalid)
	}
	e := &domain.Endpoint{ID: id1}
	_, _, err := e.ChangeHeaders([]domain.HeaderChange{{Name: "X-A", Value: "1"}, {Name: "x-a", Value: "2"}}, sealed)
	wantCode(t, "twice", err, domain.Invalid)
	var many []domain.HeaderChange
	for i := range 21 {
		many = append(many, domain.HeaderChange{Name: "X-" + strings.Repeat("a", i+1), Value: "1"})
	}
	_, _, err = e.ChangeHeaders(many, sealed)
	wantCode(t, "too many", err, domain.Invalid)
	_, _, err = e.ChangeHeaders(many[:1], func(string, string) (string, error) { return "", errors.New("no key") })
	wantCode(t, "not sealed", err, domain.Internal)
	if len(e.Headers) != 0 {
		t.Error("a refused change was taken over")
	}
}
