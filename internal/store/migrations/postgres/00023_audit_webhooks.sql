-- +goose Up
-- Where an app's audit log is sent as well. The log itself is the queue: here
-- stands only how far of it the receiver has.
CREATE TABLE audit_webhooks (
  app_id        TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  url_sealed    BYTEA NOT NULL,
  secret_sealed BYTEA NOT NULL,
  old_sealed    BYTEA,           -- the secret before, which signs as well
  old_until     BIGINT,          -- until then
  delivered_seq BIGINT NOT NULL, -- the receiver has everything up to this event
  batch_seq     BIGINT NOT NULL, -- the message that was begun reaches up to this event at most; 0: none was
  lease         BIGINT NOT NULL, -- names whoever delivers now; 0: nobody
  due_at        BIGINT NOT NULL, -- no attempt before, or the end of the lease
  failures      BIGINT NOT NULL, -- in a row
  failing_since BIGINT,
  error         TEXT COLLATE "C" NOT NULL, -- of the last attempt
  delivered_at  BIGINT,
  stopped_at    BIGINT,
  created_at    BIGINT NOT NULL
);
CREATE INDEX audit_webhooks_due ON audit_webhooks (due_at) WHERE stopped_at IS NULL;
