-- +goose Up
-- What programs of an app that says so must come with. A token is a user's, and
-- goes with them, or a license's: then it stays with whoever redeems that.
CREATE TABLE tokens (
  id             TEXT NOT NULL,
  app_id         TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  token_hash     BLOB NOT NULL,
  token_sealed   BLOB NOT NULL,
  token_last4    TEXT NOT NULL,
  user_id        TEXT,
  license_id     TEXT,
  status         TEXT NOT NULL,
  file_hash      BLOB,             -- of the file that it is bound to
  used_at        INTEGER,          -- when it was bound
  reason         TEXT NOT NULL,
  blacklisted_at INTEGER,
  created_at     INTEGER NOT NULL,
  created_by     TEXT NOT NULL,
  updated_at     INTEGER NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, token_hash),
  UNIQUE (app_id, user_id),
  UNIQUE (app_id, license_id),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE,
  CHECK (status IN ('not_used', 'used', 'blacklisted')),
  CHECK ((user_id IS NULL) <> (license_id IS NULL)),
  CHECK ((file_hash IS NULL) = (used_at IS NULL))
) STRICT;
CREATE INDEX tokens_status ON tokens (app_id, status, id);
CREATE INDEX tokens_last4 ON tokens (app_id, token_last4, id);
