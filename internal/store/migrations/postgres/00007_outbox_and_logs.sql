-- +goose Up
-- What is to be sent to others is stored with its cause and sent afterwards.
-- Deliveries of one queue lead to one place and go one after the other.
CREATE TABLE outbox_queues (
  app_id   TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  queue    TEXT COLLATE "C" NOT NULL,
  due_at   BIGINT,          -- when to go on with it, or the end of the lease; NULL: nothing waits
  leased   BIGINT NOT NULL, -- a server is at work on it
  failures BIGINT NOT NULL, -- of the place, in a row
  waiting  BIGINT NOT NULL, -- how many there are
  failed   BIGINT NOT NULL, -- how many there are
  PRIMARY KEY (app_id, queue)
);
CREATE INDEX outbox_queues_due ON outbox_queues (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE outbox (
  id             TEXT COLLATE "C" NOT NULL,
  app_id         TEXT COLLATE "C" NOT NULL,
  queue          TEXT COLLATE "C" NOT NULL,
  kind           TEXT COLLATE "C" NOT NULL,
  payload_sealed BYTEA NOT NULL,
  state          TEXT COLLATE "C" NOT NULL,
  attempts       BIGINT NOT NULL,
  due_at         BIGINT NOT NULL,
  give_up_at     BIGINT NOT NULL, -- from then on no attempt is made
  error          TEXT COLLATE "C" NOT NULL,    -- of the last attempt
  created_at     BIGINT NOT NULL,
  failed_at      BIGINT,
  PRIMARY KEY (app_id, id),
  FOREIGN KEY (app_id, queue) REFERENCES outbox_queues (app_id, queue) ON DELETE CASCADE,
  CHECK (state IN ('waiting', 'failed'))
);
CREATE INDEX outbox_waiting ON outbox (app_id, queue, due_at, id) WHERE state = 'waiting';
CREATE INDEX outbox_failed ON outbox (app_id, id) WHERE state = 'failed';
CREATE INDEX outbox_failed_at ON outbox (failed_at) WHERE state = 'failed';

-- What programs report. The text may hold what is nobody's business, so it is sealed.
CREATE TABLE log_lines (
  id          TEXT COLLATE "C" NOT NULL,
  app_id      TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  user_id     TEXT COLLATE "C" NOT NULL, -- '' if nobody had signed in
  device_hash BYTEA,          -- of the device's name
  text_sealed BYTEA NOT NULL, -- message and device's name
  ip          TEXT COLLATE "C" NOT NULL,
  created_at  BIGINT NOT NULL,
  PRIMARY KEY (app_id, id)
);
CREATE INDEX log_lines_user ON log_lines (app_id, user_id, id) WHERE user_id <> '';
CREATE INDEX log_lines_device ON log_lines (app_id, device_hash, id) WHERE device_hash IS NOT NULL;

-- Where the lines of an app are posted as well.
CREATE TABLE log_webhooks (
  app_id     TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  url_sealed BYTEA NOT NULL,
  error      TEXT COLLATE "C" NOT NULL, -- why the receiver wants no more; ''
  created_at BIGINT NOT NULL,
  stopped_at BIGINT        -- since it wants no more
);

-- The one link for a new password that a user may have.
CREATE TABLE password_resets (
  app_id     TEXT COLLATE "C" NOT NULL,
  user_id    TEXT COLLATE "C" NOT NULL,
  token_hash BYTEA,             -- NULL once it has been used
  expires_at BIGINT NOT NULL,
  made_from  BIGINT NOT NULL, -- beginning of the hour in which
  made       BIGINT NOT NULL, -- so many were asked for by mail
  PRIMARY KEY (app_id, user_id),
  UNIQUE (app_id, token_hash),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
);
CREATE INDEX password_resets_expiry ON password_resets (expires_at);

-- Up to which moment the addresses of an app's customers have been taken out.
CREATE TABLE ip_sweeps (
  app_id   TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  swept_to BIGINT NOT NULL
);

-- Which sign-ins still have an address, oldest first.
CREATE INDEX sign_ins_addresses ON sign_ins (app_id, id) WHERE ip <> '';
