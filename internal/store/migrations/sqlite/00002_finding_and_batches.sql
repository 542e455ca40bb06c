-- +goose Up
-- What lists are narrowed by has an index that ends in the id, which lists are
-- ordered by: a page is read from it and never sorted.

CREATE INDEX licenses_level ON licenses (app_id, level, id);
CREATE INDEX licenses_created_by ON licenses (app_id, created_by, id);
DROP INDEX licenses_used_by;
CREATE INDEX licenses_used_by ON licenses (app_id, used_by, id) WHERE used_by <> '';
CREATE INDEX users_banned ON users (app_id, id) WHERE banned_at IS NOT NULL;
DROP INDEX user_subscriptions_holders;
CREATE INDEX user_subscriptions_holders ON user_subscriptions (app_id, subscription_id, user_id);

-- Each note of an app once, in the form in which it is searched: a million
-- licenses of one batch share one row and its trigrams.
CREATE TABLE license_notes (
  id     INTEGER PRIMARY KEY,
  app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  folded TEXT NOT NULL,
  UNIQUE (app_id, id),
  UNIQUE (app_id, folded)
) STRICT;
ALTER TABLE licenses ADD COLUMN note_id INTEGER;
INSERT INTO license_notes (app_id, folded) SELECT DISTINCT app_id, lower(note) FROM licenses WHERE note <> '';
UPDATE licenses SET note_id = (SELECT n.id FROM license_notes n WHERE n.app_id = licenses.app_id AND n.folded = lower(licenses.note))
  WHERE note <> '';
CREATE INDEX licenses_note ON licenses (app_id, note_id, id) WHERE note_id IS NOT NULL;

-- How many there are, kept by whoever changes it; slots of one name add up.
CREATE TABLE counters (
  app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name   TEXT NOT NULL,
  slot   INTEGER NOT NULL,
  value  INTEGER NOT NULL,
  PRIMARY KEY (app_id, name, slot)
) STRICT, WITHOUT ROWID;
INSERT INTO counters (app_id, name, slot, value) SELECT app_id, 'licenses.' || status, 0, COUNT(*) FROM licenses GROUP BY app_id, status;
INSERT INTO counters (app_id, name, slot, value) SELECT app_id, 'users', 0, COUNT(*) FROM users GROUP BY app_id;
INSERT INTO counters (app_id, name, slot, value)
  SELECT app_id, 'users.banned', 0, COUNT(*) FROM users WHERE banned_at IS NOT NULL GROUP BY app_id;

-- A batch of licenses is a range of ids. What is in the range of one that is
-- not done does not exist yet.
CREATE TABLE license_batches (
  id          TEXT PRIMARY KEY,
  app_id      TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  state       TEXT NOT NULL,
  first_id    TEXT NOT NULL,
  last_id     TEXT NOT NULL,
  amount      INTEGER NOT NULL,
  made        INTEGER NOT NULL,
  lease_until INTEGER NOT NULL, -- of who makes it; then it may be taken over or deleted
  repeat_hash BLOB,             -- of the Idempotency-Key
  body_hash   BLOB,             -- of what was asked for with it
  created_at  INTEGER NOT NULL,
  UNIQUE (app_id, repeat_hash),
  CHECK (state IN ('open', 'dropped', 'done'))
) STRICT;
CREATE INDEX license_batches_hidden ON license_batches (app_id, first_id, last_id) WHERE state <> 'done';
CREATE INDEX license_batches_created ON license_batches (created_at);

-- Text anywhere in notes and user names: SQLite's own side of search.go. The
-- indexes hold no copy of the text; triggers feed them, also on cascades. The
-- numbers of users stand in a table because rowids change when the file is
-- vacuumed.
CREATE VIRTUAL TABLE search_notes USING fts5 (folded, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1');
CREATE VIRTUAL TABLE search_names USING fts5 (name, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1');
CREATE TABLE search_users (
  id      INTEGER PRIMARY KEY,
  user_id TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO search_notes (rowid, folded) SELECT id, folded FROM license_notes;
INSERT INTO search_users (user_id) SELECT id FROM users WHERE canonical_name <> '' ORDER BY id;
INSERT INTO search_names (rowid, name) SELECT s.id, u.canonical_name FROM search_users s JOIN users u ON u.id = s.user_id;

-- +goose StatementBegin
CREATE TRIGGER search_notes_insert AFTER INSERT ON license_notes BEGIN
  INSERT INTO search_notes (rowid, folded) VALUES (new.id, new.folded);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_notes_delete AFTER DELETE ON license_notes BEGIN
  DELETE FROM search_notes WHERE rowid = old.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_names_insert AFTER INSERT ON users WHEN new.canonical_name <> '' BEGIN
  INSERT INTO search_users (user_id) VALUES (new.id);
  INSERT INTO search_names (rowid, name) SELECT s.id, new.canonical_name FROM search_users s WHERE s.user_id = new.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_names_update AFTER UPDATE OF canonical_name ON users WHEN new.canonical_name <> old.canonical_name BEGIN
  DELETE FROM search_names WHERE rowid = (SELECT s.id FROM search_users s WHERE s.user_id = old.id);
  INSERT INTO search_users (user_id) VALUES (new.id) ON CONFLICT (user_id) DO NOTHING;
  INSERT INTO search_names (rowid, name) SELECT s.id, new.canonical_name FROM search_users s WHERE s.user_id = new.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_names_delete AFTER DELETE ON users WHEN old.canonical_name <> '' BEGIN
  DELETE FROM search_names WHERE rowid = (SELECT s.id FROM search_users s WHERE s.user_id = old.id);
  DELETE FROM search_users WHERE user_id = old.id;
END;
-- +goose StatementEnd
