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
	// perKind is how many rows of a kind are found at most.
	perKind = 5
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
	if err := a.Require(domain.ScopeRead); err != nil {
		return nil, err
	}
	words = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(words, "\x00", ""), ""))
	if r := []rune(words); len(r) > maxWords {
		words = string(r[:maxWords])
	}
	if words == "" {
		return nil, nil
	}
	q := ports.ListQuery{Search: words, Owner: a.OwnerFilter(), Limit: perKind}
	steps := []func(context.Context, ports.Stores, ports.ListQuery) ([]usecase.Found, error){files, batches}
	if a.IsAdmin() {
		steps = append(steps, endpoints, users)
	}
	reads := f.DB.Reads()
	if id, err := uuid.Parse(words); err == nil && len(words) == 36 {
		return byID(ctx, reads, a, id)
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
