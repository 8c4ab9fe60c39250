-- Share links: whoever has one may download a file, or what is in a batch.

-- +goose Up
CREATE TABLE share_links (
    id            uuid PRIMARY KEY,
    hash          text NOT NULL UNIQUE,
    prefix        text NOT NULL,
    created_by    uuid REFERENCES users ON DELETE SET NULL,
    file_id       uuid REFERENCES upload_files ON DELETE CASCADE,
    batch_id      uuid REFERENCES upload_batches ON DELETE CASCADE,
    password_hash text NOT NULL, -- empty: none
    max_downloads integer NOT NULL, -- 0: no limit
    downloads     integer NOT NULL,
    expires_at    timestamptz,
    revoked_at    timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CHECK ((file_id IS NULL) <> (batch_id IS NULL)),
    CHECK (max_downloads = 0 OR downloads <= max_downloads)
);
CREATE INDEX share_links_list ON share_links (created_at DESC, id DESC);
CREATE INDEX share_links_file ON share_links (file_id, created_at DESC, id DESC);
CREATE INDEX share_links_batch ON share_links (batch_id, created_at DESC, id DESC);
CREATE INDEX share_links_creator ON share_links (created_by);

CREATE TABLE share_accesses (
    id         uuid PRIMARY KEY,
    link_id    uuid NOT NULL REFERENCES share_links ON DELETE CASCADE,
    what       text NOT NULL,
    outcome    text NOT NULL,
    file_id    uuid,
    file_name  text NOT NULL,
    ip         text NOT NULL,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX share_accesses_link ON share_accesses (link_id, created_at DESC, id DESC);

-- +goose Down
DROP TABLE share_accesses;
DROP TABLE share_links;
