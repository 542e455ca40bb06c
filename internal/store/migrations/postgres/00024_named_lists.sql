-- +goose Up
-- Webhooks and channels are searched by name, as variables and files are: an app
-- has few of them, whose folded names are looked at in the order of the list. A
-- name is folded in full when it is next written.
ALTER TABLE webhooks ADD COLUMN folded_name TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE webhooks SET folded_name = LOWER(name);
ALTER TABLE chat_channels ADD COLUMN folded_name TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE chat_channels SET folded_name = LOWER(name);
-- Tokens in the order in which they were bound, each once.
CREATE INDEX tokens_used_at ON tokens (app_id, used_at, id) WHERE used_at IS NOT NULL;
