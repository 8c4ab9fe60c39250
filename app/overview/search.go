package overview

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

const (
	// perKind is how many rows of a kind are found at most, and perPage those of
	// FindAll.
	perKind, perPage = 5, 8
	// aboutThese is of how many files and batches the events are looked up.
	aboutThese = 50
	// lookBack is among how many of the newest rows of a kind words are looked
	// for: it bounds what a keystroke costs, however many rows there are.
	lookBack = 20_000
	// maxWords is how long a question may be, in characters.
	maxWords = 200
)

// Search implements usecase.Search.
type Search struct {
	DB ports.Transactor
}

var _ usecase.Search = (*Search)(nil)

// Find implements usecase.Search.
func (f *Search) Find(ctx context.Context, a domain.Actor, words string) ([]usecase.Found, error) {
	return f.find(ctx, a, words, perKind)
}

// FindAll implements usecase.Search.
func (f *Search) FindAll(ctx context.Context, a domain.Actor, words string) ([]usecase.Found, error) {
	out, err := f.find(ctx, a, words, perPage)
	if err != nil || !a.IsAdmin() || tidy(words) == "" {
		return out, err
	}
	about, err := f.about(ctx, out, tidy(words))
	return append(out, about...), err
}

// tidy is what is left of words to search for.
func tidy(words string) string {
	words = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(words, "\x00", ""), ""))
	if r := []rune(words); len(r) > maxWords {
		words = string(r[:maxWords])
	}
	return words
}

func wholeID(words string) (uuid.UUID, bool) {
	id, err := uuid.Parse(words)
	return id, err == nil && len(words) == 36
}

func (f *Search) find(ctx context.Context, a domain.Actor, words string, most int) ([]usecase.Found, error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return nil, err
	}
	if words = tidy(words); words == "" {
		return nil, nil
	}
	reads := f.DB.Reads()
	if id, ok := wholeID(words); ok {
		return byID(ctx, reads, a, id)
	}
	q := ports.ListQuery{Search: words, Owner: a.OwnerFilter(), Limit: most}
	steps := []func(context.Context, ports.Stores, ports.ListQuery) ([]usecase.Found, error){files, batches}
	if a.IsAdmin() {
		steps = append(steps, endpoints, users)
	}
	var out []usecase.Found
	for _, step := range steps {
		found, err := step(ctx, reads, q)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// about finds the events of files and batches with these words, or of the one
// thing that was found by its id, and their deliveries.
func (f *Search) about(ctx context.Context, found []usecase.Found, words string) ([]usecase.Found, error) {
	reads := f.DB.Reads()
	var subjects []string
	names := map[uuid.UUID]string{}
	if _, ok := wholeID(words); ok {
		for _, it := range found {
			subjects, names[it.ID] = append(subjects, it.ID.String()), it.Title
		}
	} else {
		q := ports.ListQuery{Search: words, Limit: aboutThese}
		for _, step := range []func(context.Context, ports.Stores, ports.ListQuery) ([]usecase.Found, error){files, batches} {
			some, err := step(ctx, reads, q)
			if err != nil {
				return nil, err
			}
			for _, it := range some {
				subjects, names[it.ID] = append(subjects, it.ID.String()), it.Title
			}
		}
	}
	if len(subjects) == 0 {
		return nil, nil
	}
	page, err := reads.Outbox.List(ctx, ports.ListQuery{Filters: map[string][]string{"aggregate": subjects}, Limit: aboutThese})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	events := make([]string, len(page.Items))
	for i, e := range page.Items {
		events[i] = e.ID.String()
	}
	owed, err := reads.Deliveries.List(ctx, ports.ListQuery{Filters: map[string][]string{"event": events}, Limit: perPage})
	if err != nil {
		return nil, err
	}
	out := foundAll(page.Items[:min(perPage, len(page.Items))], func(e *domain.Event) usecase.Found { return foundEvent(e, names[e.AggregateID]) })
	return append(out, foundAll(owed.Items, foundDelivery)...), nil
}

func foundEvent(e *domain.Event, subject string) usecase.Found {
	return usecase.Found{Kind: usecase.KindEvents, ID: e.ID, Title: eventTitle(e.Type, subject), State: string(e.Status), At: e.CreatedAt}
}

func foundDelivery(d *domain.Delivery) usecase.Found {
	return usecase.Found{Kind: usecase.KindDeliveries, ID: d.ID, Title: eventTitle(d.EventType, d.Subject), State: string(d.Status), At: d.CreatedAt}
}

func eventTitle(kind domain.EventType, subject string) string {
	if subject == "" {
		return string(kind)
	}
	return string(kind) + ": " + subject
}

func files(ctx context.Context, s ports.Stores, q ports.ListQuery) ([]usecase.Found, error) {
	rows, err := s.Files.Peek(ctx, q, lookBack)
	return foundAll(rows, foundFile), err
}

func batches(ctx context.Context, s ports.Stores, q ports.ListQuery) ([]usecase.Found, error) {
	rows, err := s.Batches.Peek(ctx, q, lookBack)
	return foundAll(rows, foundBatch), err
}

func endpoints(ctx context.Context, s ports.Stores, q ports.ListQuery) ([]usecase.Found, error) {
	rows, err := s.Endpoints.Peek(ctx, q, lookBack)
	return foundAll(rows, foundEndpoint), err
}

func users(ctx context.Context, s ports.Stores, q ports.ListQuery) ([]usecase.Found, error) {
	q.Owner = nil
	rows, err := s.Users.Peek(ctx, q, lookBack)
	return foundAll(rows, foundUser), err
}

func foundAll[T any](rows []T, one func(T) usecase.Found) []usecase.Found {
	out := make([]usecase.Found, len(rows))
	for i, row := range rows {
		out[i] = one(row)
	}
	return out
}

func foundFile(f *domain.File) usecase.Found {
	return usecase.Found{Kind: usecase.KindFiles, ID: f.ID, Title: f.OriginalFilename, State: string(f.Status), At: f.CreatedAt}
}

func foundBatch(b *domain.Batch) usecase.Found {
	return usecase.Found{Kind: usecase.KindBatches, ID: b.ID, Title: b.Label, State: string(b.Status), At: b.CreatedAt}
}

func foundEndpoint(e *domain.Endpoint) usecase.Found {
	state := "active"
	if !e.Active {
		state = "disabled"
	}
	return usecase.Found{Kind: usecase.KindEndpoints, ID: e.ID, Title: e.Name, State: state, At: e.CreatedAt}
}

func foundUser(u *domain.User) usecase.Found {
	state := "active"
	if !u.Active {
		state = "disabled"
	}
	return usecase.Found{Kind: usecase.KindUsers, ID: u.ID, Title: u.Name, State: state, At: u.CreatedAt}
}

// byID finds the one thing with an id, whatever its age.
func byID(ctx context.Context, s ports.Stores, a domain.Actor, id uuid.UUID) ([]usecase.Found, error) {
	steps := []func() (usecase.Found, error){
		func() (usecase.Found, error) {
			f, err := s.Files.Find(ctx, id)
			if err == nil && a.Sees(f.UploadedBy) {
				return foundFile(f), nil
			}
			return usecase.Found{}, err
		},
		func() (usecase.Found, error) {
			b, err := s.Batches.Find(ctx, id)
			if err == nil && a.Sees(b.CreatedBy) {
				return foundBatch(b), nil
			}
			return usecase.Found{}, err
		},
	}
	if a.IsAdmin() {
		steps = append(steps, func() (usecase.Found, error) {
			e, err := s.Endpoints.Find(ctx, id)
			if err != nil {
				return usecase.Found{}, err
			}
			return foundEndpoint(e), nil
		}, func() (usecase.Found, error) {
			u, err := s.Users.Find(ctx, id)
			if err != nil {
				return usecase.Found{}, err
			}
			return foundUser(u), nil
		}, func() (usecase.Found, error) {
			e, err := s.Outbox.Find(ctx, id)
			if err != nil {
				return usecase.Found{}, err
			}
			return foundEvent(e, ""), nil
		}, func() (usecase.Found, error) {
			d, err := s.Deliveries.Find(ctx, id)
			if err != nil {
				return usecase.Found{}, err
			}
			return foundDelivery(d), nil
		})
	}
	for _, step := range steps {
		found, err := step()
		if err != nil && !domain.IsCode(err, domain.NotFound) {
			return nil, err
		}
		if err == nil && found.ID == id {
			return []usecase.Found{found}, nil
		}
	}
	return nil, nil
}
