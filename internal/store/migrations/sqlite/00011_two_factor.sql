-- +goose Up
-- The second factor of customers, and the ways to sign in that belong to their own
-- page. users says who needs one, so that a sign-in
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

-- Of several users with one address, the first made is found first.
DROP INDEX users_email;
CREATE INDEX users_email ON users (app_id, email_hash, id) WHERE email_hash IS NOT NULL;

-- Tokens by which a program signs somebody in once, from their own page.
CREATE TABLE sign_in_tokens (
  token_hash   BLOB PRIMARY KEY NOT NULL,
  app_id       TEXT NOT NULL,
  user_id      TEXT NOT NULL,
  auth_version INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  used_at      INTEGER,
  used_session TEXT NOT NULL, -- the sign-in that had it; only that can be repeated
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_tokens_user ON sign_in_tokens (app_id, user_id);
CREATE INDEX sign_in_tokens_expiry ON sign_in_tokens (expires_at);

-- Who is signed in to their own page.
CREATE TABLE panel_sessions (
  token_hash   BLOB PRIMARY KEY NOT NULL,
  id           TEXT NOT NULL,
  app_id       TEXT NOT NULL,
  user_id      TEXT NOT NULL,
  auth_version INTEGER NOT NULL,
  ip           TEXT NOT NULL,
  user_agent   TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX panel_sessions_user ON panel_sessions (app_id, user_id, id);
CREATE INDEX panel_sessions_expiry ON panel_sessions (expires_at);

-- Files that customers find on their own page.
ALTER TABLE files ADD COLUMN in_panel INTEGER NOT NULL DEFAULT 0;
CREATE INDEX files_in_panel ON files (app_id, id) WHERE in_panel = 1;
