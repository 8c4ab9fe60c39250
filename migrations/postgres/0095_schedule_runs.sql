-- Schedules are changed by people and have a history of runs. `seed` tells
-- those that the settings brought from those that somebody added.

-- +goose Up
ALTER TABLE schedules ADD COLUMN seed text NOT NULL DEFAULT '';
UPDATE schedules SET seed = task;
UPDATE schedules SET name = 'Uploads cleanup' WHERE name = 'Files cleanup';
CREATE UNIQUE INDEX schedules_seed ON schedules (seed) WHERE seed <> '';
CREATE INDEX schedules_list ON schedules (created_at DESC, id DESC);

CREATE TABLE schedule_runs (
    id          uuid PRIMARY KEY,
    schedule_id uuid NOT NULL REFERENCES schedules ON DELETE CASCADE,
    task        text NOT NULL,
    cause       text NOT NULL CHECK (cause IN ('due', 'asked', 'start', 'again')),
    asked_by    text NOT NULL,
    state       text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'lost')),
    due_at      timestamptz NOT NULL,
    started_at  timestamptz,
    ended_at    timestamptz,
    lease_until timestamptz,
    result      text NOT NULL,
    failure     text NOT NULL,
    created_at  timestamptz NOT NULL
);
-- A time at which it is due makes one run, and one at most waits.
CREATE UNIQUE INDEX schedule_runs_due ON schedule_runs (schedule_id, due_at) WHERE cause = 'due';
CREATE UNIQUE INDEX schedule_runs_waiting ON schedule_runs (schedule_id) WHERE state = 'queued';
CREATE INDEX schedule_runs_open ON schedule_runs (state, task) WHERE state IN ('queued', 'running');
CREATE INDEX schedule_runs_list ON schedule_runs (schedule_id, created_at DESC, id DESC);

-- +goose Down
DROP TABLE schedule_runs;
DROP INDEX schedules_list, schedules_seed;
ALTER TABLE schedules DROP COLUMN seed;
