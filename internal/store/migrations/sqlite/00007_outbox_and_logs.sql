-- +goose Up
-- What is to be sent to others is stored with its cause and sent afterwards.
-- Deliveries of one queue lead to one place and go one after the other.
CREATE TABLE outbox_queues (
  app_id   TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  queue    TEXT NOT NULL,
  due_at   INTEGER,          -- when to go on with it, or the end of the lease; NULL: nothing waits
  leased   INTEGER NOT NULL, -- a server is at work on it
  failures INTEGER NOT NULL, -- of the place, in a row
  waiting  INTEGER NOT NULL, -- how many there are
  failed   INTEGER NOT NULL, -- how many there are
  PRIMARY KEY (app_id, queue)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_queues_due ON outbox_queues (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE outbox (
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
  FOREIGN KEY (app_id, queue) REFERENCES outbox_queues (app_id, queue) ON DELETE CASCADE,
  CHECK (state IN ('waiting', 'failed'))
) STRICT;
CREATE INDEX outbox_waiting ON outbox (app_id, queue, due_at, id) WHERE state = 'waiting';
CREATE INDEX outbox_failed ON outbox (app_id, id) WHERE state = 'failed';
CREATE INDEX outbox_failed_at ON outbox (failed_at) WHERE state = 'failed';

-- What programs report. The text may hold what is nobody's business, so it is sealed.
CREATE TABLE log_lines (
  id          TEXT NOT NULL,
  app_id      TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  user_id     TEXT NOT NULL, -- '' if nobody had signed in
  device_hash BLOB,          -- of the device's name
  text_sealed BLOB NOT NULL, -- message and device's name
  ip          TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (app_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_lines_user ON log_lines (app_id, user_id, id) WHERE user_id <> '';
CREATE INDEX log_lines_device ON log_lines (app_id, device_hash, id) WHERE device_hash IS NOT NULL;

-- Where the lines of an app are posted as well.
CREATE TABLE log_webhooks (
  app_id     TEXT PRIMARY KEY NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  url_sealed BLOB NOT NULL,
  error      TEXT NOT NULL, -- why the receiver wants no more; ''
  created_at INTEGER NOT NULL,
  stopped_at INTEGER        -- since it wants no more
) STRICT;

-- The one link for a new password that a user may have.
CREATE TABLE password_resets (
  app_id     TEXT NOT NULL,
  user_id    TEXT NOT NULL,
  token_hash BLOB,             -- NULL once it has been used
  expires_at INTEGER NOT NULL,
  made_from  INTEGER NOT NULL, -- beginning of the hour in which
  made       INTEGER NOT NULL, -- so many were asked for by mail
  PRIMARY KEY (app_id, user_id),
  UNIQUE (app_id, token_hash),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX password_resets_expiry ON password_resets (expires_at);

-- Up to which moment the addresses of an app's customers have been taken out.
CREATE TABLE ip_sweeps (
  app_id   TEXT PRIMARY KEY NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  swept_to INTEGER NOT NULL
) STRICT;

-- Which sign-ins still have an address, oldest first.
CREATE INDEX sign_ins_addresses ON sign_ins (app_id, id) WHERE ip <> '';
