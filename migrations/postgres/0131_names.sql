-- Names of files and labels of batches are found by any part of them. Deliveries
-- and events are found through the files, so that what changes all the time has
-- no such index.
--
-- A database that does not let its owner have pg_trgm is used without: the same
-- is found, by reading rows.

-- +goose Up
-- +goose StatementBegin
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR raise_exception THEN
    RAISE WARNING 'pg_trgm cannot be had here (%): names are found without an index', SQLERRM;
END
$$;
-- +goose StatementEnd
-- Big files are few: whoever asks for them reads no others.
CREATE INDEX upload_files_big ON upload_files (created_at DESC, id DESC) WHERE size_bytes >= 100000000;
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_opclass WHERE opcname = 'gin_trgm_ops' AND pg_opclass_is_visible(oid)) THEN
        CREATE INDEX upload_files_name ON upload_files USING gin (original_filename gin_trgm_ops);
        CREATE INDEX upload_batches_label ON upload_batches USING gin (label gin_trgm_ops);
    END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP INDEX upload_files_big;
DROP INDEX IF EXISTS upload_batches_label;
DROP INDEX IF EXISTS upload_files_name;
