-- What failed is counted by class, code and endpoint from the indexes alone, and
-- uploads of a kind or mode that few have are found without reading all of them.

-- +goose Up
DROP INDEX delivery_attempts_failed, delivery_attempts_endpoint_failed;
CREATE INDEX delivery_attempts_failed ON delivery_attempts (error_class, started_at DESC, id DESC) INCLUDE (endpoint_id, status_code) WHERE error_class <> '';
CREATE INDEX delivery_attempts_endpoint_failed ON delivery_attempts (endpoint_id, started_at DESC, id DESC) INCLUDE (error_class, status_code) WHERE error_class <> '';
CREATE INDEX upload_sessions_kind ON upload_sessions (kind, created_at DESC, id DESC);
CREATE INDEX upload_sessions_mode ON upload_sessions (mode, created_at DESC, id DESC);

-- +goose Down
DROP INDEX upload_sessions_mode, upload_sessions_kind, delivery_attempts_endpoint_failed, delivery_attempts_failed;
CREATE INDEX delivery_attempts_failed ON delivery_attempts (error_class, started_at DESC, id DESC) WHERE error_class <> '';
CREATE INDEX delivery_attempts_endpoint_failed ON delivery_attempts (endpoint_id, started_at DESC, id DESC) WHERE error_class <> '';
