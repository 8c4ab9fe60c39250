-- What staff may not do, by account.

-- +goose Up
ALTER TABLE users ADD COLUMN withheld jsonb NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE users DROP COLUMN withheld;
