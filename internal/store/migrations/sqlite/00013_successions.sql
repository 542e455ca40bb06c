-- +goose Up
-- A client key's signed word for its successor: what the native protocol hands
-- out to programs that are older than the successor. None of it is secret.
CREATE TABLE successions (
  app_id     TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  made_at    INTEGER NOT NULL, -- when the successor was
  key_id     TEXT NOT NULL,    -- of the key that vouches
  public_key TEXT NOT NULL,    -- of the successor
  signature  TEXT NOT NULL,
  PRIMARY KEY (app_id, made_at, public_key)
) STRICT, WITHOUT ROWID;
