-- What failed has a class and a code, what was delivered has none of them: the
-- planner cannot know unless it is told to look at them together.

-- +goose Up
CREATE STATISTICS webhook_deliveries_troubles (mcv) ON status, last_error_class, last_status_code FROM webhook_deliveries;
CREATE STATISTICS delivery_attempts_troubles (mcv) ON error_class, status_code FROM delivery_attempts;
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM webhook_deliveries) THEN -- a table known to be empty is planned for as if it stayed so
        ANALYZE webhook_deliveries (status, last_error_class, last_status_code);
    END IF;
    IF EXISTS (SELECT FROM delivery_attempts) THEN
        ANALYZE delivery_attempts (error_class, status_code);
    END IF;
END
$$;
-- +goose StatementEnd
-- Files that were tried again are few.
CREATE INDEX upload_files_superseded ON upload_files (created_at DESC, id DESC) WHERE superseded;

-- +goose Down
DROP INDEX upload_files_superseded;
DROP STATISTICS delivery_attempts_troubles, webhook_deliveries_troubles;
