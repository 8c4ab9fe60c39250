-- As on PostgreSQL, lists grow at the end of their indexes. Foreign keys stay:
-- there is one writer, and no other's rows to lock.

-- +goose Up
DROP INDEX webhook_deliveries_list;
DROP INDEX webhook_deliveries_endpoint_list;
DROP INDEX delivery_attempts_list;
DROP INDEX outbox_events_list;
DROP INDEX outbox_events_type;
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (created_at, id);
CREATE INDEX webhook_deliveries_endpoint_list ON webhook_deliveries (endpoint_id, created_at, id);
CREATE INDEX delivery_attempts_list ON delivery_attempts (started_at, id);
CREATE INDEX outbox_events_list ON outbox_events (created_at, id);
CREATE INDEX outbox_events_type ON outbox_events (event_type, created_at, id);

-- +goose Down
DROP INDEX outbox_events_type;
DROP INDEX outbox_events_list;
DROP INDEX delivery_attempts_list;
DROP INDEX webhook_deliveries_endpoint_list;
DROP INDEX webhook_deliveries_list;
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_endpoint_list ON webhook_deliveries (endpoint_id, created_at DESC, id DESC);
CREATE INDEX delivery_attempts_list ON delivery_attempts (started_at DESC, id DESC);
CREATE INDEX outbox_events_list ON outbox_events (created_at DESC, id DESC);
CREATE INDEX outbox_events_type ON outbox_events (event_type, created_at DESC, id DESC);
