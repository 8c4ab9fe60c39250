package upload

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"doorito/ports"
)

const (
	// silence is when a connection that takes no byte of a body is given up.
	silence = 60 * time.Second
	// answerWait is how long an answer may take; assembling a large file at its
	// completion takes longest, and asking again joins what is under way.
	answerWait = 10 * time.Minute
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 16 << 20
)

// client speaks the portal's JSON API.
type client struct {
	base     *url.URL
	token    string
	agent    string
	http     *http.Client
	clock    ports.Clock
	retryFor time.Duration
	contact  atomic.Int64 // when the portal last answered sensibly, in Unix nanoseconds
	// trouble is told of every failed try that will be repeated, and of nil
	// once the portal answers again.
	trouble func(err error)
	random  func() float64 // from 0 to 1
}

// newClient does not follow redirects:
// the token is for this address alone. HTTP/1.1, since parts on one HTTP/2
// connection share its fate and window.
func newClient(base *url.URL, o *Options) *client {
	return &client{
		base: base, token: o.Token, agent: "doorito/" + o.Version, clock: o.Clock, retryFor: o.RetryFor,
		trouble: func(error) {}, random: o.Random,
		http: &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
				MaxIdleConnsPerHost: 2 * o.Parallel, IdleConnTimeout: 50 * time.Second,
				TLSHandshakeTimeout: 10 * time.Second, WriteBufferSize: 64 << 10, Protocols: http1(),
			},
		},
	}
}

func http1() *http.Protocols {
	p := &http.Protocols{}
	p.SetHTTP1(true)
	return p
}

// call is one request. A body is made anew for each try.
type call struct {
	method, path string
	query        url.Values
	key          string // Idempotency-Key
	json         any
	body         func() io.Reader
	size         int64  // of body; -1 when unknown
	undo         func() // after a try that failed; nil for none
	out          any    // the answer, decoded
}

// refusal is an answer that is no success.
type refusal struct {
	status int
	after  time.Duration // Retry-After
	Code   string        `json:"code"`
	Field  string        `json:"field"`
	Detail string        `json:"detail"`
}

func (r *refusal) Error() string { return r.Detail }

func refused(err error, status int) bool {
	var r *refusal
	return errors.As(err, &r) && r.status == status
}

// try sends the request once. header is the answer's.
func (c *client) try(ctx context.Context, in call) (header http.Header, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(answerWait, func() { cancel(errSilent) })
	defer watch.Stop()
	req, err := c.request(ctx, in, watch)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, unreachable(ctx, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, unreachable(ctx, err)
	}
	if res.StatusCode >= 300 {
		return res.Header, c.refusal(res, text)
	}
	c.contact.Store(c.clock.Now().UnixNano())
	if in.out == nil {
		return res.Header, nil
	}
	if err := json.Unmarshal(text, in.out); err != nil {
		return res.Header, &refusal{status: res.StatusCode, Detail: fmt.Sprintf("%s answers, but not as a portal does. Check --url.", c.base)}
	}
	return res.Header, nil
}

var errSilent = errors.New("the connection went silent")

func (c *client) request(ctx context.Context, in call, watch *time.Timer) (*http.Request, error) {
	var body io.Reader
	size := in.size
	switch {
	case in.body != nil:
		body = &watched{in.body(), watch}
		watch.Reset(silence)
	case in.json != nil:
		text, err := json.Marshal(in.json)
		if err != nil {
			return nil, err
		}
		body, size = bytes.NewReader(text), int64(len(text))
	}
	at := c.base.JoinPath(in.path)
	at.RawQuery = in.query.Encode()
	req, err := http.NewRequestWithContext(ctx, in.method, at.String(), body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.ContentLength = size
		if size == 0 {
			req.Body = http.NoBody
		}
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("Accept", "application/json, application/problem+json")
	switch {
	case in.json != nil:
		req.Header.Set("Content-Type", "application/json")
	case in.body != nil:
		req.Header.Set("Content-Type", "application/octet-stream")
	}
	if in.key != "" {
		req.Header.Set("Idempotency-Key", in.key)
	}
	return req, nil
}

// watched puts the watch off for as long as the body moves.
type watched struct {
	io.Reader
	watch *time.Timer
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err == nil {
		w.watch.Reset(silence)
	} else {
		w.watch.Reset(answerWait)
	}
	return n, err
}

// refusal reads an answer that is no success. Whoever answered without problem
// JSON was not the portal, but something in front of it.
func (c *client) refusal(res *http.Response, text []byte) error {
	r := &refusal{}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if kind != "application/problem+json" || json.Unmarshal(text, r) != nil || r.Detail == "" {
		*r = refusal{Detail: fmt.Sprintf("%s answers %s, but not as a portal does. Check --url and what stands in front of the portal.", c.base, res.Status)}
		if to := res.Header.Get("Location"); to != "" && res.StatusCode < 400 {
			r.Detail = fmt.Sprintf("%s sends on to %s. Give the address that it really has as --url.", c.base, printable(to))
		}
	}
	r.status = res.StatusCode
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 {
		r.after = time.Duration(s) * time.Second
	}
	if res.StatusCode < 500 {
		c.contact.Store(c.clock.Now().UnixNano())
	}
	return r
}

// networkError is a request that got no answer.
type networkError struct{ error }

// Unwrap returns what the network said.
func (n networkError) Unwrap() error { return n.error }

// unreachable drops the words that repeat the address, and tells silence by
// its name.
func unreachable(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the connection broke")
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		err = sys.Err
	}
	return networkError{err}
}
