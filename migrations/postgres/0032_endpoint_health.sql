-- The state of an endpoint's circuit breaker and of its rate, which all workers
-- share, and a retry schedule of its own. paced_us is in microseconds since
-- 1970, so that the rate is plain arithmetic in both dialects.

-- +goose Up
ALTER TABLE webhook_endpoints ADD COLUMN last_failure_at timestamptz;
ALTER TABLE webhook_endpoints ADD COLUMN failures integer NOT NULL DEFAULT 0;
ALTER TABLE webhook_endpoints ADD COLUMN strikes integer NOT NULL DEFAULT 0;
ALTER TABLE webhook_endpoints ADD COLUMN paused_until timestamptz;
ALTER TABLE webhook_endpoints ADD COLUMN paced_us bigint NOT NULL DEFAULT 0;
ALTER TABLE webhook_endpoints ADD COLUMN retry_schedule text NOT NULL DEFAULT '';

-- Attempts are inserted, kept for weeks and removed in batches by age.
ALTER TABLE delivery_attempts SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
ALTER TABLE webhook_endpoints SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- +goose Down
ALTER TABLE webhook_endpoints RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE delivery_attempts RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor,
    autovacuum_analyze_scale_factor, autovacuum_vacuum_cost_delay);
ALTER TABLE webhook_endpoints DROP COLUMN retry_schedule, DROP COLUMN paced_us, DROP COLUMN paused_until,
    DROP COLUMN strikes, DROP COLUMN failures, DROP COLUMN last_failure_at;
