package api_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/api"
	"doorito/adapters/fiberx"
	"doorito/adapters/memory"
	"doorito/adapters/mimetype"
	"doorito/adapters/system"
	"doorito/app/stream"
	"doorito/domain"
	"doorito/e2e/openapi"
	"doorito/ports"
	"doorito/ports/usecase"
)

const (
	uploadToken = "dto_upload"
	readToken   = "dto_read"
	otherToken  = "dto_other" // of another person, all scopes
	session     = "session-of-ada"
	csrf        = "csrf-of-ada"
	maxSize     = 3 << 20
)

var (
	ada = &domain.User{ID: uuid.MustParse("0190f0a0-0000-7000-8000-000000000001"), Name: "Ada", Role: domain.RoleStaff, Active: true}
	bob = &domain.User{ID: uuid.MustParse("0190f0a0-0000-7000-8000-000000000002"), Name: "Bob", Role: domain.RoleStaff, Active: true}
)

// people signs in.
type people struct{}

func (people) SignIn(context.Context, usecase.SignInInput) (*usecase.SignedIn, error) {
	return nil, domain.Errorf(domain.Quota, "Too many tries. Wait 30 seconds.")
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
	all := map[string]struct {
		user   *domain.User
		scopes []domain.Scope
	}{
		uploadToken: {ada, []domain.Scope{domain.ScopeUpload}}, readToken: {ada, []domain.Scope{domain.ScopeRead}},
		otherToken: {bob, []domain.Scope{domain.ScopeUpload, domain.ScopeRead}},
	}
	t, ok := all[token]
	if !ok {
		return domain.Actor{}, domain.Errorf(domain.Unauthenticated, "This token is unknown or has ended.")
	}
	return domain.TokenActor(t.user, &domain.APIToken{ID: t.user.ID, Scopes: t.scopes}), nil
}

// world stands in for the use cases: rows in memory, the real stream.
type world struct {
	mu      sync.Mutex
	files   map[uuid.UUID]*domain.File
	batches map[uuid.UUID]*domain.Batch
	blobs   *memory.Blobs
	policy  domain.UploadPolicy
	down    error // what every upload answers, when set
}

func newWorld() *world {
	return &world{files: map[uuid.UUID]*domain.File{}, batches: map[uuid.UUID]*domain.Batch{}, blobs: memory.NewBlobs(system.Clock{}), policy: domain.UploadPolicy{MaxSize: maxSize, TTL: time.Hour}}
}

func (w *world) Usage(_ context.Context, a domain.Actor) (domain.Usage, error) {
	return domain.Usage{Used: 3_200_000_000, Quota: a.Allowance.Quota}, nil
}

func (w *world) Policy(domain.Actor) domain.UploadPolicy { return w.policy }

func (w *world) Upload(ctx context.Context, a domain.Actor, in usecase.UploadInput) (*domain.File, error) {
	if err := a.Require(domain.ScopeUpload); err != nil {
		return nil, err
	}
	if w.down != nil {
		return nil, w.down
	}
	name, err := domain.CleanFilename(in.Name)
	if err != nil {
		return nil, err
	}
	if err := w.policy.CheckSize(in.Size); err != nil {
		return nil, err
	}
	if in.BatchID != nil {
		if err := w.join(a, *in.BatchID); err != nil {
			return nil, err
		}
	}
	f := domain.NewFile(system.IDs{}.New(), name, &a.UserID, in.BatchID, system.Clock{}.Now())
	f.Metadata = in.Metadata
	return f, w.receive(ctx, f, in)
}

// UploadOnce forgets its keys: what they do is tested with the real use case.
func (w *world) UploadOnce(ctx context.Context, a domain.Actor, in usecase.UploadInput, _ string) (*domain.File, bool, error) {
	f, err := w.Upload(ctx, a, in)
	return f, false, err
}

func (w *world) join(a domain.Actor, id uuid.UUID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.batches[id]
	if b == nil || !a.Sees(b.CreatedBy) {
		return domain.Errorf(domain.NotFound, "There is no such batch.")
	}
	return b.Accept(system.Clock{}.Now())
}

func (w *world) receive(ctx context.Context, f *domain.File, in usecase.UploadInput) error {
	dst, err := w.blobs.Create(ctx, f.StorageKey, in.Size)
	if err != nil {
		return err
	}
	kind := ""
	res, err := stream.Copy(ctx, dst, in.Body, stream.Options{Limit: maxSize, Head: func(head []byte) error {
		sniffed, byName := mimetype.NewSniffer().Sniff(head), mimetype.NewSniffer().ByName(f.OriginalFilename)
		kind = domain.ContentType(sniffed, byName)
		return w.policy.CheckType(f.OriginalFilename, sniffed, byName)
	}})
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = domain.FieldErrorf("body", "The connection broke after %s.", domain.FormatBytes(res.Size))
	}
	if err != nil {
		return errors.Join(err, dst.Abort(ctx))
	}
	if err := dst.Commit(ctx); err != nil {
		return err
	}
	if _, err := f.Store(res.Size, res.SHA256, kind, time.Hour, system.Clock{}.Now()); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files[f.ID] = f
	return nil
}

func (w *world) CreateBatch(_ context.Context, a domain.Actor, label, key string) (*domain.Batch, bool, error) {
	if err := a.Require(domain.ScopeUpload); err != nil {
		return nil, false, err
	}
	if err := domain.CheckIdempotencyKey(key); err != nil {
		return nil, false, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.batches {
		if key != "" && b.IdempotencyKey == key {
			return b, false, nil
		}
	}
	b, err := domain.NewBatch(system.IDs{}.New(), label, key, &a.UserID, system.Clock{}.Now())
	if err == nil {
		w.batches[b.ID] = b
	}
	return b, err == nil, err
}

func (w *world) FinaliseBatch(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Batch, error) {
	b, err := batches{w}.Find(ctx, a, id)
	if err == nil {
		b.Seal(system.Clock{}.Now())
	}
	return b, err
}

// batches and files are the world's other faces.
type (
	batches struct{ w *world }
	files   struct{ w *world }
)

func (b batches) Find(_ context.Context, a domain.Actor, id uuid.UUID) (*domain.Batch, error) {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	if found := b.w.batches[id]; found != nil && a.Sees(found.CreatedBy) {
		return found, nil
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such batch.")
}

func (batches) List(context.Context, domain.Actor, ports.ListQuery) (ports.Page[*domain.Batch], error) {
	return ports.Page[*domain.Batch]{}, nil
}

func (f files) Find(_ context.Context, a domain.Actor, id uuid.UUID) (*domain.File, error) {
	if !a.IsKnown() {
		return nil, domain.Errorf(domain.Unauthenticated, "Sign in first.")
	}
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	if found := f.w.files[id]; found != nil && a.Sees(found.UploadedBy) {
		return found, nil
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such file.")
}

func (f files) Download(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.Download, error) {
	found, err := f.Find(ctx, a, id)
	if err == nil {
		err = a.Require(domain.ScopeRead)
	}
	if err != nil {
		return nil, err
	}
	return &usecase.Download{File: found, Open: func(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
		return f.w.blobs.Open(ctx, found.StorageKey, offset, length)
	}}, nil
}

func (f files) ByLink(ctx context.Context, token string) (*usecase.Download, error) {
	id, err := uuid.Parse(strings.TrimPrefix(token, "signed-"))
	if err != nil {
		return nil, domain.Errorf(domain.Expired, "This link has ended.")
	}
	return f.Download(ctx, domain.System(), id)
}

func (files) Link(_ domain.Actor, f *domain.File) string {
	return "http://portal.example/d/signed-" + f.ID.String()
}
func (files) List(context.Context, domain.Actor, ports.ListQuery) (ports.Page[*domain.File], error) {
	return ports.Page[*domain.File]{}, nil
}
func (files) Detail(context.Context, domain.Actor, uuid.UUID) (*usecase.FileDetail, error) {
	return nil, nil
}
func (files) Delete(context.Context, domain.Actor, []uuid.UUID) (int, error) { return 0, nil }

// start listens with the whole API; change may alter what it is made of.
func start(tb testing.TB, w *world, change func(*fiberx.Config, *api.Deps)) (url string, app *fiber.App) {
	tb.Helper()
	log := slog.New(slog.DiscardHandler)
	cfg := fiberx.Config{Logger: log, IDs: system.IDs{}, Clock: system.Clock{}, SignIn: people{}, BaseURL: "http://portal.example", IdleTimeout: 5 * time.Second, UploadLimit: maxSize}
	deps := api.Deps{Uploads: w, Once: w, Clock: system.Clock{}, Files: files{w}, Batches: batches{w}, Logger: log, Ready: func(context.Context) map[string]error { return map[string]error{"database": nil} }}
	if change != nil {
		change(&cfg, &deps)
	}
	app = fiberx.New(cfg)
	api.Register(app, deps)
	return serve(tb, app), app
}

// serve listens until the test's end.
func serve(tb testing.TB, app *fiber.App) (url string) {
	tb.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- app.Listener(ln) }()
	tb.Cleanup(func() {
		if err := app.ShutdownWithTimeout(2 * time.Second); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			tb.Error(err)
		}
		ln.Close() // for a test that ended before the server began to listen
		<-done
	})
	return "http://" + ln.Addr().String()
}

// do sends a request with headers given as "Name: value".
func do(tb testing.TB, method, url string, body io.Reader, headers ...string) (*http.Response, string) {
	tb.Helper()
	req, err := http.NewRequest(method, url, body)
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
	openapi.Check(tb, method, url, res, got)
	return res, string(got)
}

func bearer(token string) string { return "Authorization: Bearer " + token }

// names of the stored files, sorted.
func (w *world) names() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, f := range w.files {
		out = append(out, f.OriginalFilename)
	}
	slices.Sort(out)
	return out
}
