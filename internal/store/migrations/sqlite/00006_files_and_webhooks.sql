-- +goose Up
-- What an app hands to its programs. Contents lie in the folder of files, under
-- blob_id; those behind a link are fetched when they are asked for.
CREATE TABLE files (
  id            TEXT NOT NULL,
  app_id        TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name          TEXT NOT NULL,
  name_folded   TEXT NOT NULL,        -- for searches
  blob_id       TEXT UNIQUE,          -- NULL for a file behind a link
  size          INTEGER NOT NULL,     -- bytes; 0 likewise
  sha256        TEXT NOT NULL,        -- lower-case hex; '' likewise
  link_sealed   BLOB,                 -- NULL for an uploaded file
  needs_sign_in INTEGER NOT NULL,
  min_level     INTEGER NOT NULL,     -- 0: any
  content_at    INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  PRIMARY KEY (app_id, id),
  CHECK ((blob_id IS NULL) <> (link_sealed IS NULL))
) STRICT;

-- How many files an app has and how large the uploaded ones are together. Whoever
-- adds to it locks it, so that no two uploads take the same last place.
CREATE TABLE file_totals (
  app_id TEXT PRIMARY KEY NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  files  INTEGER NOT NULL,
  bytes  INTEGER NOT NULL,
  CHECK (files >= 0 AND bytes >= 0)
) STRICT;

-- Addresses that programs may have called without learning them.
CREATE TABLE webhooks (
  id            TEXT NOT NULL,
  app_id        TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name          TEXT NOT NULL,
  url_sealed    BLOB NOT NULL,
  user_agent    TEXT NOT NULL,        -- '' for the server's own
  needs_sign_in INTEGER NOT NULL,
  min_level     INTEGER NOT NULL,     -- 0: any
  show_answer   INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, name)
) STRICT;
