-- +goose Up
-- Values that programs ask for: those of an app, and those of its users.
CREATE TABLE variables (
  id            TEXT NOT NULL,
  app_id        TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name          TEXT NOT NULL,
  folded_name   TEXT NOT NULL,    -- in which it is searched
  size          INTEGER NOT NULL, -- of the value, in bytes
  needs_sign_in INTEGER NOT NULL,
  min_level     INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  value_sealed  BLOB NOT NULL,    -- last, so that lists need not read over it
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, name)
) STRICT;

CREATE TABLE user_variables (
  id           TEXT NOT NULL,
  app_id       TEXT NOT NULL,
  user_id      TEXT NOT NULL,
  name         TEXT NOT NULL,
  value_sealed BLOB NOT NULL,
  read_only    INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (app_id, user_id, id),
  UNIQUE (app_id, user_id, name),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
) STRICT;
