-- Leases have a narrow table of their own. Who sends a delivery changes twice
-- within milliseconds; in webhook_deliveries each change wrote all of its eight
-- indexes. There is no foreign key: a lease whose delivery is gone harms nobody
-- and is removed with the outbox's retention.
--
-- Lists by state are rare and ask mostly for what is not delivered, so that most
-- rows, delivered once and for all, are in two indexes less.

-- +goose Up
CREATE TABLE delivery_leases (
    delivery_id uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL,
    token       uuid NOT NULL, -- who is sending it
    until       timestamptz NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
INSERT INTO delivery_leases SELECT id, endpoint_id, lease_token, lease_until FROM webhook_deliveries WHERE lease_token IS NOT NULL;
CREATE INDEX delivery_leases_endpoint ON delivery_leases (endpoint_id, until);

DROP INDEX webhook_deliveries_leased, webhook_deliveries_status, webhook_deliveries_endpoint;
ALTER TABLE webhook_deliveries DROP COLUMN lease_token, DROP COLUMN lease_until;
CREATE INDEX webhook_deliveries_status ON webhook_deliveries (status, created_at DESC, id DESC) WHERE status <> 'delivered';
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, status, created_at DESC, id DESC) WHERE status <> 'delivered';

-- +goose Down
DROP INDEX webhook_deliveries_status, webhook_deliveries_endpoint;
ALTER TABLE webhook_deliveries ADD COLUMN lease_token uuid, ADD COLUMN lease_until timestamptz;
ALTER TABLE webhook_deliveries ADD CONSTRAINT webhook_deliveries_lease CHECK ((lease_token IS NULL) = (lease_until IS NULL));
UPDATE webhook_deliveries d SET lease_token = l.token, lease_until = l.until FROM delivery_leases l WHERE l.delivery_id = d.id AND d.status = 'pending';
CREATE INDEX webhook_deliveries_status ON webhook_deliveries (status, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, status, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (endpoint_id, lease_until) WHERE lease_token IS NOT NULL;
DROP TABLE delivery_leases;
