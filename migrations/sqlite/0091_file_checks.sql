-- Checks: files whose bytes are read back and hashed, and what came of it.

-- +goose Up
CREATE TABLE file_checks (
    id          text PRIMARY KEY,
    file_id     text NOT NULL REFERENCES upload_files ON DELETE CASCADE,
    asked_by    text REFERENCES users ON DELETE SET NULL,
    asked_name  text NOT NULL,
    state       text NOT NULL CHECK (state IN ('waiting', 'running', 'matches', 'different', 'missing', 'broken')),
    total_bytes bigint NOT NULL,
    done_bytes  bigint NOT NULL,
    sha256      text NOT NULL, -- of what was read, empty before the end
    message     text NOT NULL,
    created_at  text NOT NULL,
    updated_at  text NOT NULL,
    ended_at    text
);
CREATE UNIQUE INDEX file_checks_one ON file_checks (file_id) WHERE ended_at IS NULL;
CREATE INDEX file_checks_due ON file_checks (created_at, id) WHERE ended_at IS NULL;
CREATE INDEX file_checks_file ON file_checks (file_id, created_at DESC, id DESC);
CREATE INDEX file_checks_asker ON file_checks (asked_by);

-- +goose Down
DROP TABLE file_checks;
