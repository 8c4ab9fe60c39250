-- Endpoints: conditions on events, a client certificate, two kinds of secrets.
-- Values of custom headers are sealed from here on; none was ever set before.

-- +goose Up
ALTER TABLE webhook_endpoints ADD COLUMN filter jsonb NOT NULL DEFAULT '{}';
ALTER TABLE webhook_endpoints ADD COLUMN client_cert jsonb NOT NULL DEFAULT 'null';
ALTER TABLE endpoint_secrets ADD COLUMN kind text NOT NULL DEFAULT 'v1' CHECK (kind IN ('v1', 'v1a'));
ALTER TABLE endpoint_secrets ADD COLUMN public_key text NOT NULL DEFAULT '';
ALTER TABLE endpoint_secrets ADD COLUMN hint text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE endpoint_secrets DROP COLUMN hint;
ALTER TABLE endpoint_secrets DROP COLUMN public_key;
ALTER TABLE endpoint_secrets DROP COLUMN kind;
ALTER TABLE webhook_endpoints DROP COLUMN client_cert;
ALTER TABLE webhook_endpoints DROP COLUMN filter;
