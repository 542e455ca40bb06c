-- +goose Up
-- A bulk action that is done in many transactions: each moves its row on, so
-- that whoever goes on with it does nothing twice.
CREATE TABLE bulk_jobs (
  id            TEXT COLLATE "C" PRIMARY KEY,
  app_id        TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  kind          TEXT COLLATE "C" NOT NULL, -- its action in the audit log
  state         TEXT COLLATE "C" NOT NULL,
  actor_id      TEXT COLLATE "C" NOT NULL, -- who called
  scope         TEXT COLLATE "C" NOT NULL, -- what was asked for, as the audit log tells it
  until_id      TEXT COLLATE "C" NOT NULL, -- from here on are those made after the call began
  hidden        TEXT COLLATE "C" NOT NULL, -- ranges of ids that did not exist then
  cursor_id     TEXT COLLATE "C" NOT NULL, -- the last one that has had its turn
  matched       BIGINT NOT NULL,
  changed       BIGINT NOT NULL,
  skipped       TEXT COLLATE "C" NOT NULL, -- how many for which reason
  told          BIGINT NOT NULL,           -- how many had matched at its last audit event
  before_counts TEXT COLLATE "C" NOT NULL,
  after_counts  TEXT COLLATE "C" NOT NULL,
  lease_until   BIGINT NOT NULL,           -- of who is at work; then others may go on
  repeat_hash   BYTEA,                     -- of the Idempotency-Key
  body_hash     BYTEA,                     -- of what was asked for with it
  created_at    BIGINT NOT NULL,
  UNIQUE (app_id, repeat_hash),
  CHECK (state IN ('open', 'done'))
);
CREATE INDEX bulk_jobs_open ON bulk_jobs (lease_until) WHERE state = 'open';
CREATE INDEX bulk_jobs_created ON bulk_jobs (created_at);
