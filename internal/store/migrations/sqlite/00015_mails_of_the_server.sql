-- +goose Up
-- What the server itself sends, to the people who use its dashboard, belongs to
-- no app: its app_id is ''. So queues refer to no app any more; they are deleted
-- with theirs by the statement that deletes it.
CREATE TABLE outbox_queues_new (
  app_id   TEXT NOT NULL,    -- '': the server's own
  queue    TEXT NOT NULL,
  due_at   INTEGER,          -- when to go on with it, or the end of the lease; NULL: nothing waits
  leased   INTEGER NOT NULL, -- a server is at work on it
  failures INTEGER NOT NULL, -- of the place, in a row
  waiting  INTEGER NOT NULL, -- how many there are
  failed   INTEGER NOT NULL, -- how many there are
  PRIMARY KEY (app_id, queue)
) STRICT, WITHOUT ROWID;
INSERT INTO outbox_queues_new SELECT app_id, queue, due_at, leased, failures, waiting, failed FROM outbox_queues;

CREATE TABLE outbox_new (
  id             TEXT NOT NULL,
  app_id         TEXT NOT NULL,
  queue          TEXT NOT NULL,
  kind           TEXT NOT NULL,
  payload_sealed BLOB NOT NULL,
  state          TEXT NOT NULL,
  attempts       INTEGER NOT NULL,
  due_at         INTEGER NOT NULL,
  give_up_at     INTEGER NOT NULL, -- from then on no attempt is made
  error          TEXT NOT NULL,    -- of the last attempt
  created_at     INTEGER NOT NULL,
  failed_at      INTEGER,
  PRIMARY KEY (app_id, id),
  FOREIGN KEY (app_id, queue) REFERENCES outbox_queues_new (app_id, queue) ON DELETE CASCADE,
  CHECK (state IN ('waiting', 'failed'))
) STRICT;
INSERT INTO outbox_new SELECT id, app_id, queue, kind, payload_sealed, state, attempts, due_at, give_up_at, error, created_at, failed_at FROM outbox;

DROP TABLE outbox;
DROP TABLE outbox_queues;
ALTER TABLE outbox_queues_new RENAME TO outbox_queues;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_queues_due ON outbox_queues (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_waiting ON outbox (app_id, queue, due_at, id) WHERE state = 'waiting';
CREATE INDEX outbox_failed ON outbox (app_id, id) WHERE state = 'failed';
CREATE INDEX outbox_failed_at ON outbox (failed_at) WHERE state = 'failed';
