-- +goose Up
-- The second factor of customers. users says who needs one, so that a sign-in
-- asks for nothing more.
ALTER TABLE users ADD COLUMN two_factor_at INTEGER; -- since when; NULL: none is needed

CREATE TABLE two_factors (
  app_id        TEXT NOT NULL,
  user_id       TEXT NOT NULL,
  seed_sealed   BLOB NOT NULL,
  confirmed_at  INTEGER,          -- NULL: an enrolment that waits for its first code
  pending_until INTEGER,          -- of an enrolment
  last_step     INTEGER NOT NULL, -- no code of this step or an earlier one is good
  last_session  TEXT NOT NULL,    -- the sign-in that had it; only that can be repeated
  tries         INTEGER NOT NULL, -- codes tried
  tries_since   INTEGER NOT NULL, -- since then
  created_at    INTEGER NOT NULL,
  PRIMARY KEY (app_id, user_id),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
  app_id       TEXT NOT NULL,
  user_id      TEXT NOT NULL,
  code_hash    BLOB NOT NULL,
  used_at      INTEGER,
  used_session TEXT NOT NULL,     -- as last_session
  PRIMARY KEY (app_id, user_id, code_hash),
  FOREIGN KEY (app_id, user_id) REFERENCES two_factors (app_id, user_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
