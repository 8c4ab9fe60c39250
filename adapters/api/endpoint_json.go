package api

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports/usecase"
)

// endpointJSON is an endpoint as programs see it. Secrets, header values and
// private keys are never in it.
type endpointJSON struct {
	ID             uuid.UUID    `json:"id"`
	Name           string       `json:"name"`
	URL            string       `json:"url"`
	State          string       `json:"state"` // active, failing, disabled
	EventTypes     []string     `json:"event_types"`
	Filter         filterJSON   `json:"filter"`
	Headers        []string     `json:"headers"` // names
	Pace           paceJSON     `json:"pace"`
	Secrets        []secretJSON `json:"secrets"` // that sign, oldest first
	Certificate    *certJSON    `json:"certificate"`
	DisabledAt     *time.Time   `json:"disabled_at"`
	DisabledReason string       `json:"disabled_reason"`
	FailingSince   *time.Time   `json:"failing_since"`
	LastSuccessAt  *time.Time   `json:"last_success_at"`
	CreatedAt      time.Time    `json:"created_at"`
	UpdatedAt      time.Time    `json:"updated_at"`
	Health         *healthJSON  `json:"health,omitempty"` // where it is read, not where it is changed
}

// healthJSON are the numbers of the last 24 hours, and what waits.
type healthJSON struct {
	Delivered       int     `json:"delivered"`
	Failed          int     `json:"failed"`
	Pending         int     `json:"pending"`
	P50Milliseconds float64 `json:"p50_milliseconds"`
	P95Milliseconds float64 `json:"p95_milliseconds"`
}

func newHealthyEndpointJSON(e usecase.EndpointHealth, now time.Time) endpointJSON {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	out, h := newEndpointJSON(e.Endpoint, now), e.Health
	out.Health = &healthJSON{Delivered: h.Delivered, Failed: h.Failed, Pending: h.Pending, P50Milliseconds: ms(h.P50), P95Milliseconds: ms(h.P95)}
	return out
}

// filterJSON are the conditions; what is null, empty or left out asks nothing.
type filterJSON struct {
	ContentTypes []string           `json:"content_types"`
	MinSize      *int64             `json:"min_size"` // bytes
	MaxSize      *int64             `json:"max_size"`
	Uploaders    []string           `json:"uploaders"`
	BatchLabel   string             `json:"batch_label"`
	Metadata     map[string]*string `json:"metadata"` // null for any value
}

type secretJSON struct {
	ID        uuid.UUID  `json:"id"`
	Kind      string     `json:"kind"`
	PublicKey string     `json:"public_key,omitempty"` // of v1a
	Hint      string     `json:"hint,omitempty"`       // of v1
	CreatedAt time.Time  `json:"created_at"`
	RetiresAt *time.Time `json:"retires_at"`
}

type certJSON struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	SHA256    string    `json:"sha256"`
}

func newEndpointJSON(e *domain.Endpoint, now time.Time) endpointJSON {
	state := usecase.EndpointHealth{Endpoint: e}.State()
	if state == "failed" {
		state = "failing"
	}
	out := endpointJSON{
		ID: e.ID, Name: e.Name, URL: e.URL, State: state, EventTypes: orEmpty(e.EventTypes), Filter: newFilterJSON(e.Filter),
		Headers: orEmpty(slices.Sorted(maps.Keys(e.Headers))), Pace: newPaceJSON(e.Pace()), Secrets: []secretJSON{}, Certificate: newCertJSON(e.ClientCert),
		DisabledAt: e.DisabledAt, DisabledReason: e.DisabledReason, FailingSince: e.FailingSince, LastSuccessAt: e.LastSuccessAt,
		CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
	}
	for _, s := range e.LiveSecrets(now) {
		out.Secrets = append(out.Secrets, newSecretJSON(s))
	}
	return out
}

func newSecretJSON(s domain.EndpointSecret) secretJSON {
	return secretJSON{ID: s.ID, Kind: string(s.Kind), PublicKey: s.Public, Hint: s.Hint, CreatedAt: s.CreatedAt, RetiresAt: s.RetiresAt}
}

func newCertJSON(c *domain.ClientCert) *certJSON {
	if c == nil {
		return nil
	}
	return &certJSON{Subject: c.Subject, Issuer: c.Issuer, NotBefore: c.NotBefore, NotAfter: c.NotAfter, SHA256: c.Fingerprint}
}

func newFilterJSON(f domain.Filter) filterJSON {
	out := filterJSON{ContentTypes: orEmpty(f.ContentTypes), Uploaders: orEmpty(f.Uploaders), BatchLabel: f.BatchLabel, Metadata: map[string]*string{}}
	if f.MinSize > 0 {
		out.MinSize = &f.MinSize
	}
	if f.MaxSize > 0 {
		out.MaxSize = &f.MaxSize
	}
	for _, m := range f.Metadata {
		out.Metadata[m.Key] = nil
		if !m.Any {
			out.Metadata[m.Key] = &m.Value
		}
	}
	return out
}

func (f filterJSON) filter() domain.Filter {
	out := domain.Filter{ContentTypes: f.ContentTypes, Uploaders: f.Uploaders, BatchLabel: f.BatchLabel}
	if f.MinSize != nil {
		out.MinSize = *f.MinSize
	}
	if f.MaxSize != nil {
		out.MaxSize = *f.MaxSize
	}
	for _, key := range slices.Sorted(maps.Keys(f.Metadata)) {
		rule := domain.MetadataRule{Key: key, Any: f.Metadata[key] == nil}
		if !rule.Any {
			rule.Value = *f.Metadata[key]
		}
		out.Metadata = append(out.Metadata, rule)
	}
	return out
}

func orEmpty(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}
