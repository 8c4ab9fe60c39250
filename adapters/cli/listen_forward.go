package cli

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"doorito/domain"
)

const (
	forwardTimeout = 15 * time.Second
	forwardAnswer  = 64 << 10
)

func (c ReceiverConfig) check() error {
	if u, err := url.Parse(c.Forward); c.Forward != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return domain.FieldErrorf("forward", "--forward %q is not a web address such as http://127.0.0.1:3000/hooks.", c.Forward)
	}
	f := c.Fail
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return domain.FieldErrorf("status", "--status is an HTTP status from 200 to 599, not %d.", f.Status)
	}
	if !(f.Rate >= 0 && f.Rate <= 1) {
		return domain.FieldErrorf("rate", "--rate is a share from 0 to 1, not %g.", f.Rate)
	}
	return nil
}

// newForwarder follows no redirects, as Doorito does not.
func newForwarder() *http.Client {
	return &http.Client{Timeout: forwardTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// handOn sends a verified webhook on, with the headers that it came with, and
// returns the answer's body; its status and headers become ours. 502 when
// nobody answers there.
func (r *Receiver) handOn(req *http.Request, body []byte, to http.Header, got *webhookLine) []byte {
	ctx, cancel := context.WithTimeout(req.Context(), forwardTimeout)
	defer cancel()
	out, err := http.NewRequestWithContext(ctx, http.MethodPost, r.conf.Forward, bytes.NewReader(body))
	if err != nil {
		got.Status, got.Reason = http.StatusBadGateway, err.Error()
		return nil
	}
	for name, values := range req.Header {
		if name != "Connection" && name != "Accept-Encoding" && !strings.HasPrefix(name, "Proxy-") {
			out.Header[name] = values
		}
	}
	res, err := r.forward.Do(out)
	if err != nil {
		got.Status, got.Reason = http.StatusBadGateway, "handed on to "+r.conf.Forward+", where nobody answers"
		return nil
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(res.Body, forwardAnswer)) // what came of it is passed on
	for _, name := range []string{"Content-Type", "Retry-After"} {
		if v := res.Header.Get(name); v != "" {
			to.Set(name, v)
		}
	}
	got.Status, got.Forwarded = res.StatusCode, true
	return answer
}
