-- The state of an endpoint's circuit breaker and of its rate, which all workers
-- share, and a retry schedule of its own. paced_us is in microseconds since
-- 1970, so that the rate is plain arithmetic in both dialects.

-- +goose Up
ALTER TABLE webhook_endpoints ADD COLUMN last_failure_at text;
ALTER TABLE webhook_endpoints ADD COLUMN failures integer NOT NULL DEFAULT 0;
ALTER TABLE webhook_endpoints ADD COLUMN strikes integer NOT NULL DEFAULT 0;
ALTER TABLE webhook_endpoints ADD COLUMN paused_until text;
ALTER TABLE webhook_endpoints ADD COLUMN paced_us bigint NOT NULL DEFAULT 0;
ALTER TABLE webhook_endpoints ADD COLUMN retry_schedule text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE webhook_endpoints DROP COLUMN retry_schedule;
ALTER TABLE webhook_endpoints DROP COLUMN paced_us;
ALTER TABLE webhook_endpoints DROP COLUMN paused_until;
ALTER TABLE webhook_endpoints DROP COLUMN strikes;
ALTER TABLE webhook_endpoints DROP COLUMN failures;
ALTER TABLE webhook_endpoints DROP COLUMN last_failure_at;
