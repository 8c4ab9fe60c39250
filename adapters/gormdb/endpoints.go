package gormdb

import (
	"context"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// Endpoints keeps receivers with their sealed secrets.
type Endpoints struct{ conn }

var _ ports.Endpoints = (*Endpoints)(nil)

type endpointRow struct {
	ID             uuid.UUID
	Name           string
	URL            string `gorm:"column:url"`
	EventTypes     document[[]string]
	Active         bool
	DisabledAt     *stamp
	DisabledReason string
	Headers        document[map[string]string]
	TimeoutUS      int64 `gorm:"column:timeout_us"`
	MaxInFlight    int
	RateLimit      int
	FailingSince   *stamp
	LastSuccessAt  *stamp
	LastFailureAt  *stamp
	Failures       int
	Strikes        int
	PausedUntil    *stamp
	RetrySchedule  string
	CreatedBy      *uuid.UUID
	CreatedAt      stamp
	UpdatedAt      stamp

	Filter     document[filterRow]
	ClientCert document[*certRow]
}

func (endpointRow) TableName() string { return "webhook_endpoints" }

type secretRow struct {
	ID         uuid.UUID
	EndpointID uuid.UUID
	Kind       string
	Sealed     string
	PublicKey  string
	Hint       string
	CreatedAt  stamp
	RetiresAt  *stamp
}

func (secretRow) TableName() string { return "endpoint_secrets" }

func fromEndpoint(e *domain.Endpoint) endpointRow {
	return endpointRow{
		ID: e.ID, Name: clean(e.Name), URL: clean(e.URL), EventTypes: document[[]string]{append([]string{}, e.EventTypes...)}, Active: e.Active,
		DisabledAt: atPtr(e.DisabledAt), DisabledReason: clean(e.DisabledReason), Headers: document[map[string]string]{cleanMap(e.Headers)},
		TimeoutUS: e.Timeout.Microseconds(), MaxInFlight: e.MaxInFlight, RateLimit: e.RateLimit, FailingSince: atPtr(e.FailingSince),
		LastSuccessAt: atPtr(e.LastSuccessAt), LastFailureAt: atPtr(e.LastFailureAt), Failures: e.Failures, Strikes: e.Strikes,
		PausedUntil: atPtr(e.PausedUntil), RetrySchedule: e.RetrySchedule.String(), CreatedBy: e.CreatedBy, CreatedAt: at(e.CreatedAt), UpdatedAt: at(e.UpdatedAt),
		Filter: document[filterRow]{fromFilter(e.Filter)}, ClientCert: document[*certRow]{fromCert(e.ClientCert)},
	}
}

func toEndpoint(r endpointRow) *domain.Endpoint {
	return &domain.Endpoint{
		ID: r.ID, Name: r.Name, URL: r.URL, EventTypes: r.EventTypes.V, Active: r.Active, DisabledAt: r.DisabledAt.ptr(), DisabledReason: r.DisabledReason,
		Headers: r.Headers.V, Timeout: micros(r.TimeoutUS), MaxInFlight: r.MaxInFlight, RateLimit: r.RateLimit, FailingSince: r.FailingSince.ptr(),
		LastSuccessAt: r.LastSuccessAt.ptr(), LastFailureAt: r.LastFailureAt.ptr(), Failures: r.Failures, Strikes: r.Strikes,
		PausedUntil: r.PausedUntil.ptr(), RetrySchedule: retrySchedule(r.RetrySchedule), CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
		Filter: r.Filter.V.filter(), ClientCert: r.ClientCert.V.cert(),
	}
}

// retrySchedule reads what RetrySchedule.String wrote; empty is none.
func retrySchedule(text string) domain.RetrySchedule {
	s, err := domain.ParseRetrySchedule(text)
	if text == "" || err != nil {
		return nil
	}
	return s
}

// Insert implements ports.Endpoints.
func (p *Endpoints) Insert(ctx context.Context, e *domain.Endpoint) error {
	tx, err := p.writing(ctx)
	if err != nil {
		return err
	}
	row := fromEndpoint(e)
	if err := tx.Create(&row).Error; err != nil {
		return translate(err, "endpoint")
	}
	if err := raiseGeneration(tx); err != nil {
		return err
	}
	return saveSecrets(tx, e)
}

// raiseGeneration tells every process that what it knows of endpoints is old.
func raiseGeneration(tx *gorm.DB) error {
	return translate(tx.Exec("UPDATE endpoint_generation SET n = n + 1").Error, "endpoint")
}

// Generation implements ports.Endpoints.
func (p *Endpoints) Generation(ctx context.Context) (n int64, err error) {
	err = p.reading(ctx).Raw("SELECT n FROM endpoint_generation").Scan(&n).Error
	return n, translate(err, "endpoint")
}

// Save implements ports.Endpoints; NotFound when the endpoint is gone.
func (p *Endpoints) Save(ctx context.Context, e *domain.Endpoint) error {
	tx, err := p.writing(ctx)
	if err != nil {
		return err
	}
	row := fromEndpoint(e)
	if err := affected(tx.Model(&row).Select("*").Omit("id", "created_at").Updates(row), "endpoint"); err != nil {
		return err
	}
	if err := raiseGeneration(tx); err != nil {
		return err
	}
	return saveSecrets(tx, e)
}

// saveSecrets makes the endpoint's secrets those of e.
func saveSecrets(tx *gorm.DB, e *domain.Endpoint) error {
	keep := []uuid.UUID{uuid.Nil}
	rows := make([]secretRow, len(e.Secrets))
	for i, s := range e.Secrets {
		rows[i] = fromSecret(e.ID, s)
		keep = append(keep, s.ID)
	}
	if err := tx.Where("endpoint_id = ? AND id NOT IN ?", e.ID, keep).Delete(&secretRow{}).Error; err != nil || len(rows) == 0 {
		return translate(err, "secret")
	}
	upsert := clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns([]string{"sealed", "retires_at"})}
	return translate(tx.Clauses(upsert).Create(&rows).Error, "secret")
}

// Find implements ports.Endpoints.
func (p *Endpoints) Find(ctx context.Context, id uuid.UUID) (*domain.Endpoint, error) {
	all, err := p.some(ctx, p.reading(ctx).Where("id = ?", id))
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, notFound("endpoint")
	}
	return all[0], nil
}

// Lock implements ports.Endpoints.
func (p *Endpoints) Lock(ctx context.Context, id uuid.UUID) (*domain.Endpoint, error) {
	tx, err := p.writing(ctx)
	if err != nil {
		return nil, err
	}
	var found []uuid.UUID
	if err := tx.Raw("SELECT t.id FROM webhook_endpoints t WHERE t.id = ?"+p.d.forNoKeyUpdate("t"), id).Scan(&found).Error; err != nil {
		return nil, translate(err, "endpoint")
	}
	return p.Find(ctx, id)
}

// FindAll implements ports.Endpoints.
func (p *Endpoints) FindAll(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.Endpoint, error) {
	out := make(map[uuid.UUID]*domain.Endpoint, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	all, err := p.some(ctx, p.reading(ctx).Where("id IN ?", ids))
	for _, e := range all {
		out[e.ID] = e
	}
	return out, err
}

// ListActive implements ports.Endpoints, oldest first.
func (p *Endpoints) ListActive(ctx context.Context) ([]*domain.Endpoint, error) {
	return p.some(ctx, p.reading(ctx).Where("active").Order("created_at, id"))
}

func (p *Endpoints) some(ctx context.Context, query *gorm.DB) ([]*domain.Endpoint, error) {
	var rows []endpointRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, translate(err, "endpoint")
	}
	all := mapped(rows, toEndpoint)
	return all, p.addSecrets(ctx, all)
}

// addSecrets fills the secrets, oldest first.
func (p *Endpoints) addSecrets(ctx context.Context, all []*domain.Endpoint) error {
	if len(all) == 0 {
		return nil
	}
	by := make(map[uuid.UUID]*domain.Endpoint, len(all))
	ids := make([]uuid.UUID, len(all))
	for i, e := range all {
		by[e.ID], ids[i] = e, e.ID
	}
	var rows []secretRow
	err := p.reading(ctx).Where("endpoint_id IN ?", ids).Order("created_at, id").Find(&rows).Error
	for _, r := range rows {
		e := by[r.EndpointID]
		e.Secrets = append(e.Secrets, toSecret(r))
	}
	return translate(err, "endpoint")
}

var endpointList = listed[endpointRow, *domain.Endpoint]{
	what: "webhook_endpoints", columns: "t.*",
	search: func(c conn, word string) condition {
		return anyOf(append(byID(c, "t.id", word), byText(c, "t.name", word), byText(c, "t.url", word))...)
	},
	filters: map[string]filter{"active": yesNo("t.active")},
	groups:  map[string]group{"active": truthGroup("t.active")},
	place:   func(r endpointRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:      toEndpoint,
}

// List implements ports.Endpoints.
func (p *Endpoints) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.Endpoint], error) {
	page, err := list(ctx, p.conn, endpointList, q)
	if err != nil {
		return page, err
	}
	return page, p.addSecrets(ctx, page.Items)
}

// Delete implements ports.Endpoints; NotFound when it is gone already.
func (p *Endpoints) Delete(ctx context.Context, id uuid.UUID) error {
	tx, err := p.writing(ctx)
	if err != nil {
		return err
	}
	if err := affected(tx.Where("id = ?", id).Delete(&endpointRow{}), "endpoint"); err != nil {
		return err
	}
	// On SQLite they are gone by now, by foreign keys. An attempt is written by
	// whoever holds its delivery, so attempts go last.
	for _, table := range []string{"webhook_deliveries", "delivery_attempts"} {
		if err := tx.Exec("DELETE FROM "+table+" WHERE endpoint_id = ?", id).Error; err != nil {
			return translate(err, "endpoint")
		}
	}
	return raiseGeneration(tx)
}

// Tally implements ports.Endpoints.
func (p *Endpoints) Tally(ctx context.Context, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return tally(ctx, p.conn, endpointList, q, by)
}

// Peek implements ports.Endpoints.
func (p *Endpoints) Peek(ctx context.Context, q ports.ListQuery, within int) ([]*domain.Endpoint, error) {
	return peek(ctx, p.conn, endpointList, q, within)
}
