package cli

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"doorito/domain"
	"doorito/ports"
)

const (
	maxWebhookBody = 1 << 20
	// maxRemembered bounds the ids that are known as seen; the oldest go first.
	maxRemembered = 10_000
)

// ReceiverConfig of `doorito listen`.
type ReceiverConfig struct {
	Secrets []string // whsec_… or whpk_…; several during a rotation, any of them may sign
	Out     io.Writer
	JSON    bool // one JSON object a line instead of words
	Clock   ports.Clock
	Forward string // where what verifies is handed on to; "" for nowhere
	Fail    Failing
}

// Failing makes a receiver answer with a status on purpose: to a share Rate, 0
// to 1, of what verifies. Random is in [0, 1).
type Failing struct {
	Status int // 0 for never
	Rate   float64
	Random func() float64
}

// Receiver takes webhooks, verifies them and prints a line for each. It
// answers 204 to what verifies, or what the address says to which it hands
// webhooks on, and 401 to what does not verify, so that it can stand in for a
// real receiver. A webhook that comes again (same webhook-id) is taken again
// and marked so.
type Receiver struct {
	conf    ReceiverConfig
	forward *http.Client

	mu    sync.Mutex // guards what is below, and whole lines on Out
	seen  map[string]bool
	order []string
}

var _ http.Handler = (*Receiver)(nil)

// NewReceiver is Invalid without secrets and for one that is not a secret.
func NewReceiver(c ReceiverConfig) (*Receiver, error) {
	if len(c.Secrets) == 0 {
		return nil, domain.FieldErrorf("secret", "A receiver needs the endpoint's secret, whsec_…, to verify with.")
	}
	for _, s := range c.Secrets {
		if err := domain.CheckVerifier(s); err != nil {
			return nil, err
		}
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return &Receiver{conf: c, forward: newForwarder(), seen: map[string]bool{}}, nil
}

// ServeHTTP takes one webhook on any path.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Webhooks are POSTed here.", http.StatusMethodNotAllowed)
		return
	}
	got := webhookLine{
		At: r.conf.Clock.Now(), Event: req.Header.Get("X-Webhook-Event"),
		ID: req.Header.Get("Webhook-Id"), Delivery: req.Header.Get("X-Webhook-Delivery"), Status: http.StatusNoContent,
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxWebhookBody))
	got.Size = len(body)
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		got.Status, got.Reason = http.StatusRequestEntityTooLarge, "The body is larger than "+domain.FormatBytes(maxWebhookBody)+"."
	case err != nil:
		got.Status, got.Reason = http.StatusBadRequest, "The body broke off."
	default:
		if err := r.verify(req.Header, body, got.At); err != nil {
			got.Status, got.Reason = http.StatusUnauthorized, message(err)
		}
	}
	var answer []byte
	if got.Status == http.StatusNoContent {
		got.Verified, got.body = true, body
		switch fail := r.conf.Fail; {
		case fail.Status != 0 && fail.Random() < fail.Rate:
			got.Status, got.Reason = fail.Status, "failed on purpose"
		case r.conf.Forward != "":
			answer = r.handOn(req, body, w.Header(), &got)
		}
	}
	r.report(&got)
	w.WriteHeader(got.Status)
	_, _ = w.Write(answer)
}

// verify demands that every signature that is there is right, and that one is.
func (r *Receiver) verify(h http.Header, body []byte, now time.Time) error {
	standard, hex := h.Get("Webhook-Signature"), h.Get("X-Webhook-Signature")
	if standard == "" && hex == "" {
		return domain.FieldErrorf("webhook-signature", "There is no signature.")
	}
	if standard != "" {
		if err := r.anySecret(func(s string) error {
			return domain.VerifyStandard(s, h.Get("Webhook-Id"), h.Get("Webhook-Timestamp"), standard, body, now)
		}); err != nil {
			return err
		}
	}
	if hex == "" || standard != "" && !r.hasSecret() {
		return nil // a public key cannot check the symmetric family
	}
	return r.anySecret(func(s string) error { return domain.VerifyHex(s, hex, body) })
}

func (r *Receiver) hasSecret() bool {
	return slices.ContainsFunc(r.conf.Secrets, func(s string) bool { return strings.HasPrefix(s, domain.SecretPrefix) })
}

func (r *Receiver) anySecret(check func(secret string) error) (err error) {
	for _, s := range r.conf.Secrets {
		if err = check(s); err == nil {
			return nil
		}
	}
	return err
}

// report prints the line, marked when its webhook was verified before.
func (r *Receiver) report(got *webhookLine) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if got.Verified && got.ID != "" {
		got.Again = r.seen[got.ID]
		r.remember(got.ID)
	}
	// A closed pipe on the other side is no reason to refuse webhooks.
	_, _ = io.WriteString(r.conf.Out, got.text(r.conf.JSON))
}

func (r *Receiver) remember(id string) {
	if r.seen[id] {
		return
	}
	if len(r.order) == maxRemembered {
		delete(r.seen, r.order[0])
		r.order = r.order[1:]
	}
	r.seen[id] = true
	r.order = append(r.order, id)
}

// ListenAndServe serves until ctx ends, then finishes what has begun and
// returns nil. ready is called once with the address that was bound, which
// matters when addr ends in ":0".
func (r *Receiver) ListenAndServe(ctx context.Context, addr string, ready func(addr string)) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return domain.WrapError(domain.Unavailable, err, "Cannot listen on %s: %s.", addr, err)
	}
	srv := &http.Server{Handler: r, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	ready(l.Addr().String())
	select {
	case err := <-done:
		return domain.WrapError(domain.Internal, err, "The receiver stopped: %s.", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := srv.Shutdown(last); err != nil {
		return srv.Close()
	}
	return nil
}
