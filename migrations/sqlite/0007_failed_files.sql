-- A file that joins a batch supersedes the failed ones of its name: without this
-- each of ten thousand would look through all that came before it.

-- +goose Up
CREATE INDEX upload_files_failed ON upload_files (batch_id, original_filename) WHERE status = 'failed' AND NOT superseded;

-- +goose Down
DROP INDEX upload_files_failed;
