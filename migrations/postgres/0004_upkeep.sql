-- Upkeep: when tasks run, and who did what.

-- +goose Up
CREATE TABLE schedules (
    id               uuid PRIMARY KEY,
    name             text NOT NULL UNIQUE,
    task             text NOT NULL,
    cron             text NOT NULL,
    every_us         bigint NOT NULL,
    enabled          boolean NOT NULL,
    next_run_at      timestamptz NOT NULL,
    last_run_at      timestamptz,
    last_duration_us bigint NOT NULL,
    last_result      text NOT NULL,
    last_error       text NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CONSTRAINT schedules_when CHECK ((cron <> '') <> (every_us > 0))
);
CREATE INDEX schedules_due ON schedules (next_run_at) WHERE enabled;
CREATE INDEX schedules_task ON schedules (task);

-- No foreign keys: an entry outlives its actor and its object unchanged.
CREATE TABLE audit_entries (
    id          uuid PRIMARY KEY,
    actor_id    uuid,
    actor_name  text NOT NULL,
    action      text NOT NULL,
    object_type text NOT NULL,
    object_id   uuid NOT NULL,
    changes     jsonb NOT NULL,
    ip          text NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX audit_entries_object ON audit_entries (object_type, object_id, at, id);
CREATE INDEX audit_entries_list ON audit_entries (at DESC, id DESC);

-- +goose Down
DROP TABLE audit_entries, schedules;
