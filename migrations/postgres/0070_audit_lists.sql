-- Audit: lists by who did it, by what was done and by the kind of object, as
-- quick for one who did little as for all.

-- +goose Up
CREATE INDEX audit_entries_actor ON audit_entries (actor_id, at DESC, id DESC);
CREATE INDEX audit_entries_action ON audit_entries (action, at DESC, id DESC);
CREATE INDEX audit_entries_kind ON audit_entries (object_type, at DESC, id DESC);

-- +goose Down
DROP INDEX audit_entries_kind, audit_entries_action, audit_entries_actor;
