-- Attempts: the list of all of them, and of those that failed one way. The first
-- index takes the place of one that served the retention alone.

-- +goose Up
CREATE INDEX delivery_attempts_list ON delivery_attempts (started_at DESC, id DESC);
CREATE INDEX delivery_attempts_failed ON delivery_attempts (error_class, started_at DESC, id DESC) WHERE error_class <> '';
DROP INDEX delivery_attempts_started;

-- +goose Down
CREATE INDEX delivery_attempts_started ON delivery_attempts (started_at);
DROP INDEX delivery_attempts_failed;
DROP INDEX delivery_attempts_list;
