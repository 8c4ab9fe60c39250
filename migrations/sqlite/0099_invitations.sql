-- Invitations: a link with which somebody makes their own account.

-- +goose Up
CREATE TABLE invitations (
    id           text PRIMARY KEY,
    hash         text NOT NULL UNIQUE,
    email        text NOT NULL,
    role         text NOT NULL CHECK (role IN ('admin', 'staff')),
    invited_by   text REFERENCES users ON DELETE SET NULL,
    inviter_name text NOT NULL,
    expires_at   text NOT NULL,
    accepted_at  text,
    revoked_at   text,
    user_id      text REFERENCES users ON DELETE SET NULL,
    created_at   text NOT NULL,
    updated_at   text NOT NULL
);
CREATE INDEX invitations_list ON invitations (created_at DESC, id DESC);

-- +goose Down
DROP TABLE invitations;
