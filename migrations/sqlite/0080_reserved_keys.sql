-- Storage keys that are committed before any row names them, many at a time:
-- small uploads are stored with one commit each.

-- +goose Up
CREATE TABLE reserved_keys (
    id         text PRIMARY KEY,
    keys       text NOT NULL,
    created_at text NOT NULL
);
CREATE INDEX reserved_keys_age ON reserved_keys (created_at);

-- +goose Down
DROP TABLE reserved_keys;
