-- +goose Up
-- An administrator can shut an account; what it owns stays.
ALTER TABLE accounts ADD COLUMN disabled_at INTEGER;
CREATE INDEX accounts_administrators ON accounts (id) WHERE administrator = 1;
