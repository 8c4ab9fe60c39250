-- Replays: events of a time window sent to one endpoint again.

-- +goose Up
CREATE TABLE webhook_replays (
    id          uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    from_at     timestamptz NOT NULL,
    to_at       timestamptz NOT NULL,
    event_types jsonb NOT NULL,
    scope       text NOT NULL CHECK (scope IN ('missed', 'all')),
    per_second  integer NOT NULL,
    status      text NOT NULL CHECK (status IN ('in_progress', 'complete', 'cancelled')),
    total       integer NOT NULL,
    seen        integer NOT NULL,
    queued      integer NOT NULL,
    cursor_at   timestamptz NOT NULL, -- the last event looked at
    cursor_id   uuid NOT NULL,
    reason      text NOT NULL,
    created_by  uuid REFERENCES users ON DELETE SET NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    ended_at    timestamptz
);
CREATE INDEX webhook_replays_list ON webhook_replays (created_at DESC, id DESC);
CREATE INDEX webhook_replays_endpoint ON webhook_replays (endpoint_id, created_at DESC, id DESC);
CREATE INDEX webhook_replays_running ON webhook_replays (created_at) WHERE status = 'in_progress';

-- +goose Down
DROP TABLE webhook_replays;
