-- What failed at one endpoint, among all that was sent to it.

-- +goose Up
CREATE INDEX delivery_attempts_endpoint_failed ON delivery_attempts (endpoint_id, started_at DESC, id DESC) WHERE error_class <> '';

-- +goose Down
DROP INDEX delivery_attempts_endpoint_failed;
