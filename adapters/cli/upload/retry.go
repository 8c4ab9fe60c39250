package upload

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Pauses between tries: they double from the first to the longest, and each is
// drawn between half of it and all of it.
const (
	firstPause   = 500 * time.Millisecond
	longestPause = 15 * time.Second
)

// endOfRun is an error that no other file would escape.
type endOfRun struct{ error }

// Unwrap returns what happened.
func (e endOfRun) Unwrap() error { return e.error }

// mayPass tells what is worth another try.
func mayPass(err error) bool {
	var r *refusal
	if errors.As(err, &r) {
		switch r.status {
		case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
			return true
		}
		return r.status >= 500 && r.status != http.StatusNotImplemented
	}
	var n networkError
	return errors.As(err, &n)
}

// do sends the request until it is answered for good, for at most retryFor
// after its first failure.
func (c *client) do(ctx context.Context, in call) (http.Header, error) {
	var since time.Time
	for n := 0; ; n++ {
		header, err := c.try(ctx, in)
		if err == nil {
			c.trouble(nil)
			return header, nil
		}
		if in.undo != nil {
			in.undo()
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if refused(err, http.StatusUnauthorized) {
			return nil, endOfRun{err}
		}
		if !mayPass(err) {
			return header, err
		}
		now := c.clock.Now()
		if since.IsZero() {
			since = now
		}
		pause := c.pause(n, err)
		if now.Add(pause).Sub(since) > c.retryFor || c.neverThere(err) {
			return header, c.giveUp(err, now)
		}
		c.trouble(err)
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// pause is how long to wait after n failures before this one.
func (c *client) pause(n int, err error) time.Duration {
	full := longestPause
	if n < 5 {
		full = firstPause << n
	}
	pause := full/2 + time.Duration(c.random()*float64(full/2))
	var r *refusal
	if errors.As(err, &r) && r.after > 0 {
		return r.after + pause/4
	}
	return pause
}

// neverThere tells a name that leads nowhere from a network that is down: the
// portal did not answer once.
func (c *client) neverThere(err error) bool {
	var dns *net.DNSError
	return c.contact.Load() == 0 && errors.As(err, &dns) && dns.IsNotFound
}

// giveUp ends the run when the portal answered nobody.
func (c *client) giveUp(err error, now time.Time) error {
	if last := c.contact.Load(); last != 0 && now.Sub(time.Unix(0, last)) < c.retryFor {
		return err
	}
	var r *refusal
	if errors.As(err, &r) {
		return endOfRun{err}
	}
	return endOfRun{fmt.Errorf("%s does not answer: %w", c.base, err)}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
