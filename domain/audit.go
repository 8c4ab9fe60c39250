package domain

import (
	"time"

	"github.com/google/uuid"
)

// AuditEntry is one state change by a person, a token or the system. Entries
// are only ever added. Changes never hold a secret.
type AuditEntry struct {
	ID         uuid.UUID
	ActorID    *uuid.UUID
	ActorName  string
	Action     string // "endpoint.created", "file.deleted", "user.signed_in" …
	ObjectType string
	ObjectID   uuid.UUID
	Changes    map[string]string
	IP         string
	At         time.Time
}

// NewAuditEntry records what the actor did.
func NewAuditEntry(id uuid.UUID, a Actor, action, objectType string, objectID uuid.UUID, changes map[string]string, now time.Time) *AuditEntry {
	e := &AuditEntry{ID: id, ActorName: a.Name, Action: action, ObjectType: objectType, ObjectID: objectID, Changes: changes, IP: a.IP, At: now}
	if a.UserID != uuid.Nil {
		who := a.UserID
		e.ActorID = &who
	}
	return e
}
