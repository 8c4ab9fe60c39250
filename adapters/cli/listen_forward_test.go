package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"doorito/domain"
)

func mustReceiverWith(t *testing.T, c ReceiverConfig) (*Receiver, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	c.Out, c.Clock = &out, listenClock{listenNow}
	r, err := NewReceiver(c)
	if err != nil {
		t.Fatal(err)
	}
	return r, &out
}

func TestReceiverHandsOnWhatVerifies(t *testing.T) {
	t.Parallel()
	var got []*http.Request
	var bodies []string
	status := http.StatusTooManyRequests
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, bodies = append(got, r), append(bodies, string(b))
		w.Header().Set("Retry-After", "7")
		w.Header().Set("Set-Cookie", "no=1")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "later")
	}))
	defer srv.Close()
	r, out := mustReceiverWith(t, ReceiverConfig{Secrets: []string{listenSecret}, Forward: srv.URL + "/hooks"})
	w := httptest.NewRecorder()
	r.ServeHTTP(w, signed(t, listenSecret, "msg_1", `{"a":1}`, listenNow))
	if w.Code != status || w.Header().Get("Retry-After") != "7" || w.Header().Get("Set-Cookie") != "" || w.Body.String() != "later" {
		t.Errorf("answered %d %v %q", w.Code, w.Header(), w.Body)
	}
	if len(got) != 1 || got[0].URL.Path != "/hooks" || bodies[0] != `{"a":1}` || got[0].Header.Get("Webhook-Id") != "msg_1" || got[0].Header.Get("X-Webhook-Signature") == "" {
		t.Fatalf("handed on %v", got)
	}
	if !strings.Contains(out.String(), "verified, answered 429 there") {
		t.Errorf("printed %s", out)
	}
	bad := signed(t, listenSecret, "msg_2", `{"a":1}`, listenNow)
	bad.Header.Set("Webhook-Signature", "v1,bm8=")
	if code := take(r, bad); code != http.StatusUnauthorized || len(got) != 1 {
		t.Errorf("status %d, handed on %d", code, len(got))
	}
	srv.Close()
	if code := take(r, signed(t, listenSecret, "msg_3", `{}`, listenNow)); code != http.StatusBadGateway || !strings.Contains(out.String(), "where nobody answers") {
		t.Errorf("status %d, printed %s", code, out)
	}
}

func TestReceiverFailsOnPurposeAtItsRate(t *testing.T) {
	t.Parallel()
	dice := 0.0
	r, out := mustReceiverWith(t, ReceiverConfig{Secrets: []string{listenSecret}, JSON: true, Fail: Failing{Status: 503, Rate: 0.3, Random: func() float64 { return dice }}})
	for roll, want := range map[float64]int{0: 503, 0.29: 503, 0.3: 204, 0.99: 204} {
		dice = roll
		out.Reset()
		if code := take(r, signed(t, listenSecret, "msg_1", `{}`, listenNow)); code != want {
			t.Errorf("rolled %g: %d, want %d", roll, code, want)
		}
		var line struct {
			Verified bool
			Status   int
			Reason   string
		}
		if err := json.Unmarshal(out.Bytes(), &line); err != nil || !line.Verified || line.Status != want || (line.Reason == "failed on purpose") != (want == 503) {
			t.Errorf("%s, %v", out, err)
		}
	}
	// What does not verify is refused, never failed on purpose.
	dice = 0
	if code := take(r, signed(t, "whsec_"+strings.Repeat("QUFB", 8), "msg_1", `{}`, listenNow)); code != http.StatusUnauthorized {
		t.Errorf("status %d", code)
	}
}

func TestReceiverVerifiesWithAPublicKey(t *testing.T) {
	t.Parallel()
	private, err := domain.NewSecret(domain.SecretEd25519, strings.NewReader(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	public, err := domain.PublicKey(private)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := mustReceiverWith(t, ReceiverConfig{Secrets: []string{public}})
	both := signed(t, listenSecret, "msg_1", `{}`, listenNow)
	sig, err := domain.SignStandard(private, "msg_1", listenNow, []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	both.Header.Set("Webhook-Signature", both.Header.Get("Webhook-Signature")+" "+sig)
	if code := take(r, both); code != http.StatusNoContent {
		t.Errorf("status %d", code)
	}
	if code := take(r, signed(t, listenSecret, "msg_1", `{}`, listenNow)); code != http.StatusUnauthorized {
		t.Errorf("without its signature: %d", code)
	}
	hexOnly := signed(t, listenSecret, "msg_1", `{}`, listenNow)
	hexOnly.Header.Del("Webhook-Signature")
	if code := take(r, hexOnly); code != http.StatusUnauthorized {
		t.Errorf("with the symmetric family alone: %d", code)
	}
}

func TestReceiverSettingsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]ReceiverConfig{
		"a private key":   {Secrets: []string{"whsk_AAAA"}},
		"a cut key":       {Secrets: []string{"whpk_AAAA"}},
		"no web address":  {Secrets: []string{listenSecret}, Forward: "localhost:3000"},
		"no status":       {Secrets: []string{listenSecret}, Fail: Failing{Status: 99}},
		"more than all":   {Secrets: []string{listenSecret}, Fail: Failing{Status: 500, Rate: 1.5}},
		"less than none":  {Secrets: []string{listenSecret}, Fail: Failing{Status: 500, Rate: -1}},
		"an ftp address":  {Secrets: []string{listenSecret}, Forward: "ftp://127.0.0.1/x"},
		"no host in it":   {Secrets: []string{listenSecret}, Forward: "http:///x"},
		"a secret of ten": {Secrets: []string{"whsec_MTIzNDU2Nzg5MA=="}},
	} {
		if _, err := NewReceiver(c); !domain.IsCode(err, domain.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
