-- +goose Up
-- Who is kept out of an app, and which addresses are let in all the same.
CREATE TABLE access_entries (
  id           TEXT COLLATE "C" NOT NULL,
  app_id       TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  list         TEXT COLLATE "C" NOT NULL,
  kind         TEXT COLLATE "C" NOT NULL,
  name         BYTEA NOT NULL,            -- kind and value, or kind and hash of a hardware id
  value        TEXT COLLATE "C" NOT NULL, -- '' of a hardware id
  value_sealed BYTEA,                     -- only of a hardware id
  reason       TEXT COLLATE "C" NOT NULL,
  expires_at   BIGINT,
  user_id      TEXT COLLATE "C" NOT NULL, -- whose ban made it, '' if it was made by hand
  revision     BIGINT NOT NULL,           -- the app's access_revision when it was last changed
  created_at   BIGINT NOT NULL,
  created_by   TEXT COLLATE "C" NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, list, name),
  CHECK (list IN ('blacklist', 'whitelist'))
);
CREATE INDEX access_entries_list ON access_entries (app_id, list, id);
CREATE INDEX access_entries_kind ON access_entries (app_id, list, kind, id);
CREATE INDEX access_entries_revision ON access_entries (app_id, revision);
CREATE INDEX access_entries_expiry ON access_entries (expires_at) WHERE expires_at IS NOT NULL;

-- Whose bans an entry stands for: it goes with the last of them.
CREATE TABLE access_bans (
  app_id   TEXT COLLATE "C" NOT NULL,
  user_id  TEXT COLLATE "C" NOT NULL,
  entry_id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (app_id, user_id, entry_id),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE,
  FOREIGN KEY (app_id, entry_id) REFERENCES access_entries (app_id, id) ON DELETE CASCADE
);
CREATE INDEX access_bans_entry ON access_bans (app_id, entry_id);

-- Grows with every change of the lists; the floor is its value after the last
-- deletion, before which what was read cannot be brought up to date.
ALTER TABLE apps ADD COLUMN access_revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE apps ADD COLUMN access_floor BIGINT NOT NULL DEFAULT 0;

-- The hash of the hardware id that a sign-in sent, bound or not.
ALTER TABLE sessions ADD COLUMN hwid_key BYTEA;

-- When sessions were last seen, as far as it has been written down: apart from
-- the sessions, so that a sign-in keeps no index of it.
CREATE TABLE session_seen (
  app_id     TEXT COLLATE "C" NOT NULL,
  session_id TEXT COLLATE "C" NOT NULL,
  seen_at    BIGINT NOT NULL,
  PRIMARY KEY (app_id, session_id),
  FOREIGN KEY (app_id, session_id) REFERENCES sessions (app_id, id) ON DELETE CASCADE
);
CREATE INDEX session_seen_at ON session_seen (app_id, seen_at);

-- What happened on a day, counted.
CREATE TABLE daily_stats (
  app_id TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  day    BIGINT NOT NULL,           -- since 1970, UTC
  name   TEXT COLLATE "C" NOT NULL,
  label  TEXT COLLATE "C" NOT NULL, -- '' of what is not told apart
  value  BIGINT NOT NULL,
  PRIMARY KEY (app_id, day, name, label)
);
CREATE INDEX daily_stats_day ON daily_stats (day);
