-- +goose Up
-- A bulk action that is done in many transactions: each moves its row on, so
-- that whoever goes on with it does nothing twice.
CREATE TABLE bulk_jobs (
  id            TEXT PRIMARY KEY,
  app_id        TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  kind          TEXT NOT NULL,    -- its action in the audit log
  state         TEXT NOT NULL,
  actor_id      TEXT NOT NULL,    -- who called
  scope         TEXT NOT NULL,    -- what was asked for, as the audit log tells it
  until_id      TEXT NOT NULL,    -- from here on are those made after the call began
  hidden        TEXT NOT NULL,    -- ranges of ids that did not exist then
  cursor_id     TEXT NOT NULL,    -- the last one that has had its turn
  matched       INTEGER NOT NULL,
  changed       INTEGER NOT NULL,
  skipped       TEXT NOT NULL,    -- how many for which reason
  told          INTEGER NOT NULL, -- how many had matched at its last audit event
  before_counts TEXT NOT NULL,
  after_counts  TEXT NOT NULL,
  lease_until   INTEGER NOT NULL, -- of who is at work; then others may go on
  repeat_hash   BLOB,             -- of the Idempotency-Key
  body_hash     BLOB,             -- of what was asked for with it
  created_at    INTEGER NOT NULL,
  UNIQUE (app_id, repeat_hash),
  CHECK (state IN ('open', 'done'))
) STRICT;
CREATE INDEX bulk_jobs_open ON bulk_jobs (lease_until) WHERE state = 'open';
CREATE INDEX bulk_jobs_created ON bulk_jobs (created_at);
