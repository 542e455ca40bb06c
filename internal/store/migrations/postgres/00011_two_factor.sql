-- +goose Up
-- The second factor of customers. users says who needs one, so that a sign-in
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
