package gormdb

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Audit keeps who did what. Nothing here changes or removes an entry.
type Audit struct{ conn }

var _ ports.Audit = (*Audit)(nil)

type auditRow struct {
	ID         uuid.UUID
	ActorID    *uuid.UUID
	ActorName  string
	Action     string
	ObjectType string
	ObjectID   uuid.UUID
	Changes    document[map[string]string]
	IP         string
	At         stamp
}

func (auditRow) TableName() string { return "audit_entries" }

func toAuditEntry(r auditRow) *domain.AuditEntry {
	return &domain.AuditEntry{
		ID: r.ID, ActorID: r.ActorID, ActorName: r.ActorName, Action: r.Action, ObjectType: r.ObjectType,
		ObjectID: r.ObjectID, Changes: r.Changes.V, IP: r.IP, At: r.At.Time,
	}
}

// Append implements ports.Audit.
func (a *Audit) Append(ctx context.Context, e *domain.AuditEntry) error {
	tx, err := a.writing(ctx)
	if err != nil {
		return err
	}
	return translate(tx.Create(&auditRow{
		ID: e.ID, ActorID: e.ActorID, ActorName: clean(e.ActorName), Action: e.Action, ObjectType: e.ObjectType,
		ObjectID: e.ObjectID, Changes: document[map[string]string]{cleanMap(e.Changes)}, IP: clean(e.IP), At: at(e.At),
	}).Error, "history entry")
}

// ListOf implements ports.Audit.
func (a *Audit) ListOf(ctx context.Context, objectType string, id uuid.UUID, limit int) ([]*domain.AuditEntry, error) {
	var rows []auditRow
	err := a.reading(ctx).Where("object_type = ? AND object_id = ?", objectType, id).Order("at, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err, "history entry")
	}
	return mapped(rows, toAuditEntry), nil
}

var auditList = listed[auditRow, *domain.AuditEntry]{
	what: "audit_entries", columns: "t.*", created: "at",
	search: func(c conn, word string) condition {
		ids := append(byNewID(c, "t.id", lately{"audit_entries", "id", "at"}, word), byNewID(c, "t.object_id", lately{"audit_entries", "object_id", "at"}, word)...)
		return anyOf(append(ids, byName(c, "t.actor_name", word), byName(c, "t.action", word))...)
	},
	filters: map[string]filter{
		"actor": oneID("t.actor_id"), "action": oneOf("t.action"), "object": oneOf("t.object_type"), "object_id": oneID("t.object_id"),
	},
	groups: map[string]group{"actor": idGroup("t.actor_id"), "action": textGroup("t.action"), "object": textGroup("t.object_type")},
	place:  func(r auditRow) ports.Cursor { return ports.Cursor{At: r.At.Time, ID: r.ID} },
	to:     toAuditEntry,
}

// List implements ports.Audit.
func (a *Audit) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.AuditEntry], error) {
	return list(ctx, a.conn, auditList, q)
}

// Tally implements ports.Audit.
func (a *Audit) Tally(ctx context.Context, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return tally(ctx, a.conn, auditList, q, by)
}

// Find implements ports.Audit.
func (a *Audit) Find(ctx context.Context, id uuid.UUID) (*domain.AuditEntry, error) {
	return one(a.reading(ctx).Where("id = ?", id), toAuditEntry, "history entry")
}
