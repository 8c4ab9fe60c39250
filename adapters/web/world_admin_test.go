package web_test

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// fakeAccounts knows two people; what is done to them is noted as words.
type fakeAccounts struct{ *world }

func (f fakeAccounts) people() []*domain.User {
	i, p := *ines, *priya
	i.CreatedAt, p.CreatedAt, i.UpdatedAt, p.UpdatedAt = noon.Add(-time.Hour), noon.Add(-2*time.Hour), noon, noon
	return []*domain.User{&i, &p}
}

func (f fakeAccounts) note(word string, ids ...uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		word += " " + id.String()
	}
	f.world.governed = append(f.world.governed, word)
}

func (f fakeAccounts) List(_ context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.User], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.User]{}, err
	}
	p := pageOf(f.world, q, f.people())
	p.Older = f.manyPeople && q.After == nil
	return p, nil
}

func (f fakeAccounts) Tally(_ context.Context, _ domain.Actor, _ ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	t := ports.Tally{Filters: map[string]map[string]int{"role": {"admin": 1, "staff": 1}, "active": {"true": 2}}}
	t.Spans = make([]int, len(by.Bounds)-1)
	t.Spans[len(t.Spans)-1] = 2
	return t, nil
}

func (f fakeAccounts) Find(_ context.Context, a domain.Actor, id uuid.UUID) (*usecase.AccountDetail, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	for _, u := range f.people() {
		if u.ID == id {
			d := &usecase.AccountDetail{User: u, Usage: domain.Usage{Used: 3_200_000_000, Quota: u.Allowance.Quota}, Sessions: []*domain.WebSession{{ID: id, UserAgent: hostile, IP: "192.0.2.1", LastSeenAt: noon, ExpiresAt: noon.Add(time.Hour)}}}
			d.Tokens = pageOf(f.world, ports.ListQuery{}, f.tokens)
			d.Files, d.Batches = pageOf(f.world, ports.ListQuery{}, f.files), pageOf(f.world, ports.ListQuery{}, f.batches)
			return d, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such user.")
}

func (f fakeAccounts) Add(_ context.Context, _ domain.Actor, form domain.UserForm, password string) (*domain.User, string, error) {
	u, err := domain.NewUser(id(990), form.Email, form.Name, form.Role, noon)
	if err != nil {
		return nil, "", err
	}
	f.note("added " + u.Email)
	if password == "" {
		return priya, "made-password", nil
	}
	return priya, "", nil
}

func (f fakeAccounts) Change(_ context.Context, _ domain.Actor, id uuid.UUID, form domain.UserForm, seen time.Time) (*domain.User, error) {
	u := *priya
	if _, err := u.Change(form, noon); err != nil {
		return nil, err
	}
	if !seen.Equal(noon) {
		return nil, domain.Errorf(domain.Conflict, "Somebody else changed this account since you opened it.")
	}
	f.note("changed to "+u.Name+" "+string(u.Role), id)
	return &u, nil
}

func (f fakeAccounts) Switch(_ context.Context, _ domain.Actor, ids []uuid.UUID, on bool) (int, error) {
	f.note(map[bool]string{true: "on", false: "off"}[on], ids...)
	return len(ids), nil
}

func (f fakeAccounts) EndAccess(_ context.Context, _ domain.Actor, ids []uuid.UUID) (usecase.AccessEnded, error) {
	f.note("ended", ids...)
	return usecase.AccessEnded{Sessions: 1, Tokens: 2}, nil
}

func (f fakeAccounts) ResetPassword(_ context.Context, _ domain.Actor, id uuid.UUID) (string, error) {
	f.note("password", id)
	return "made-password", nil
}

func (f fakeAccounts) Delete(_ context.Context, _ domain.Actor, ids []uuid.UUID) (int, error) {
	f.note("deleted", ids...)
	return len(ids), nil
}

// fakeOverview counts nothing but what it is asked for.
type fakeOverview struct{ *world }

func (f fakeOverview) Tally(_ context.Context, a domain.Actor, of usecase.Kind, _ ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	t := ports.Tally{Filters: map[string]map[string]int{}, Spans: make([]int, len(by.Bounds)-1)}
	for _, key := range by.Filters {
		t.Filters[key] = map[string]int{"failed": 7, "stored": 1_204, "in_progress": 3}
	}
	return t, a.RequireAdmin()
}

func (f fakeOverview) ListAttempts(_ context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Attempt], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.Attempt]{}, err
	}
	return pageOf(f.world, q, f.attempts), nil
}

func (f fakeOverview) ListParts(_ context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.UploadPart], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.UploadPart]{}, err
	}
	return pageOf(f.world, q, f.parts), nil
}

func (f fakeOverview) ListEndpoints(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Endpoint], error) {
	var out ports.Page[*domain.Endpoint]
	page, err := fakeEndpoints(f).List(ctx, a, q)
	for _, e := range page.Items {
		out.Items = append(out.Items, e.Endpoint)
	}
	return out, err
}

func (f fakeOverview) FindAll(ctx context.Context, a domain.Actor, words string) ([]usecase.Found, error) {
	out, err := f.Find(ctx, a, words)
	if err == nil && a.IsAdmin() && len(f.events) > 0 {
		out = append(out, usecase.Found{Kind: usecase.KindEvents, ID: f.events[0].ID, Title: "file.stored", State: string(f.events[0].Status), At: noon}, usecase.Found{Kind: usecase.KindDeliveries, ID: f.deliveries[0].ID, Title: "file.stored: a", State: "pending", At: noon})
	}
	return out, err
}

func (f fakeOverview) Find(_ context.Context, a domain.Actor, words string) ([]usecase.Found, error) {
	if words == "" {
		return nil, nil
	}
	var out []usecase.Found
	for _, file := range f.files[:min(2, len(f.files))] {
		out = append(out, usecase.Found{Kind: usecase.KindFiles, ID: file.ID, Title: file.OriginalFilename, State: string(file.Status)})
	}
	if a.IsAdmin() {
		out = append(out, usecase.Found{Kind: usecase.KindBatches, ID: id(100), State: "init", At: noon}, usecase.Found{Kind: usecase.KindUsers, ID: priya.ID, Title: priya.Name, State: "active"})
	}
	return out, nil
}

// fakeKeeper notes what is done to files and batches.
type fakeKeeper struct{ *world }

func (f fakeKeeper) do(what string, id uuid.UUID) (*domain.File, error) {
	fakeAccounts(f).note(what, id)
	return fakeFiles(f).Find(context.Background(), domain.System(), id)
}

func (f fakeKeeper) Process(_ context.Context, _ domain.Actor, id uuid.UUID) (*domain.File, error) {
	return f.do("processed", id)
}

func (f fakeKeeper) Fail(_ context.Context, _ domain.Actor, id uuid.UUID, reason string) (*domain.File, error) {
	return f.do("failed: "+reason, id)
}

func (f fakeKeeper) Extend(_ context.Context, _ domain.Actor, id uuid.UUID, by time.Duration) (*domain.File, error) {
	return f.do("extended by "+by.String(), id)
}

func (f fakeKeeper) Expire(_ context.Context, _ domain.Actor, id uuid.UUID) (*domain.File, error) {
	return f.do("expired", id)
}

func (f fakeKeeper) Ask(_ context.Context, _ domain.Actor, id uuid.UUID) error {
	_, err := f.do("read back", id)
	return err
}

func (f fakeKeeper) Latest(context.Context, domain.Actor, uuid.UUID) (*domain.FileCheck, error) {
	return f.check, nil
}

func (f fakeKeeper) RenameBatch(_ context.Context, _ domain.Actor, id uuid.UUID, label string, _ time.Time) (*domain.Batch, error) {
	if len(label) > domain.MaxLabelLength {
		return nil, domain.FieldErrorf("label", "A label has at most 200 characters.")
	}
	fakeAccounts(f).note("renamed to "+label, id)
	return &domain.Batch{ID: id, Label: label}, nil
}

// fakeHistory is an audit log with entries of several kinds.
type fakeHistory struct{ *world }

func (f fakeHistory) entries() []*domain.AuditEntry {
	at := noon.Add(-time.Minute)
	changed := domain.NewAuditEntry(id(901), domain.UserActor(ines), "user.changed", "user", priya.ID, map[string]string{"role": "staff → admin", "name": hostile}, at)
	changed.IP = "192.0.2.7"
	return []*domain.AuditEntry{changed, domain.NewAuditEntry(id(902), domain.System(), "file.expired", "file", id(1), nil, at)}
}

func (f fakeHistory) List(_ context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.AuditEntry], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.AuditEntry]{}, err
	}
	return pageOf(f.world, q, f.entries()), nil
}

func (f fakeHistory) Tally(_ context.Context, _ domain.Actor, _ ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return ports.Tally{Filters: map[string]map[string]int{"object": {"user": 1, "file": 1, "</a>": 3}, "actor": {ines.ID.String(): 1}}, Spans: make([]int, len(by.Bounds)-1)}, nil
}

func (f fakeHistory) Find(_ context.Context, a domain.Actor, id uuid.UUID) (*domain.AuditEntry, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	for _, e := range f.entries() {
		if e.ID == id {
			return e, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such entry.")
}
