-- How much a person may hand in. The index over what is kept adds up by owner
-- too, so that a quota costs no index of its own.

-- +goose Up
ALTER TABLE users ADD COLUMN quota_bytes bigint NOT NULL DEFAULT 0; -- 0: no limit
ALTER TABLE users ADD COLUMN allowed_types text NOT NULL DEFAULT '[]'; -- empty: the portal's
DROP INDEX upload_files_kept;
CREATE INDEX upload_files_kept ON upload_files (uploaded_by, size_bytes) WHERE stored_at IS NOT NULL AND purged_at IS NULL;

-- +goose Down
DROP INDEX upload_files_kept;
CREATE INDEX upload_files_kept ON upload_files (size_bytes) WHERE stored_at IS NOT NULL AND purged_at IS NULL;
ALTER TABLE users DROP COLUMN allowed_types;
ALTER TABLE users DROP COLUMN quota_bytes;
