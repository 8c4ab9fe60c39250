-- Lists of what is rare in big tables. Of two conditions that have many rows each
-- and few together, each needs an index: PostgreSQL puts them together.

-- +goose Up
-- Types are asked for whole (image/png, in the order of the list) and by their family (image/).
CREATE INDEX upload_files_type ON upload_files (content_type text_pattern_ops, created_at DESC, id DESC);
-- Every size, not the big ones alone: where all files are small, the middling are as rare.
CREATE INDEX upload_files_size ON upload_files (size_bytes);
DROP INDEX upload_files_big;
-- What it found, upload_files_expiry finds too.
DROP INDEX upload_files_expiring;
-- Some types fail, or are processed, more than others.
CREATE STATISTICS upload_files_kinds (mcv) ON status, content_type FROM upload_files;
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM upload_files) THEN -- a table known to be empty is planned for as if it stayed so
        ANALYZE upload_files (status, content_type, size_bytes);
    END IF;
END
$$;
-- +goose StatementEnd

-- Entries about one thing are found whatever its kind.
CREATE INDEX audit_entries_about ON audit_entries (object_id, at, id);
DROP INDEX audit_entries_object;
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_opclass WHERE opcname = 'gin_trgm_ops' AND pg_opclass_is_visible(oid)) THEN
        CREATE INDEX audit_entries_words ON audit_entries USING gin (actor_name gin_trgm_ops, action gin_trgm_ops);
    END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP INDEX IF EXISTS audit_entries_words;
CREATE INDEX audit_entries_object ON audit_entries (object_type, object_id, at, id);
DROP INDEX audit_entries_about;
DROP STATISTICS upload_files_kinds;
CREATE INDEX upload_files_expiring ON upload_files (expires_at) WHERE status = 'stored' AND expires_at IS NOT NULL;
CREATE INDEX upload_files_big ON upload_files (created_at DESC, id DESC) WHERE size_bytes >= 100000000;
DROP INDEX upload_files_size, upload_files_type;
