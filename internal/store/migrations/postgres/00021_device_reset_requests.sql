-- +goose Up
-- Customers may ask for a reset of their devices, which the seller approves or
-- declines. Those who wait are few, and listed in the order of their ids.
ALTER TABLE users ADD COLUMN reset_requested_at BIGINT;
ALTER TABLE users ADD COLUMN reset_declined_at BIGINT;
CREATE INDEX users_reset_requested ON users (app_id, id) WHERE reset_requested_at IS NOT NULL;
