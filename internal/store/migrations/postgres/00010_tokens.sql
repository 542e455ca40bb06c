-- +goose Up
-- What programs of an app that says so must come with. A token is a user's, and
-- goes with them, or a license's: then it stays with whoever redeems that.
CREATE TABLE tokens (
  id             TEXT COLLATE "C" NOT NULL,
  app_id         TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  token_hash     BYTEA NOT NULL,
  token_sealed   BYTEA NOT NULL,
  token_last4    TEXT COLLATE "C" NOT NULL,
  user_id        TEXT COLLATE "C",
  license_id     TEXT COLLATE "C",
  status         TEXT COLLATE "C" NOT NULL,
  file_hash      BYTEA,  -- of the file that it is bound to
  used_at        BIGINT, -- when it was bound
  reason         TEXT COLLATE "C" NOT NULL,
  blacklisted_at BIGINT,
  created_at     BIGINT NOT NULL,
  created_by     TEXT COLLATE "C" NOT NULL,
  updated_at     BIGINT NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, token_hash),
  UNIQUE (app_id, user_id),
  UNIQUE (app_id, license_id),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE,
  CHECK (status IN ('not_used', 'used', 'blacklisted')),
  CHECK ((user_id IS NULL) <> (license_id IS NULL)),
  CHECK ((file_hash IS NULL) = (used_at IS NULL))
);
CREATE INDEX tokens_status ON tokens (app_id, status, id);
CREATE INDEX tokens_last4 ON tokens (app_id, token_last4, id);
