-- +goose Up
-- Where an app's audit log is sent as well. The log itself is the queue: here
-- stands only how far of it the receiver has.
CREATE TABLE audit_webhooks (
  app_id        TEXT PRIMARY KEY NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  url_sealed    BLOB NOT NULL,
  secret_sealed BLOB NOT NULL,
  old_sealed    BLOB,             -- the secret before, which signs as well
  old_until     INTEGER,          -- until then
  delivered_seq INTEGER NOT NULL, -- the receiver has everything up to this event
  batch_seq     INTEGER NOT NULL, -- the message that was begun reaches up to this event at most; 0: none was
  lease         INTEGER NOT NULL, -- names whoever delivers now; 0: nobody
  due_at        INTEGER NOT NULL, -- no attempt before, or the end of the lease
  failures      INTEGER NOT NULL, -- in a row
  failing_since INTEGER,
  error         TEXT NOT NULL,    -- of the last attempt
  delivered_at  INTEGER,
  stopped_at    INTEGER,
  created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_webhooks_due ON audit_webhooks (due_at) WHERE stopped_at IS NULL;
