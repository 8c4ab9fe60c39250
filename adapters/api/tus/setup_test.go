package tus_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/api/tus"
	"doorito/adapters/fiberx"
	"doorito/adapters/memory"
	"doorito/adapters/system"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports/usecase"
)

const (
	adaToken  = "dto_ada"
	readToken = "dto_ada_reads"
	bobToken  = "dto_bob"
	session   = "session-of-ada"
	csrf      = "csrf-of-ada"
	maxSize   = 3 << 20
	friend    = "https://app.example.com"
)

var (
	ada   = &domain.User{ID: uuid.MustParse("0190f0a0-0000-7000-8000-000000000001"), Name: "Ada", Role: domain.RoleStaff, Active: true}
	bob   = &domain.User{ID: uuid.MustParse("0190f0a0-0000-7000-8000-000000000002"), Name: "Bob", Role: domain.RoleStaff, Active: true}
	start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
)

// people signs in.
type people struct{}

func (people) SignIn(context.Context, usecase.SignInInput) (*usecase.SignedIn, error) {
	return nil, domain.Errorf(domain.Unauthenticated, "Wrong pair.")
}
func (people) SecondStep(context.Context, string, string, usecase.SignInInput) (*usecase.SignedIn, error) {
	return nil, domain.Errorf(domain.Expired, "This sign-in took too long.")
}

func (people) SignOut(context.Context, string) error { return nil }

func (people) BySession(_ context.Context, id, _ string) (*usecase.SignedIn, error) {
	if id != session {
		return nil, domain.Errorf(domain.Unauthenticated, "Sign in again.")
	}
	return &usecase.SignedIn{CSRF: csrf, Actor: domain.UserActor(ada), User: ada}, nil
}

func (people) ByToken(_ context.Context, token string) (domain.Actor, error) {
	user, scope := ada, domain.ScopeUpload
	switch token {
	case adaToken:
	case readToken:
		scope = domain.ScopeRead
	case bobToken:
		user = bob
	default:
		return domain.Actor{}, domain.Errorf(domain.Unauthenticated, "This token is unknown or has ended.")
	}
	return domain.TokenActor(user, &domain.APIToken{ID: user.ID, Scopes: []domain.Scope{scope}}), nil
}

// portal is an app with tus alone that listens on loopback.
type portal struct {
	url, addr string
	sessions  *sessions    // where it stands in for the use case
	world     *world.World // where the use cases are the real ones
	clock     *memory.Clock
}

func newPortal(tb testing.TB, change ...func(*fiberx.Config, *tus.Deps)) *portal {
	tb.Helper()
	clock := memory.NewClock(start)
	p := &portal{sessions: newSessions(clock), clock: clock}
	p.listen(tb, tus.Deps{Sessions: p.sessions, Together: p.sessions, Files: p.sessions, Clock: clock, MaxSize: maxSize, CORSOrigins: []string{friend}}, change...)
	return p
}

// listen serves tus over these use cases until the test ends.
func (p *portal) listen(tb testing.TB, deps tus.Deps, change ...func(*fiberx.Config, *tus.Deps)) {
	tb.Helper()
	cfg := fiberx.Config{
		Logger: slog.New(slog.DiscardHandler), IDs: system.IDs{}, Clock: deps.Clock, SignIn: people{}, BaseURL: "http://portal.example",
		IdleTimeout: 5 * time.Second, UploadLimit: maxSize,
	}
	for _, f := range change {
		f(&cfg, &deps)
	}
	cfg.Headers = tus.Headers(deps.CORSOrigins)
	app := fiberx.New(cfg)
	tus.Register(app, deps)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p.addr, p.url = ln.Addr().String(), "http://"+ln.Addr().String()
	done := make(chan error, 1)
	go func() { done <- app.Listener(ln) }()
	tb.Cleanup(func() {
		if err := app.ShutdownWithTimeout(2 * time.Second); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			tb.Error(err)
		}
		ln.Close() // for a test that ended before the server began to listen
		<-done
	})
}

// answer is a response read whole.
type answer struct {
	status int
	header http.Header
	body   string
}

// raw sends a request with headers given as "Name: value" and nothing else.
func (p *portal) raw(tb testing.TB, method, path string, body io.Reader, headers ...string) answer {
	tb.Helper()
	req, err := http.NewRequest(method, p.url+path, body)
	if err != nil {
		tb.Fatal(err)
	}
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ": ")
		if k == "Trailer" {
			req.Trailer = http.Header{"Upload-Checksum": {v}}
			req.ContentLength = -1
			continue
		}
		req.Header.Add(k, v)
	}
	res, err := (&http.Transport{DisableKeepAlives: true, DisableCompression: true}).RoundTrip(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(got)}
}

// do sends as ada and in our version.
func (p *portal) do(tb testing.TB, method, path, body string, headers ...string) answer {
	tb.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	return p.raw(tb, method, path, r, append(headers, "Tus-Resumable: 1.0.0", "Authorization: Bearer "+adaToken)...)
}

// create makes an upload and returns its path.
func (p *portal) create(tb testing.TB, headers ...string) string {
	tb.Helper()
	a := p.do(tb, "POST", "/files/", "", headers...)
	a.want(tb, 201)
	return a.header.Get("Location")
}

// patch sends bytes at an offset.
func (p *portal) patch(tb testing.TB, path, offset, body string, headers ...string) answer {
	tb.Helper()
	return p.do(tb, "PATCH", path, body, append(headers, "Content-Type: application/offset+octet-stream", "Upload-Offset: "+offset)...)
}

// head asks for the upload's state.
func (p *portal) head(tb testing.TB, path string) answer {
	tb.Helper()
	return p.do(tb, "HEAD", path, "")
}

// want checks status and headers, given as "Name: value"; an empty value is a
// header that is not there.
func (a answer) want(tb testing.TB, status int, headers ...string) {
	tb.Helper()
	if a.status != status {
		tb.Fatalf("status %d, not %d: %v %s", a.status, status, a.header, a.body)
	}
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ":")
		v = strings.TrimSpace(v)
		if got := a.header.Values(k); strings.Join(got, "|") != v || (v == "" && len(got) > 0) {
			tb.Errorf("%s is %q, not %q", k, got, v)
		}
	}
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
