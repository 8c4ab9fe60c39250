package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"doorito/domain"
)

const listenSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

type listenClock struct{ now time.Time }

func (c listenClock) Now() time.Time { return c.now }

var listenNow = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func mustReceiver(tb testing.TB, asJSON bool, secrets ...string) (*Receiver, *bytes.Buffer) {
	tb.Helper()
	var out bytes.Buffer
	r, err := NewReceiver(ReceiverConfig{Secrets: secrets, Out: &out, JSON: asJSON, Clock: listenClock{listenNow}})
	if err != nil {
		tb.Fatal(err)
	}
	return r, &out
}

// signed makes a webhook as Doorito sends it.
func signed(tb testing.TB, secret, id, body string, at time.Time) *http.Request {
	tb.Helper()
	sig, err := domain.SignStandard(secret, id, at, []byte(body))
	if err != nil {
		tb.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/any/path", strings.NewReader(body))
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", fmt.Sprint(at.Unix()))
	r.Header.Set("webhook-signature", sig)
	r.Header.Set("X-Webhook-Event", "file.stored")
	r.Header.Set("X-Webhook-Delivery", "d-1")
	r.Header.Set("X-Webhook-Signature", domain.SignHex(secret, []byte(body)))
	return r
}

func take(r *Receiver, req *http.Request) int {
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w.Code
}

func TestReceiverVerifiesAndMarksWhatComesAgain(t *testing.T) {
	t.Parallel()
	r, out := mustReceiver(t, false, listenSecret)
	for range 2 {
		if code := take(r, signed(t, listenSecret, "msg_1", `{"a":1}`, listenNow)); code != http.StatusNoContent {
			t.Errorf("status %d", code)
		}
	}
	want := "05:06:07.000  file.stored      msg_1  delivery d-1  7 B  verified\n" +
		"05:06:07.000  file.stored      msg_1  delivery d-1  7 B  verified, again\n"
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out, want)
	}
}

func TestReceiverRefuses(t *testing.T) {
	t.Parallel()
	other := "whsec_" + strings.Repeat("QUFB", 8)
	for name, c := range map[string]struct {
		edit func(*http.Request)
		code int
		say  string
	}{
		"other secret":  {func(r *http.Request) { *r = *signed(t, other, "msg_1", "{}", listenNow) }, 401, "No signature matches"},
		"old timestamp": {func(r *http.Request) { *r = *signed(t, listenSecret, "msg_1", "{}", listenNow.Add(-6*time.Minute)) }, 401, "6m0s away"},
		"other id":      {func(r *http.Request) { r.Header.Set("webhook-id", "msg_2") }, 401, "No signature matches"},
		"no timestamp":  {func(r *http.Request) { r.Header.Del("webhook-timestamp") }, 401, "not a time"},
		"no signature":  {func(r *http.Request) { r.Header.Del("webhook-signature"); r.Header.Del("x-webhook-signature") }, 401, "There is no signature."},
		"wrong hex":     {func(r *http.Request) { r.Header.Set("X-Webhook-Signature", strings.Repeat("0", 64)) }, 401, "does not match"},
		"other body":    {func(r *http.Request) { r.Body = http.NoBody }, 401, "No signature matches"},
		"too large": {func(r *http.Request) {
			*r = *signed(t, listenSecret, "m", strings.Repeat("x", maxWebhookBody+1), listenNow)
		}, 413, "larger than 1.05 MB"},
		"terminal escapes": {func(r *http.Request) { r.Header.Set("webhook-id", "\x1b[2J\r\nmsg") }, 401, "[2Jmsg  delivery"},
	} {
		r, out := mustReceiver(t, false, listenSecret)
		req := signed(t, listenSecret, "msg_1", "{}", listenNow)
		c.edit(req)
		if code := take(r, req); code != c.code || !strings.Contains(out.String(), c.say) || strings.Count(out.String(), "\n") != 1 || strings.Contains(out.String(), "\x1b") {
			t.Errorf("%s: %d, printed %q", name, code, out)
		}
	}
}

func TestReceiverTakesEitherFamilyAndEitherSecret(t *testing.T) {
	t.Parallel()
	other := "whsec_" + strings.Repeat("QUFB", 8)
	r, _ := mustReceiver(t, false, other, listenSecret)
	standard, hex := signed(t, listenSecret, "a", "{}", listenNow), signed(t, listenSecret, "b", "{}", listenNow)
	standard.Header.Del("X-Webhook-Signature")
	hex.Header.Del("webhook-signature")
	for _, req := range []*http.Request{standard, hex, signed(t, other, "c", "{}", listenNow)} {
		if code := take(r, req); code != http.StatusNoContent {
			t.Errorf("status %d", code)
		}
	}
	get := httptest.NewRequest(http.MethodGet, "/", nil)
	if code := take(r, get); code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", code)
	}
}

func TestReceiverPrintsJSONLines(t *testing.T) {
	t.Parallel()
	r, out := mustReceiver(t, true, listenSecret)
	take(r, signed(t, listenSecret, "msg_1", `{"type": "file.stored"}`, listenNow))
	bad := signed(t, listenSecret, "msg_2", `{}`, listenNow)
	bad.Header.Set("webhook-signature", "v1,x")
	take(r, bad)
	want := `{"at":"2026-03-04T05:06:07Z","event":"file.stored","id":"msg_1","delivery":"d-1","size_bytes":23,"verified":true,"again":false,"status":204,"body":{"type":"file.stored"}}
{"at":"2026-03-04T05:06:07Z","event":"file.stored","id":"msg_2","delivery":"d-1","size_bytes":2,"verified":false,"again":false,"reason":"No signature matches the body and this secret.","status":401}
`
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out, want)
	}
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

func TestReceiverForgetsTheOldest(t *testing.T) {
	t.Parallel()
	r, _ := mustReceiver(t, false, listenSecret)
	for i := range maxRemembered + 5 {
		r.remember(fmt.Sprint(i))
	}
	if len(r.seen) != maxRemembered || len(r.order) != maxRemembered || r.seen["4"] || !r.seen["5"] {
		t.Errorf("%d ids, %d in order", len(r.seen), len(r.order))
	}
}

func TestReceiverNeedsSecrets(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][]string{nil, {"whsec_short"}, {"secret"}, {listenSecret, ""}} {
		if _, err := NewReceiver(ReceiverConfig{Secrets: secrets}); !domain.IsCode(err, domain.Invalid) {
			t.Errorf("%q: %v", secrets, err)
		}
	}
}

func TestListenAndServeUntilTheContextEnds(t *testing.T) {
	t.Parallel()
	r, out := mustReceiver(t, false, listenSecret)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	addr, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- r.ListenAndServe(ctx, "127.0.0.1:0", func(a string) { addr <- a }) }()
	var at string
	select {
	case at = <-addr:
	case err := <-done:
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^127\.0\.0\.1:[1-9]\d*$`).MatchString(at) {
		t.Errorf("bound to %q", at)
	}
	req := signed(t, listenSecret, "msg_1", "{}", listenNow)
	out2, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+at+"/", req.Body)
	if err != nil {
		t.Fatal(err)
	}
	out2.Header = req.Header
	resp, err := http.DefaultClient.Do(out2)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Errorf("status %s", resp.Status)
	}
	if err := r.ListenAndServe(ctx, at, nil); !domain.IsCode(err, domain.Unavailable) {
		t.Errorf("the same address twice: %v", err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "verified") {
		t.Errorf("printed %q", out)
	}
}
