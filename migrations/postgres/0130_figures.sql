-- Figures by the hour, computed from the rows again and again, so that charts of
-- a month do not read them. Nothing in here is the truth: empty tables are
-- filled anew.

-- +goose Up
CREATE TABLE figure_marks (
    name  text PRIMARY KEY,
    until_at timestamptz NOT NULL -- hours before this one are computed
);
CREATE TABLE file_hours (
    owner_id   uuid NOT NULL, -- all zeros: everybody together
    hour_at    timestamptz NOT NULL, -- when the files were handed in
    received   integer NOT NULL,
    refused    integer NOT NULL,
    bytes      bigint NOT NULL,
    uploading  integer NOT NULL, -- this and the four below: what they are by now
    stored     integer NOT NULL,
    processed  integer NOT NULL,
    failed     integer NOT NULL,
    deleted    integer NOT NULL,
    kept_bytes bigint NOT NULL, -- whatever their age, at the end of the hour
    kept_files bigint NOT NULL,
    PRIMARY KEY (owner_id, hour_at)
);
CREATE TABLE attempt_hours (
    endpoint_id uuid NOT NULL, -- all zeros: all together
    hour_at     timestamptz NOT NULL,
    delivered   integer NOT NULL,
    failed      integer NOT NULL,
    first_try   integer NOT NULL,
    answers     text NOT NULL, -- domain.Latencies
    PRIMARY KEY (endpoint_id, hour_at)
);
CREATE INDEX attempt_hours_hour ON attempt_hours (hour_at);
CREATE TABLE queue_samples (
    taken_at timestamptz PRIMARY KEY,
    pending  bigint NOT NULL -- deliveries that wait
);
-- What is kept is counted from the last whole hour on by these two.
CREATE INDEX upload_files_stored ON upload_files (stored_at, uploaded_by, size_bytes) WHERE stored_at IS NOT NULL;
CREATE INDEX upload_files_purged ON upload_files (purged_at, uploaded_by, size_bytes) WHERE purged_at IS NOT NULL AND stored_at IS NOT NULL;

-- +goose Down
DROP INDEX upload_files_purged;
DROP INDEX upload_files_stored;
DROP TABLE queue_samples;
DROP TABLE attempt_hours;
DROP TABLE file_hours;
DROP TABLE figure_marks;
