-- A second factor for signing in: secrets are sealed, recovery codes hashed.

-- +goose Up
CREATE TABLE second_factors (
    user_id      uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    sealed       text NOT NULL,
    confirmed_at timestamptz,
    last_step    bigint NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);

CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    hash    text NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, hash)
);

-- +goose Down
DROP TABLE recovery_codes, second_factors;
