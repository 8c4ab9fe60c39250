-- The admin's list of parts: the newest first, and found by a whole hash.

-- +goose Up
CREATE INDEX upload_parts_list ON upload_parts (created_at DESC, id DESC);
CREATE INDEX upload_parts_sha256 ON upload_parts (sha256);

-- +goose Down
DROP INDEX upload_parts_sha256;
DROP INDEX upload_parts_list;
