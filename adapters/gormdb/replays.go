package gormdb

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Replays keeps replays.
type Replays struct{ conn }

var _ ports.Replays = (*Replays)(nil)

type replayRow struct {
	ID           uuid.UUID
	EndpointID   uuid.UUID
	EndpointName string `gorm:"->"`
	FromAt       stamp
	ToAt         stamp
	EventTypes   document[[]string]
	Scope        string
	PerSecond    int
	Status       string
	Total        int
	Seen         int
	Queued       int
	CursorAt     stamp
	CursorID     uuid.UUID
	Reason       string
	CreatedBy    *uuid.UUID
	CreatedAt    stamp
	UpdatedAt    stamp
	EndedAt      *stamp
}

func (replayRow) TableName() string { return "webhook_replays" }

func fromReplay(r *domain.Replay) replayRow {
	return replayRow{
		ID: r.ID, EndpointID: r.EndpointID, FromAt: at(r.From), ToAt: at(r.To), EventTypes: document[[]string]{append([]string{}, r.EventTypes...)},
		Scope: string(r.Scope), PerSecond: r.PerSecond, Status: string(r.Status), Total: r.Total, Seen: r.Seen, Queued: r.Queued,
		CursorAt: at(r.CursorAt), CursorID: r.CursorID, Reason: clean(r.Reason), CreatedBy: r.CreatedBy,
		CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt), EndedAt: atPtr(r.EndedAt),
	}
}

func toReplay(r replayRow) *domain.Replay {
	return &domain.Replay{
		ID: r.ID, EndpointID: r.EndpointID, EndpointName: r.EndpointName, From: r.FromAt.Time, To: r.ToAt.Time, EventTypes: r.EventTypes.V,
		Scope: domain.ReplayScope(r.Scope), PerSecond: r.PerSecond, Status: domain.ReplayStatus(r.Status), Total: r.Total, Seen: r.Seen, Queued: r.Queued,
		CursorAt: r.CursorAt.Time, CursorID: r.CursorID, Reason: r.Reason, CreatedBy: r.CreatedBy,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, EndedAt: r.EndedAt.ptr(),
	}
}

// Insert implements ports.Replays.
func (p *Replays) Insert(ctx context.Context, r *domain.Replay) error {
	tx, err := p.writing(ctx)
	if err != nil {
		return err
	}
	row := fromReplay(r)
	return translate(tx.Create(&row).Error, "replay")
}

// Save implements ports.Replays.
func (p *Replays) Save(ctx context.Context, r *domain.Replay) error {
	tx, err := p.writing(ctx)
	if err != nil {
		return err
	}
	row := fromReplay(r)
	changing := []string{"status", "total", "seen", "queued", "cursor_at", "cursor_id", "reason", "updated_at", "ended_at"}
	return affected(tx.Model(&row).Select(changing).Updates(row), "replay")
}

// Find implements ports.Replays.
func (p *Replays) Find(ctx context.Context, id uuid.UUID) (*domain.Replay, error) {
	return p.one(ctx, id, "")
}

// Lock implements ports.Replays.
func (p *Replays) Lock(ctx context.Context, id uuid.UUID) (*domain.Replay, error) {
	if _, err := p.writing(ctx); err != nil {
		return nil, err
	}
	return p.one(ctx, id, p.d.forUpdate("t"))
}

const (
	replayColumns = "t.*, p.name AS endpoint_name"
	replayJoins   = "JOIN webhook_endpoints p ON p.id = t.endpoint_id"
)

func (p *Replays) one(ctx context.Context, id uuid.UUID, lock string) (*domain.Replay, error) {
	return one(p.reading(ctx).Raw("SELECT "+replayColumns+" FROM webhook_replays t "+replayJoins+" WHERE t.id = ?"+lock, id), toReplay, "replay")
}

var replayList = listed[replayRow, *domain.Replay]{
	what: "webhook_replays", columns: replayColumns, joins: replayJoins,
	search:  func(c conn, word string) condition { return anyOf(byID(c, "t.id", word)...) },
	filters: map[string]filter{"status": oneOf("t.status"), "endpoint": oneID("t.endpoint_id")},
	place:   func(r replayRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:      toReplay,
}

// List implements ports.Replays.
func (p *Replays) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.Replay], error) {
	return list(ctx, p.conn, replayList, q)
}

// ahead are the events behind the cursor, by the index that lists use.
const ahead = ` FROM outbox_events t LEFT JOIN webhook_deliveries d ON d.event_id = t.id AND d.endpoint_id = ?
	WHERE (t.created_at, t.id) > (?, ?) AND t.created_at < ? AND t.relayed_at IS NOT NULL`

func aheadArgs(r *domain.Replay) []any {
	return []any{r.EndpointID, at(r.CursorAt), r.CursorID, at(r.To)}
}

// CountAhead implements ports.Replays.
func (p *Replays) CountAhead(ctx context.Context, r *domain.Replay, upTo int) (int, error) {
	var n int
	err := p.reading(ctx).Raw("SELECT count(*) FROM (SELECT 1"+ahead+" LIMIT ?) AS counted", append(aheadArgs(r), upTo)...).Scan(&n).Error
	return n, translate(err, "event")
}

// Ahead implements ports.Replays.
func (p *Replays) Ahead(ctx context.Context, r *domain.Replay, limit int) ([]ports.ReplayItem, error) {
	var rows []struct {
		Event          eventRow `gorm:"embedded"`
		DeliveryID     *uuid.UUID
		DeliveryStatus string
	}
	err := p.reading(ctx).Raw("SELECT t.*, d.id AS delivery_id, coalesce(d.status, '') AS delivery_status"+ahead+" ORDER BY t.created_at, t.id LIMIT ?",
		append(aheadArgs(r), limit)...).Scan(&rows).Error
	if err != nil {
		return nil, translate(err, "event")
	}
	items := make([]ports.ReplayItem, len(rows))
	for i, row := range rows {
		items[i] = ports.ReplayItem{Event: toEvent(row.Event), DeliveryID: row.DeliveryID, Status: domain.DeliveryStatus(row.DeliveryStatus)}
	}
	return items, nil
}
