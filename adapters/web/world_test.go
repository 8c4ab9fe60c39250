package web_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// world is every use case at once, with rows that tests put in.
type world struct {
	mu         sync.Mutex // pages are asked for side by side; guards what is noted
	now        time.Time
	files      []*domain.File
	batches    []*domain.Batch
	endpoints  []usecase.EndpointHealth
	deliveries []*domain.Delivery
	events     []*domain.Event
	replays    []*domain.Replay
	attempts   []*domain.Attempt
	asked      []ports.ListQuery // what lists were asked for
	deleted    []uuid.UUID
	uploads    []usecase.UploadInput
	received   []string // bodies, in the order of uploads
	failUpload error
	held       bool
	listFiles  func(q ports.ListQuery) (ports.Page[*domain.File], error) // in place of files
	tokens     []*domain.APIToken
	tokenUser  *domain.User
	made       []usecase.TokenInput
	revoked    []uuid.UUID
	sessions   []*domain.UploadSession
	hashed     int64                // bytes, of each of them
	parts      []*domain.UploadPart // of those that come in parts
	discarded  []uuid.UUID
	check      *domain.FileCheck
	governed   []string // what was done to accounts
	shared     []usecase.ShareInput
	manyPeople bool // the list of users has a second page
}

const (
	adminSession = "session-of-ines"
	staffSession = "session-of-priya"
	csrfToken    = "the-csrf-token"
	secretText   = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

var (
	ines  = &domain.User{ID: uuid.MustParse("0190f0a0-0000-7000-8000-000000000001"), Email: "ines@halden.example", Name: "Ines Ferrante", Role: domain.RoleAdmin, Active: true}
	priya = &domain.User{ID: uuid.MustParse("0190f0a0-0000-7000-8000-000000000002"), Email: "priya@halden.example", Name: "Priya Raman", Role: domain.RoleStaff, Active: true, Allowance: domain.Allowance{Quota: 10_000_000_000, Types: []string{"application/pdf", "image/*"}}}
)

// id makes an id that is the same in every run.
func id(n int) uuid.UUID {
	u := uuid.MustParse("0190f0a0-0000-7000-8000-000000000000")
	u[14], u[15] = byte(n>>8), byte(n)
	return u
}

func ptr[T any](v T) *T { return &v }

// SignIn.

func (w *world) SignIn(_ context.Context, in usecase.SignInInput) (*usecase.SignedIn, error) {
	if in.Email == ines.Email && in.Password == "right password" {
		return &usecase.SignedIn{SessionID: adminSession, CSRF: csrfToken, Actor: domain.UserActor(ines), User: ines, Session: &domain.WebSession{}}, nil
	}
	if in.Email == priya.Email && in.Password == "right password" {
		return &usecase.SignedIn{Ticket: "the-ticket"}, nil
	}
	return nil, domain.Errorf(domain.Unauthenticated, "That email and password do not match. 4 tries left.")
}

// SecondStep knows one ticket and one code.
func (w *world) SecondStep(_ context.Context, ticket, code string, _ usecase.SignInInput) (*usecase.SignedIn, error) {
	switch {
	case ticket != "the-ticket":
		return nil, domain.Errorf(domain.Expired, "This sign-in took too long.")
	case code != "123456":
		return nil, domain.FieldErrorf("code", "That code is wrong. 4 tries left.")
	}
	return &usecase.SignedIn{SessionID: adminSession, CSRF: csrfToken, Actor: domain.UserActor(ines), User: ines, Session: &domain.WebSession{}}, nil
}

func (w *world) SignOut(context.Context, string) error { return nil }

func (w *world) BySession(_ context.Context, id, _ string) (*usecase.SignedIn, error) {
	for session, u := range map[string]*domain.User{adminSession: ines, staffSession: priya} {
		if id == session {
			return &usecase.SignedIn{CSRF: csrfToken, Actor: domain.UserActor(u), User: u}, nil
		}
	}
	return nil, domain.Errorf(domain.Unauthenticated, "Sign in again.")
}

func (w *world) ByToken(context.Context, string) (domain.Actor, error) {
	return domain.Actor{}, domain.Errorf(domain.Unauthenticated, "This token is unknown.")
}

// Uploads.

func (w *world) Upload(_ context.Context, a domain.Actor, in usecase.UploadInput) (*domain.File, error) {
	if strings.HasSuffix(in.Name, ".exe") {
		return nil, domain.Errorf(domain.UnsupportedType, "Files of type application/x-msdownload are not accepted here.")
	}
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	w.uploads, w.received = append(w.uploads, in), append(w.received, string(body))
	if w.failUpload != nil {
		return nil, w.failUpload
	}
	f := domain.NewFile(id(900+len(w.uploads)), in.Name, &a.UserID, in.BatchID, w.now)
	_, err = f.Store(int64(len(body)), strings.Repeat("ab", 32), "text/plain", time.Hour, w.now)
	return f, err
}

func (w *world) Usage(_ context.Context, a domain.Actor) (domain.Usage, error) {
	return domain.Usage{Used: 3_200_000_000, Quota: a.Allowance.Quota}, nil
}

func (w *world) Policy(domain.Actor) domain.UploadPolicy {
	return domain.UploadPolicy{MaxSize: 5 << 30, TTL: 24 * time.Hour}
}

func (w *world) CreateBatch(_ context.Context, a domain.Actor, label, key string) (*domain.Batch, bool, error) {
	b, err := domain.NewBatch(id(800), label, key, &a.UserID, w.now)
	return b, true, err
}

func (w *world) FinaliseBatch(_ context.Context, _ domain.Actor, id uuid.UUID) (*domain.Batch, error) {
	return &domain.Batch{ID: id, Status: domain.BatchComplete, SealedAt: &w.now, Counts: domain.BatchCounts{Files: 2, Stored: 2}}, nil
}

// files is Files; batches, endpoints and deliveries share method names, so each
// is a type of its own.
type (
	fakeSessions struct {
		usecase.Sessions // what no page uses
		world            *world
	}
	fakeFiles      struct{ *world }
	fakeBatches    struct{ *world }
	fakeDashboard  struct{ *world }
	fakeEndpoints  struct{ *world }
	fakeDeliveries struct{ *world }
	fakeTokens     struct{ *world }
	fakeUsers      struct{}
)

func pageOf[T any](w *world, q ports.ListQuery, items []T) ports.Page[T] {
	w.mu.Lock()
	w.asked = append(w.asked, q)
	w.mu.Unlock()
	p := ports.Page[T]{Items: items, Total: len(items)}
	if q.Limit > 0 && len(items) > q.Limit {
		p.Items, p.Older = items[:q.Limit], true
	}
	if len(items) > 0 && (q.After != nil || q.Before != nil) {
		p.Newer, p.Older = true, true
	}
	return p
}

func (s fakeSessions) List(_ context.Context, _ domain.Actor, q ports.ListQuery) (ports.Page[*usecase.SessionDetail], error) {
	var all []*usecase.SessionDetail
	for _, row := range s.world.sessions {
		for _, f := range s.world.files {
			if f.ID == *row.FileID && (q.Filters["file"] == nil || slices.Contains(q.Filters["file"], f.ID.String())) {
				all = append(all, &usecase.SessionDetail{Session: row, File: f, Hashed: s.world.hashed})
			}
		}
	}
	return pageOf(s.world, q, all), nil
}

func (s fakeSessions) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.SessionDetail, error) {
	page, err := s.List(ctx, a, ports.ListQuery{})
	for _, d := range page.Items {
		if d.Session.ID == id {
			if d.Session.Mode == domain.ModeParts {
				d.Parts = s.world.parts
			}
			return d, err
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such upload.")
}

func (s fakeSessions) Abort(_ context.Context, _ domain.Actor, id uuid.UUID) error {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	s.world.discarded = append(s.world.discarded, id)
	return nil
}

func (f fakeFiles) Find(_ context.Context, _ domain.Actor, id uuid.UUID) (*domain.File, error) {
	for _, file := range f.files {
		if file.ID == id {
			return file, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such file.")
}

func (f fakeFiles) List(_ context.Context, _ domain.Actor, q ports.ListQuery) (ports.Page[*domain.File], error) {
	if f.listFiles != nil {
		return f.listFiles(q)
	}
	return pageOf(f.world, q, f.files), nil
}

func (f fakeFiles) Detail(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.FileDetail, error) {
	file, err := f.Find(ctx, a, id)
	if err != nil {
		return nil, err
	}
	d := &usecase.FileDetail{File: file, Link: f.Link(domain.Actor{}, file), Events: f.events, Held: f.held}
	if f.held {
		file.ExpiresAt = ptr(f.now.Add(-time.Hour))
	}
	if a.IsAdmin() {
		d.Deliveries = f.deliveries
	}
	if len(f.batches) > 0 {
		d.Batch = f.batches[0]
	}
	d.History = []*domain.AuditEntry{domain.NewAuditEntry(id, a, "file.deleted", "file", id, nil, f.now)}
	return d, nil
}

func (f fakeFiles) Link(_ domain.Actor, file *domain.File) string {
	return "http://portal.example/d/token-of-" + file.ID.String()
}

func (f fakeFiles) Download(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.Download, error) {
	file, err := f.Find(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return &usecase.Download{File: file, Open: func(_ context.Context, offset, length int64) (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(bytes.NewReader(make([]byte, file.SizeBytes)), length)), nil
	}}, nil
}

func (f fakeFiles) ByLink(context.Context, string) (*usecase.Download, error) { return nil, nil }

func (f fakeFiles) Delete(_ context.Context, _ domain.Actor, ids []uuid.UUID) (int, error) {
	f.deleted = append(f.world.deleted, ids...)
	f.world.deleted = f.deleted
	return len(ids), nil
}

func (b fakeBatches) Find(_ context.Context, _ domain.Actor, id uuid.UUID) (*domain.Batch, error) {
	for _, batch := range b.batches {
		if batch.ID == id {
			return batch, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such batch.")
}

func (b fakeBatches) List(_ context.Context, _ domain.Actor, q ports.ListQuery) (ports.Page[*domain.Batch], error) {
	return pageOf(b.world, q, b.batches), nil
}

func (fakeUsers) List(context.Context, domain.Actor) ([]*domain.User, error) {
	return []*domain.User{ines, priya}, nil
}
