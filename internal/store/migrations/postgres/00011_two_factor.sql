-- +goose Up
-- The second factor of customers, and the ways to sign in that belong to their own
-- page. users says who needs one, so that a sign-in
-- asks for nothing more.
ALTER TABLE users ADD COLUMN two_factor_at BIGINT; -- since when; NULL: none is needed

CREATE TABLE two_factors (
  app_id        TEXT COLLATE "C" NOT NULL,
  user_id       TEXT COLLATE "C" NOT NULL,
  seed_sealed   BYTEA NOT NULL,
  confirmed_at  BIGINT,          -- NULL: an enrolment that waits for its first code
  pending_until BIGINT,          -- of an enrolment
  last_step     BIGINT NOT NULL, -- no code of this step or an earlier one is good
  last_session  TEXT COLLATE "C" NOT NULL, -- the sign-in that had it; only that can be repeated
  tries         BIGINT NOT NULL, -- codes tried
  tries_since   BIGINT NOT NULL, -- since then
  created_at    BIGINT NOT NULL,
  PRIMARY KEY (app_id, user_id),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
);

CREATE TABLE recovery_codes (
  app_id       TEXT COLLATE "C" NOT NULL,
  user_id      TEXT COLLATE "C" NOT NULL,
  code_hash    BYTEA NOT NULL,
  used_at      BIGINT,
  used_session TEXT COLLATE "C" NOT NULL, -- as last_session
  PRIMARY KEY (app_id, user_id, code_hash),
  FOREIGN KEY (app_id, user_id) REFERENCES two_factors (app_id, user_id) ON DELETE CASCADE
);

-- Of several users with one address, the first made is found first.
DROP INDEX users_email;
CREATE INDEX users_email ON users (app_id, email_hash, id) WHERE email_hash IS NOT NULL;

-- Tokens by which a program signs somebody in once, from their own page.
CREATE TABLE sign_in_tokens (
  token_hash   BYTEA PRIMARY KEY NOT NULL,
  app_id       TEXT COLLATE "C" NOT NULL,
  user_id      TEXT COLLATE "C" NOT NULL,
  auth_version BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  used_at      BIGINT,
  used_session TEXT COLLATE "C" NOT NULL, -- the sign-in that had it; only that can be repeated
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
);
CREATE INDEX sign_in_tokens_user ON sign_in_tokens (app_id, user_id);
CREATE INDEX sign_in_tokens_expiry ON sign_in_tokens (expires_at);

-- Who is signed in to their own page.
CREATE TABLE panel_sessions (
  token_hash   BYTEA PRIMARY KEY NOT NULL,
  id           TEXT COLLATE "C" NOT NULL,
  app_id       TEXT COLLATE "C" NOT NULL,
  user_id      TEXT COLLATE "C" NOT NULL,
  auth_version BIGINT NOT NULL,
  ip           TEXT COLLATE "C" NOT NULL,
  user_agent   TEXT COLLATE "C" NOT NULL,
  created_at   BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
);
CREATE INDEX panel_sessions_user ON panel_sessions (app_id, user_id, id);
CREATE INDEX panel_sessions_expiry ON panel_sessions (expires_at);

-- Files that customers find on their own page.
ALTER TABLE files ADD COLUMN in_panel BIGINT NOT NULL DEFAULT 0;
CREATE INDEX files_in_panel ON files (app_id, id) WHERE in_panel = 1;
