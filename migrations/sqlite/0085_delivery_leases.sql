-- Leases have a narrow table of their own, see the one of PostgreSQL. The two
-- columns of webhook_deliveries stay, empty: a CHECK holds them.

-- +goose Up
CREATE TABLE delivery_leases (
    delivery_id text PRIMARY KEY,
    endpoint_id text NOT NULL,
    token       text NOT NULL, -- who is sending it
    until       text NOT NULL
);
INSERT INTO delivery_leases SELECT id, endpoint_id, lease_token, lease_until FROM webhook_deliveries WHERE lease_token IS NOT NULL;
CREATE INDEX delivery_leases_endpoint ON delivery_leases (endpoint_id, until);
DROP INDEX webhook_deliveries_leased;
UPDATE webhook_deliveries SET lease_token = NULL, lease_until = NULL WHERE lease_token IS NOT NULL;

-- +goose Down
UPDATE webhook_deliveries SET lease_token = (SELECT token FROM delivery_leases l WHERE l.delivery_id = id),
    lease_until = (SELECT until FROM delivery_leases l WHERE l.delivery_id = id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (endpoint_id, lease_until) WHERE lease_token IS NOT NULL;
DROP TABLE delivery_leases;
