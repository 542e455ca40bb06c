-- +goose Up
-- A dashboard session gets another token when the password is typed in. The one
-- before it is good for a moment more, for calls that are under way.
ALTER TABLE account_sessions ADD COLUMN previous_hash BLOB;
ALTER TABLE account_sessions ADD COLUMN previous_until INTEGER;
CREATE UNIQUE INDEX account_sessions_previous ON account_sessions (previous_hash);
