-- Invitations: a link with which somebody makes their own account.

-- +goose Up
CREATE TABLE invitations (
    id           uuid PRIMARY KEY,
    hash         text NOT NULL UNIQUE,
    email        text NOT NULL,
    role         text NOT NULL CHECK (role IN ('admin', 'staff')),
    invited_by   uuid REFERENCES users ON DELETE SET NULL,
    inviter_name text NOT NULL,
    expires_at   timestamptz NOT NULL,
    accepted_at  timestamptz,
    revoked_at   timestamptz,
    user_id      uuid REFERENCES users ON DELETE SET NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);
CREATE INDEX invitations_list ON invitations (created_at DESC, id DESC);

-- +goose Down
DROP TABLE invitations;
