-- +goose Up
-- Users in the order of their names, those whose time ends next, and those who
-- hold no subscription. Nothing here is written by a sign-in.
DROP INDEX users_name;
CREATE INDEX users_name ON users (app_id, canonical_name, id);
ALTER TABLE users ADD COLUMN holdings BIGINT NOT NULL DEFAULT 0; -- how many subscriptions there are of theirs
UPDATE users SET holdings = (SELECT COUNT(*) FROM user_subscriptions us WHERE us.app_id = users.app_id AND us.user_id = users.id);
CREATE INDEX users_without ON users (app_id, id) WHERE holdings = 0;
-- A lifetime ends after everything else.
CREATE INDEX user_subscriptions_ends ON user_subscriptions (app_id, (COALESCE(expires_at, 9223372036854775807)), user_id, subscription_id);
CREATE INDEX user_subscriptions_paused ON user_subscriptions (app_id, paused_at) WHERE paused_at IS NOT NULL;
-- Licenses in the order of their redemption.
CREATE INDEX licenses_used_at ON licenses (app_id, used_at, id) WHERE used_at IS NOT NULL;
