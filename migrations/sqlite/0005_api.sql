-- API: what was made under the keys of clients.

-- +goose Up
CREATE TABLE idempotency_records (
    owner_id    text NOT NULL REFERENCES users ON DELETE CASCADE,
    operation   text NOT NULL,
    key         text NOT NULL,
    fingerprint text NOT NULL,
    resource_id text NOT NULL, -- no foreign key: a record outlives what it made
    created_at  text NOT NULL,
    PRIMARY KEY (owner_id, operation, key)
);
CREATE INDEX idempotency_records_age ON idempotency_records (created_at);

-- +goose Down
DROP TABLE idempotency_records;
