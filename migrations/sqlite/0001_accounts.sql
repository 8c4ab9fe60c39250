-- Accounts: who may sign in, how, and how often they may fail.
--
-- Times are UTC text of one length (2026-01-02T15:04:05.000000Z), so that they
-- compare as text; ids are text, JSON is text.

-- +goose Up
CREATE TABLE users (
    id            text PRIMARY KEY,
    email         text NOT NULL, -- lower case
    name          text NOT NULL,
    password_hash text NOT NULL,
    role          text NOT NULL CHECK (role IN ('admin', 'staff')),
    active        boolean NOT NULL,
    last_login_at text,
    created_at    text NOT NULL,
    updated_at    text NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email)
);
CREATE INDEX users_list ON users (created_at DESC, id DESC);

CREATE TABLE web_sessions (
    id           text PRIMARY KEY,
    hash         text NOT NULL UNIQUE,
    user_id      text NOT NULL REFERENCES users ON DELETE CASCADE,
    csrf         text NOT NULL,
    remember     boolean NOT NULL,
    ip           text NOT NULL,
    user_agent   text NOT NULL,
    last_seen_at text NOT NULL,
    expires_at   text NOT NULL,
    revoked_at   text,
    created_at   text NOT NULL,
    updated_at   text NOT NULL
);
CREATE INDEX web_sessions_address ON web_sessions (user_id, ip, last_seen_at);
CREATE INDEX web_sessions_expiry ON web_sessions (expires_at);
CREATE INDEX web_sessions_revoked ON web_sessions (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE api_tokens (
    id           text PRIMARY KEY,
    user_id      text NOT NULL REFERENCES users ON DELETE CASCADE,
    name         text NOT NULL,
    prefix       text NOT NULL,
    hash         text NOT NULL UNIQUE,
    scopes       text NOT NULL,
    expires_at   text,
    last_used_at text,
    revoked_at   text,
    created_at   text NOT NULL,
    updated_at   text NOT NULL
);
CREATE INDEX api_tokens_user ON api_tokens (user_id, created_at DESC, id DESC);

-- Leaky buckets. at_us is the time of the level in microseconds since 1970, so
-- that leaking is plain arithmetic in both dialects.
CREATE TABLE throttles (
    key   text PRIMARY KEY,
    level real NOT NULL,
    at_us bigint NOT NULL
);
CREATE INDEX throttles_idle ON throttles (at_us);

-- +goose Down
DROP TABLE throttles;
DROP TABLE api_tokens;
DROP TABLE web_sessions;
DROP TABLE users;
