-- Lists of what is rare in big tables.

-- +goose Up
CREATE INDEX upload_files_type ON upload_files (content_type, created_at DESC, id DESC);
-- Entries about one thing are found whatever its kind.
CREATE INDEX audit_entries_about ON audit_entries (object_id, at, id);
DROP INDEX audit_entries_object;

-- +goose Down
CREATE INDEX audit_entries_object ON audit_entries (object_type, object_id, at, id);
DROP INDEX audit_entries_about;
DROP INDEX upload_files_type;
