package web_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/api"
	"doorito/adapters/fiberx"
	"doorito/adapters/memory"
	"doorito/adapters/system"
	"doorito/adapters/web"
	"doorito/adapters/web/apidoc"
	"doorito/domain"
)

// portal is the pages on a port of loopback.
type portal struct {
	url    string
	client *http.Client
	app    *fiber.App

	// handled orders what a handler did before what the test does when it has
	// the answer; a connection does not.
	handled atomic.Int64
}

// described is the API's document, read once.
var described = sync.OnceValues(func() (*apidoc.Doc, error) { return apidoc.Parse(api.Document()) })

// openPortal serves the world until the test ends.
func openPortal(tb testing.TB, w *world) *portal {
	tb.Helper()
	static, err := web.NewStatic(os.DirFS("../../static"))
	if err != nil {
		tb.Fatal(err)
	}
	clock := memory.NewClock(w.now)
	views, err := web.NewViews(os.DirFS("../../templates"), static, clock)
	if err != nil {
		tb.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	app := fiberx.New(fiberx.Config{
		Logger: log, IDs: system.IDs{}, Clock: clock, SignIn: w, Views: views, RenderError: web.RenderError, BaseURL: "http://portal.example",
	})
	p := &portal{app: app, client: &http.Client{
		Timeout:       20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	app.Use(func(c *fiber.Ctx) error {
		defer p.handled.Add(1)
		return c.Next()
	})
	keys, err := domain.NewKeyring("a key for tests that is long enough to be one")
	if err != nil {
		tb.Fatal(err)
	}
	doc, err := described()
	if err != nil {
		tb.Fatal(err)
	}
	web.Register(app, web.Deps{
		API: doc, Sealer: keys, Random: rand.Reader,
		SignIn: w, Uploads: w, Sessions: fakeSessions{world: w}, Files: fakeFiles{w}, Batches: fakeBatches{w}, Dashboard: fakeDashboard{w}, Endpoints: fakeEndpoints{w}, Keys: fakeEndpoints{w}, Filters: fakeEndpoints{w},
		Deliveries: fakeDeliveries{w}, Replays: fakeReplays{w}, Tokens: fakeTokens{w}, Users: fakeUsers{}, Accounts: fakeAccounts{w}, Audit: fakeHistory{w}, Schedules: fakeSchedules{w}, Profile: fakeProfile{w}, Factor: fakeFactor{w}, Invitations: fakeInvitations{w}, Overview: fakeOverview{w}, Search: fakeOverview{w}, Consumer: fakeKeeper{w}, Keeper: fakeKeeper{w}, Checks: fakeKeeper{w}, Labels: fakeKeeper{w}, Shares: fakeShares{w}, Shared: fakeShares{w}, Previews: fakePreviews{w}, Static: static, Clock: clock, Version: "test", BaseURL: "http://portal.example", Logger: log,
		Monitor: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "<html><body>the jobs</body></html>")
		}),
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- app.Listener(ln) }()
	p.url = "http://" + ln.Addr().String()
	tb.Cleanup(func() {
		p.client.CloseIdleConnections()
		if err := app.ShutdownWithTimeout(2 * time.Second); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			tb.Error(err)
		}
		<-done
	})
	return p
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
}

// do sends a request as the session, "" for nobody; edits change it first.
func (p *portal) do(tb testing.TB, method, path, session string, body io.Reader, edits ...func(*http.Request)) answer {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), method, p.url+path, body)
	if err != nil {
		tb.Fatal(err)
	}
	if session != "" {
		req.AddCookie(&http.Cookie{Name: "doorito_session", Value: session})
	}
	for _, edit := range edits {
		edit(req)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	p.handled.Load()
	return answer{resp, string(raw)}
}

func (p *portal) get(tb testing.TB, path, session string, edits ...func(*http.Request)) answer {
	tb.Helper()
	return p.do(tb, http.MethodGet, path, session, http.NoBody, edits...)
}

// post sends a form with the session's token.
func (p *portal) post(tb testing.TB, path, session string, form url.Values, edits ...func(*http.Request)) answer {
	tb.Helper()
	if form == nil {
		form = url.Values{}
	}
	if !form.Has("_csrf") {
		form.Set("_csrf", csrfToken)
	}
	typed := func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }
	return p.do(tb, http.MethodPost, path, session, strings.NewReader(form.Encode()), append([]func(*http.Request){typed}, edits...)...)
}

// once posts a form that makes something with a secret, and follows it to the
// page that shows it; again asks for that page as a reload does.
func (p *portal) once(tb testing.TB, path, session string, form url.Values) (shown answer, again func() answer) {
	tb.Helper()
	made := p.post(tb, path, session, form)
	to, cookies := made.Header.Get("Location"), made.Cookies()
	if made.StatusCode != http.StatusSeeOther || !strings.HasSuffix(to, "/created/") || len(cookies) != 1 {
		tb.Fatalf("%d to %q with %v", made.StatusCode, to, cookies)
	}
	if c := cookies[0]; c.Path != to || !c.HttpOnly || c.MaxAge > 60 || c.SameSite != http.SameSiteStrictMode {
		tb.Errorf("the cookie is %v", c)
	}
	shown = p.get(tb, to, session, func(r *http.Request) { r.AddCookie(cookies[0]) })
	if gone := shown.Cookies(); len(gone) != 1 || gone[0].Value != "" || gone[0].Path != to {
		tb.Errorf("the cookie stays: %v", gone)
	}
	return shown, func() answer { return p.get(tb, to, session) }
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}
