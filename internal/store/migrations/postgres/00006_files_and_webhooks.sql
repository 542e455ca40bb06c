-- +goose Up
-- What an app hands to its programs. Contents lie in the folder of files, under
-- blob_id; those behind a link are fetched when they are asked for.
CREATE TABLE files (
  id            TEXT COLLATE "C" NOT NULL,
  app_id        TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name          TEXT COLLATE "C" NOT NULL,
  name_folded   TEXT COLLATE "C" NOT NULL, -- for searches
  blob_id       TEXT COLLATE "C" UNIQUE, -- NULL for a file behind a link
  size          BIGINT NOT NULL, -- bytes; 0 likewise
  sha256        TEXT COLLATE "C" NOT NULL, -- lower-case hex; '' likewise
  link_sealed   BYTEA, -- NULL for an uploaded file
  needs_sign_in BIGINT NOT NULL,
  min_level     BIGINT NOT NULL, -- 0: any
  content_at    BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  updated_at    BIGINT NOT NULL,
  PRIMARY KEY (app_id, id),
  CHECK ((blob_id IS NULL) <> (link_sealed IS NULL))
);

-- How many files an app has and how large the uploaded ones are together. Whoever
-- adds to it locks it, so that no two uploads take the same last place.
CREATE TABLE file_totals (
  app_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  files  BIGINT NOT NULL,
  bytes  BIGINT NOT NULL,
  CHECK (files >= 0 AND bytes >= 0)
);

-- Addresses that programs may have called without learning them.
CREATE TABLE webhooks (
  id            TEXT COLLATE "C" NOT NULL,
  app_id        TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name          TEXT COLLATE "C" NOT NULL,
  url_sealed    BYTEA NOT NULL,
  user_agent    TEXT COLLATE "C" NOT NULL, -- '' for the server's own
  needs_sign_in BIGINT NOT NULL,
  min_level     BIGINT NOT NULL, -- 0: any
  show_answer   BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  updated_at    BIGINT NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, name)
);
