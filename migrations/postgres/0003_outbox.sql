-- The outbox and what grows from it: endpoints, deliveries, attempts.
--
-- Events and deliveries are inserted, updated two or three times within
-- milliseconds and then left alone. Room in each page keeps the updates near,
-- and an eager autovacuum keeps the partial indexes free of dead entries.

-- +goose Up
CREATE TABLE outbox_events (
    id              uuid PRIMARY KEY,
    aggregate_type  text NOT NULL,
    aggregate_id    uuid NOT NULL,
    event_type      text NOT NULL,
    payload         bytea NOT NULL, -- the exact bytes that are signed
    subject         text NOT NULL,  -- the file name or label in the payload, for search
    status          text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    idempotency_key text NOT NULL,
    attempts        integer NOT NULL,
    max_attempts    integer NOT NULL,
    next_attempt_at timestamptz,
    relayed_at      timestamptz,
    delivered_at    timestamptz,
    error_message   text NOT NULL,
    target_id       uuid,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CONSTRAINT outbox_events_idempotency UNIQUE (event_type, idempotency_key)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,
        autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX outbox_events_list ON outbox_events (created_at DESC, id DESC);
CREATE INDEX outbox_events_status ON outbox_events (status, created_at DESC, id DESC);
CREATE INDEX outbox_events_type ON outbox_events (event_type, created_at DESC, id DESC);
CREATE INDEX outbox_events_aggregate ON outbox_events (aggregate_id, created_at DESC, id DESC);
CREATE INDEX outbox_events_unrelayed ON outbox_events (created_at, id) WHERE relayed_at IS NULL;
CREATE INDEX outbox_events_unsettled ON outbox_events (relayed_at, id) WHERE status = 'pending' AND relayed_at IS NOT NULL;
CREATE INDEX outbox_events_ended ON outbox_events (updated_at) WHERE status <> 'pending';

CREATE TABLE webhook_endpoints (
    id              uuid PRIMARY KEY,
    name            text NOT NULL,
    url             text NOT NULL,
    event_types     jsonb NOT NULL,
    active          boolean NOT NULL,
    disabled_at     timestamptz,
    disabled_reason text NOT NULL,
    headers         jsonb NOT NULL,
    timeout_us      bigint NOT NULL,
    max_in_flight   integer NOT NULL,
    rate_limit      integer NOT NULL,
    failing_since   timestamptz,
    last_success_at timestamptz,
    created_by      uuid REFERENCES users ON DELETE SET NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX webhook_endpoints_list ON webhook_endpoints (created_at DESC, id DESC);

CREATE TABLE endpoint_secrets (
    id          uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    sealed      text NOT NULL,
    created_at  timestamptz NOT NULL,
    retires_at  timestamptz
);
CREATE INDEX endpoint_secrets_endpoint ON endpoint_secrets (endpoint_id, created_at, id);

CREATE TABLE webhook_deliveries (
    id               uuid PRIMARY KEY,
    event_id         uuid NOT NULL REFERENCES outbox_events ON DELETE CASCADE,
    endpoint_id      uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    event_type       text NOT NULL,
    subject          text NOT NULL,
    status           text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed', 'cancelled')),
    attempts         integer NOT NULL,
    attempts_made    integer NOT NULL,
    next_attempt_at  timestamptz NOT NULL,
    lease_token      uuid,
    lease_until      timestamptz,
    last_attempt_at  timestamptz,
    last_status_code integer NOT NULL,
    last_error_class text NOT NULL,
    last_error       text NOT NULL,
    delivered_at     timestamptz,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CONSTRAINT webhook_deliveries_once UNIQUE (event_id, endpoint_id),
    CONSTRAINT webhook_deliveries_lease CHECK ((lease_token IS NULL) = (lease_until IS NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,
        autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_status ON webhook_deliveries (status, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, status, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_endpoint_list ON webhook_deliveries (endpoint_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, next_attempt_at, id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (endpoint_id, lease_until) WHERE lease_token IS NOT NULL;

CREATE TABLE delivery_attempts (
    id               uuid PRIMARY KEY,
    delivery_id      uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    endpoint_id      uuid NOT NULL, -- goes with its delivery
    number           integer NOT NULL,
    started_at       timestamptz NOT NULL,
    dns_us           bigint NOT NULL,
    connect_us       bigint NOT NULL,
    tls_us           bigint NOT NULL,
    first_byte_us    bigint NOT NULL,
    total_us         bigint NOT NULL,
    url              text NOT NULL,
    status_code      integer NOT NULL,
    request_headers  jsonb NOT NULL,
    response_headers jsonb NOT NULL,
    response_body    bytea NOT NULL,
    truncated        boolean NOT NULL,
    error_class      text NOT NULL,
    error_text       text NOT NULL
);
CREATE INDEX delivery_attempts_delivery ON delivery_attempts (delivery_id, number DESC);
CREATE INDEX delivery_attempts_started ON delivery_attempts (started_at);
CREATE INDEX delivery_attempts_endpoint ON delivery_attempts (endpoint_id, started_at);

-- +goose Down
DROP TABLE delivery_attempts, webhook_deliveries, endpoint_secrets, webhook_endpoints, outbox_events;
