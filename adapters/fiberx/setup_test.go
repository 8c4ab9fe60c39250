package fiberx_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/adapters/system"
	"doorito/domain"
	"doorito/ports/usecase"
)

// signIn knows one session and one token.
type signIn struct {
	down bool
}

func (*signIn) SignIn(context.Context, usecase.SignInInput) (*usecase.SignedIn, error) {
	return nil, domain.Errorf(domain.Unauthenticated, "Wrong pair.")
}

func (*signIn) SecondStep(context.Context, string, string, usecase.SignInInput) (*usecase.SignedIn, error) {
	return nil, domain.Errorf(domain.Expired, "This sign-in took too long.")
}

func (*signIn) SignOut(context.Context, string) error { return nil }

const (
	goodSession = "session-of-ada"
	goodToken   = "dto_token-of-ada"
	goodCSRF    = "csrf-of-ada"
)

var ada = &domain.User{ID: uuid.MustParse("0190f0a0-0000-7000-8000-000000000001"), Email: "ada@example.com", Name: "Ada", Role: domain.RoleStaff, Active: true}

func (s *signIn) BySession(_ context.Context, id, _ string) (*usecase.SignedIn, error) {
	switch {
	case s.down:
		return nil, domain.Errorf(domain.Unavailable, "The database is down.")
	case id != goodSession:
		return nil, domain.Errorf(domain.Unauthenticated, "Sign in again.")
	}
	return &usecase.SignedIn{CSRF: goodCSRF, Actor: domain.UserActor(ada), User: ada}, nil
}

func (s *signIn) ByToken(_ context.Context, token string) (domain.Actor, error) {
	if token != goodToken {
		return domain.Actor{}, domain.Errorf(domain.Unauthenticated, "This token is unknown.")
	}
	return domain.TokenActor(ada, &domain.APIToken{ID: uuid.MustParse("0190f0a0-0000-7000-8000-000000000002"), Scopes: []domain.Scope{domain.ScopeUpload}}), nil
}

// logBuffer is a log that tests may read while the server writes.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// portal is an app that listens on loopback.
type portal struct {
	addr, url string
	log       *logBuffer
}

// start listens with the routes that add makes; change may alter the config.
func start(tb testing.TB, change func(*fiberx.Config), add func(app *fiber.App)) *portal {
	tb.Helper()
	p := &portal{log: &logBuffer{}}
	cfg := fiberx.Config{
		Logger: slog.New(slog.NewTextHandler(p.log, nil)), IDs: system.IDs{}, Clock: system.Clock{},
		SignIn: &signIn{}, BaseURL: "http://portal.example", IdleTimeout: 5 * time.Second,
	}
	if change != nil {
		change(&cfg)
	}
	app := fiberx.New(cfg)
	add(app)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p.addr, p.url = ln.Addr().String(), "http://"+ln.Addr().String()
	done := make(chan error, 1)
	go func() { done <- app.Listener(ln) }()
	tb.Cleanup(func() {
		if err := app.ShutdownWithTimeout(2 * time.Second); err != nil && err != context.DeadlineExceeded {
			tb.Error(err)
		}
		ln.Close() // for a test that ended before the server began to listen
		<-done
	})
	return p
}

// dial opens a connection that fails the test rather than hang.
func (p *portal) dial(tb testing.TB) net.Conn {
	tb.Helper()
	conn, err := net.Dial("tcp", p.addr)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		tb.Fatal(err)
	}
	return conn
}

// send writes raw bytes and returns everything until the server closes.
func (p *portal) send(tb testing.TB, raw string) string {
	tb.Helper()
	conn := p.dial(tb)
	if _, err := io.WriteString(conn, raw); err != nil {
		tb.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	if err != nil {
		tb.Fatalf("after %q: %v", all, err)
	}
	return string(all)
}

// do sends a request with headers given as "Name: value" and reads the answer.
func (p *portal) do(tb testing.TB, method, path string, body io.Reader, headers ...string) (*http.Response, string) {
	tb.Helper()
	req, err := http.NewRequest(method, p.url+path, body)
	if err != nil {
		tb.Fatal(err)
	}
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ": ")
		req.Header.Add(k, v)
	}
	tr := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	res, err := tr.RoundTrip(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return res, string(got)
}

// countBody is an upload handler that says how many bytes came.
func countBody(c *fiber.Ctx) error {
	r, size := fiberx.Body(c)
	n, err := io.Copy(io.Discard, r)
	if err != nil {
		return domain.WrapError(domain.Invalid, err, "Broke off after %d of %d bytes.", n, size)
	}
	return c.SendString(fmt.Sprint(n))
}

// eventually waits for a condition.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			tb.Fatalf("waited in vain: %s", what)
		}
	}
}
