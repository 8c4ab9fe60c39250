-- Uploads: batches and files.

-- +goose Up
CREATE TABLE upload_batches (
    id              uuid PRIMARY KEY,
    created_by      uuid REFERENCES users ON DELETE SET NULL,
    label           text NOT NULL,
    status          text NOT NULL CHECK (status IN ('init', 'in_progress', 'complete', 'partial', 'failed')),
    sealed_at       timestamptz,
    idempotency_key text NOT NULL,
    files_count     integer NOT NULL, -- the five counts are kept once the batch is done
    uploading_count integer NOT NULL,
    stored_count    integer NOT NULL,
    failed_count    integer NOT NULL,
    bytes_count     bigint NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX upload_batches_idempotency ON upload_batches (created_by, idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX upload_batches_list ON upload_batches (created_at DESC, id DESC);
CREATE INDEX upload_batches_owner ON upload_batches (created_by, created_at DESC, id DESC);
CREATE INDEX upload_batches_status ON upload_batches (status, created_at DESC, id DESC);
CREATE INDEX upload_batches_open ON upload_batches (updated_at) WHERE status IN ('init', 'in_progress');

CREATE TABLE upload_files (
    id                uuid PRIMARY KEY,
    batch_id          uuid REFERENCES upload_batches ON DELETE SET NULL,
    uploaded_by       uuid REFERENCES users ON DELETE SET NULL,
    original_filename text NOT NULL,
    content_type      text NOT NULL,
    size_bytes        bigint NOT NULL,
    sha256            text NOT NULL,
    storage_key       text NOT NULL UNIQUE,
    link_serial       integer NOT NULL,
    metadata          jsonb NOT NULL,
    status            text NOT NULL CHECK (status IN ('uploading', 'stored', 'processed', 'failed', 'deleted')),
    error_message     text NOT NULL,
    superseded        boolean NOT NULL DEFAULT false, -- failed, and tried again: not in its batch's counts
    expiry_told       timestamptz,                    -- the expires_at that the last file.expiring spoke of
    expires_at        timestamptz,
    stored_at         timestamptz,
    processed_at      timestamptz,
    deleted_at        timestamptz,
    purged_at         timestamptz,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX upload_files_list ON upload_files (created_at DESC, id DESC);
CREATE INDEX upload_files_owner ON upload_files (uploaded_by, created_at DESC, id DESC);
CREATE INDEX upload_files_status ON upload_files (status, created_at DESC, id DESC);
CREATE INDEX upload_files_batch ON upload_files (batch_id, created_at DESC, id DESC);
CREATE INDEX upload_files_sha256 ON upload_files (sha256 text_pattern_ops);
CREATE INDEX upload_files_stale ON upload_files (updated_at) WHERE status = 'uploading';
CREATE INDEX upload_files_expiry ON upload_files (expires_at) WHERE status IN ('stored', 'processed', 'failed') AND expires_at IS NOT NULL;
CREATE INDEX upload_files_expiring ON upload_files (expires_at) WHERE status = 'stored' AND expires_at IS NOT NULL;
CREATE INDEX upload_files_unpurged ON upload_files (updated_at) WHERE purged_at IS NULL AND (status = 'deleted' OR status = 'failed' AND stored_at IS NULL);
CREATE INDEX upload_files_kept ON upload_files (size_bytes) WHERE stored_at IS NOT NULL AND purged_at IS NULL;

-- +goose Down
DROP TABLE upload_files, upload_batches;
