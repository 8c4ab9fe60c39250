-- Uploads of a kind or mode that few have are found without reading all of them.

-- +goose Up
CREATE INDEX upload_sessions_kind ON upload_sessions (kind, created_at DESC, id DESC);
CREATE INDEX upload_sessions_mode ON upload_sessions (mode, created_at DESC, id DESC);

-- +goose Down
DROP INDEX upload_sessions_mode;
DROP INDEX upload_sessions_kind;
