-- +goose Up
-- Values that programs ask for: those of an app, and those of its users.
CREATE TABLE variables (
  id            TEXT COLLATE "C" NOT NULL,
  app_id        TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name          TEXT COLLATE "C" NOT NULL,
  folded_name   TEXT COLLATE "C" NOT NULL, -- in which it is searched
  size          BIGINT NOT NULL,           -- of the value, in bytes
  needs_sign_in BIGINT NOT NULL,
  min_level     BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  updated_at    BIGINT NOT NULL,
  value_sealed  BYTEA NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, name)
);

CREATE TABLE user_variables (
  id           TEXT COLLATE "C" NOT NULL,
  app_id       TEXT COLLATE "C" NOT NULL,
  user_id      TEXT COLLATE "C" NOT NULL,
  name         TEXT COLLATE "C" NOT NULL,
  value_sealed BYTEA NOT NULL,
  read_only    BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (app_id, user_id, id),
  UNIQUE (app_id, user_id, name),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
);
