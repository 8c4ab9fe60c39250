-- Sessions: uploads that arrive in pieces, and their parts.

-- +goose Up
CREATE TABLE upload_sessions (
    id               uuid PRIMARY KEY,
    file_id          uuid REFERENCES upload_files ON DELETE CASCADE, -- null for a tus partial
    user_id          uuid REFERENCES users ON DELETE SET NULL,
    kind             text NOT NULL CHECK (kind IN ('whole', 'partial', 'final')),
    status           text NOT NULL CHECK (status IN ('init', 'in_progress', 'completing', 'complete', 'aborted', 'failed')),
    mode             text NOT NULL CHECK (mode IN ('', 'sequential', 'parts')), -- empty until the first write
    chunk_size_bytes bigint NOT NULL,
    total_size_bytes bigint, -- null while deferred
    bytes_received   bigint NOT NULL,
    completed_parts  integer NOT NULL,
    idempotency_key  text NOT NULL,
    hash_state       bytea,
    declared_sha256  text NOT NULL,
    storage_key      text NOT NULL,
    stage            bytea,
    metadata         jsonb NOT NULL,
    epoch            bigint NOT NULL,
    expires_at       timestamptz NOT NULL,
    error_message    text NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);
CREATE UNIQUE INDEX upload_sessions_idempotency ON upload_sessions (user_id, idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX upload_sessions_list ON upload_sessions (created_at DESC, id DESC);
CREATE INDEX upload_sessions_owner ON upload_sessions (user_id, created_at DESC, id DESC);
CREATE INDEX upload_sessions_status ON upload_sessions (status, created_at DESC, id DESC);
CREATE INDEX upload_sessions_file ON upload_sessions (file_id, created_at DESC, id DESC);
CREATE INDEX upload_sessions_open ON upload_sessions (user_id) WHERE status IN ('init', 'in_progress', 'completing');
CREATE INDEX upload_sessions_expiry ON upload_sessions (expires_at) WHERE status IN ('init', 'in_progress');
CREATE INDEX upload_sessions_completing ON upload_sessions (updated_at) WHERE status = 'completing';
CREATE INDEX upload_sessions_ended ON upload_sessions (updated_at) WHERE status IN ('complete', 'aborted', 'failed');

CREATE TABLE upload_parts (
    id           uuid PRIMARY KEY,
    session_id   uuid NOT NULL REFERENCES upload_sessions ON DELETE CASCADE,
    part_number  integer NOT NULL, -- from 1
    offset_bytes bigint NOT NULL,
    size_bytes   bigint NOT NULL,
    sha256       text NOT NULL,
    storage_tag  text NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT upload_parts_number UNIQUE (session_id, part_number)
);

-- +goose Down
DROP TABLE upload_parts, upload_sessions;
