-- The outbox and what grows from it: endpoints, deliveries, attempts.

-- +goose Up
CREATE TABLE outbox_events (
    id              text PRIMARY KEY,
    aggregate_type  text NOT NULL,
    aggregate_id    text NOT NULL,
    event_type      text NOT NULL,
    payload         blob NOT NULL, -- the exact bytes that are signed
    subject         text NOT NULL,  -- the file name or label in the payload, for search
    status          text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    idempotency_key text NOT NULL,
    attempts        integer NOT NULL,
    max_attempts    integer NOT NULL,
    next_attempt_at text,
    relayed_at      text,
    delivered_at    text,
    error_message   text NOT NULL,
    target_id       text,
    created_at      text NOT NULL,
    updated_at      text NOT NULL,
    CONSTRAINT outbox_events_idempotency UNIQUE (event_type, idempotency_key)
);
CREATE INDEX outbox_events_list ON outbox_events (created_at DESC, id DESC);
CREATE INDEX outbox_events_status ON outbox_events (status, created_at DESC, id DESC);
CREATE INDEX outbox_events_type ON outbox_events (event_type, created_at DESC, id DESC);
CREATE INDEX outbox_events_aggregate ON outbox_events (aggregate_id, created_at DESC, id DESC);
CREATE INDEX outbox_events_unrelayed ON outbox_events (created_at, id) WHERE relayed_at IS NULL;
CREATE INDEX outbox_events_unsettled ON outbox_events (relayed_at, id) WHERE status = 'pending' AND relayed_at IS NOT NULL;
CREATE INDEX outbox_events_ended ON outbox_events (updated_at) WHERE status <> 'pending';

CREATE TABLE webhook_endpoints (
    id              text PRIMARY KEY,
    name            text NOT NULL,
    url             text NOT NULL,
    event_types     text NOT NULL,
    active          boolean NOT NULL,
    disabled_at     text,
    disabled_reason text NOT NULL,
    headers         text NOT NULL,
    timeout_us      bigint NOT NULL,
    max_in_flight   integer NOT NULL,
    rate_limit      integer NOT NULL,
    failing_since   text,
    last_success_at text,
    created_by      text REFERENCES users ON DELETE SET NULL,
    created_at      text NOT NULL,
    updated_at      text NOT NULL
);
CREATE INDEX webhook_endpoints_list ON webhook_endpoints (created_at DESC, id DESC);

CREATE TABLE endpoint_secrets (
    id          text PRIMARY KEY,
    endpoint_id text NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    sealed      text NOT NULL,
    created_at  text NOT NULL,
    retires_at  text
);
CREATE INDEX endpoint_secrets_endpoint ON endpoint_secrets (endpoint_id, created_at, id);

CREATE TABLE webhook_deliveries (
    id               text PRIMARY KEY,
    event_id         text NOT NULL REFERENCES outbox_events ON DELETE CASCADE,
    endpoint_id      text NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    event_type       text NOT NULL,
    subject          text NOT NULL,
    status           text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed', 'cancelled')),
    attempts         integer NOT NULL,
    attempts_made    integer NOT NULL,
    next_attempt_at  text NOT NULL,
    lease_token      text,
    lease_until      text,
    last_attempt_at  text,
    last_status_code integer NOT NULL,
    last_error_class text NOT NULL,
    last_error       text NOT NULL,
    delivered_at     text,
    created_at       text NOT NULL,
    updated_at       text NOT NULL,
    CONSTRAINT webhook_deliveries_once UNIQUE (event_id, endpoint_id),
    CONSTRAINT webhook_deliveries_lease CHECK ((lease_token IS NULL) = (lease_until IS NULL))
);
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_status ON webhook_deliveries (status, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, status, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_endpoint_list ON webhook_deliveries (endpoint_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, next_attempt_at, id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (endpoint_id, lease_until) WHERE lease_token IS NOT NULL;

CREATE TABLE delivery_attempts (
    id               text PRIMARY KEY,
    delivery_id      text NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    endpoint_id      text NOT NULL, -- goes with its delivery
    number           integer NOT NULL,
    started_at       text NOT NULL,
    dns_us           bigint NOT NULL,
    connect_us       bigint NOT NULL,
    tls_us           bigint NOT NULL,
    first_byte_us    bigint NOT NULL,
    total_us         bigint NOT NULL,
    url              text NOT NULL,
    status_code      integer NOT NULL,
    request_headers  text NOT NULL,
    response_headers text NOT NULL,
    response_body    blob NOT NULL,
    truncated        boolean NOT NULL,
    error_class      text NOT NULL,
    error_text       text NOT NULL
);
CREATE INDEX delivery_attempts_delivery ON delivery_attempts (delivery_id, number DESC);
CREATE INDEX delivery_attempts_started ON delivery_attempts (started_at);
CREATE INDEX delivery_attempts_endpoint ON delivery_attempts (endpoint_id, started_at);

-- +goose Down
DROP TABLE delivery_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE endpoint_secrets;
DROP TABLE webhook_endpoints;
DROP TABLE outbox_events;
