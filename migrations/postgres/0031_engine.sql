-- The engine keeps endpoints in memory; this tells it when they changed.

-- +goose Up
CREATE TABLE endpoint_generation (n bigint NOT NULL) WITH (fillfactor = 10);
INSERT INTO endpoint_generation VALUES (0);

-- +goose Down
DROP TABLE endpoint_generation;
