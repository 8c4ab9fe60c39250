-- Share links: whoever has one may download a file, or what is in a batch.

-- +goose Up
CREATE TABLE share_links (
    id            text PRIMARY KEY,
    hash          text NOT NULL UNIQUE,
    prefix        text NOT NULL,
    created_by    text REFERENCES users ON DELETE SET NULL,
    file_id       text REFERENCES upload_files ON DELETE CASCADE,
    batch_id      text REFERENCES upload_batches ON DELETE CASCADE,
    password_hash text NOT NULL, -- empty: none
    max_downloads integer NOT NULL, -- 0: no limit
    downloads     integer NOT NULL,
    expires_at    text,
    revoked_at    text,
    created_at    text NOT NULL,
    updated_at    text NOT NULL,
    CHECK ((file_id IS NULL) <> (batch_id IS NULL)),
    CHECK (max_downloads = 0 OR downloads <= max_downloads)
);
CREATE INDEX share_links_list ON share_links (created_at DESC, id DESC);
CREATE INDEX share_links_file ON share_links (file_id, created_at DESC, id DESC);
CREATE INDEX share_links_batch ON share_links (batch_id, created_at DESC, id DESC);
CREATE INDEX share_links_creator ON share_links (created_by);

CREATE TABLE share_accesses (
    id         text PRIMARY KEY,
    link_id    text NOT NULL REFERENCES share_links ON DELETE CASCADE,
    what       text NOT NULL,
    outcome    text NOT NULL,
    file_id    text,
    file_name  text NOT NULL,
    ip         text NOT NULL,
    user_agent text NOT NULL,
    created_at text NOT NULL
);
CREATE INDEX share_accesses_link ON share_accesses (link_id, created_at DESC, id DESC);

-- +goose Down
DROP TABLE share_accesses;
DROP TABLE share_links;
