-- A second factor for signing in: secrets are sealed, recovery codes hashed.

-- +goose Up
CREATE TABLE second_factors (
    user_id      text PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    sealed       text NOT NULL,
    confirmed_at text,
    last_step    bigint NOT NULL,
    created_at   text NOT NULL,
    updated_at   text NOT NULL
);

CREATE TABLE recovery_codes (
    user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
    hash    text NOT NULL,
    used_at text,
    PRIMARY KEY (user_id, hash)
);

-- +goose Down
DROP TABLE recovery_codes;
DROP TABLE second_factors;
