-- +goose Up
-- Chats of an application.
CREATE TABLE chat_channels (
  id         TEXT COLLATE "C" NOT NULL,
  app_id     TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name       TEXT COLLATE "C" NOT NULL,
  delay      BIGINT NOT NULL, -- seconds between two messages of one user
  history    BIGINT NOT NULL, -- messages that are kept
  min_level  BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, name)
);

CREATE TABLE chat_messages (
  id          TEXT COLLATE "C" NOT NULL,
  app_id      TEXT COLLATE "C" NOT NULL,
  channel_id  TEXT COLLATE "C" NOT NULL,
  user_id     TEXT COLLATE "C",          -- NULL: the seller said it
  author      TEXT COLLATE "C" NOT NULL, -- the seller's name; '' for a user, who may be renamed
  text_sealed BYTEA NOT NULL,
  sent_at     BIGINT NOT NULL,
  PRIMARY KEY (app_id, channel_id, id),
  FOREIGN KEY (app_id, channel_id) REFERENCES chat_channels (app_id, id) ON DELETE CASCADE,
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
);
CREATE INDEX chat_messages_user ON chat_messages (app_id, user_id) WHERE user_id IS NOT NULL;

-- When a user last said something in a channel: it counts for the delay also
-- after the message is gone.
CREATE TABLE chat_turns (
  app_id     TEXT COLLATE "C" NOT NULL,
  channel_id TEXT COLLATE "C" NOT NULL,
  user_id    TEXT COLLATE "C" NOT NULL,
  sent_at    BIGINT NOT NULL,
  PRIMARY KEY (app_id, user_id, channel_id),
  FOREIGN KEY (app_id, channel_id) REFERENCES chat_channels (app_id, id) ON DELETE CASCADE,
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
);
CREATE INDEX chat_turns_channel ON chat_turns (app_id, channel_id);
CREATE INDEX chat_turns_sent ON chat_turns (sent_at);

CREATE TABLE chat_mutes (
  id         TEXT COLLATE "C" NOT NULL,
  app_id     TEXT COLLATE "C" NOT NULL,
  user_id    TEXT COLLATE "C" NOT NULL,
  until      BIGINT NOT NULL,
  reason     TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, user_id),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
);
CREATE INDEX chat_mutes_until ON chat_mutes (until);

-- Sign-ins to the dashboard, those that failed included.
CREATE TABLE account_sign_ins (
  id         TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  at         BIGINT NOT NULL,
  ip         TEXT COLLATE "C" NOT NULL,
  user_agent TEXT COLLATE "C" NOT NULL,
  method     TEXT COLLATE "C" NOT NULL,
  succeeded  BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX account_sign_ins_failed ON account_sign_ins (account_id, id) WHERE succeeded = 0;
CREATE INDEX account_sign_ins_at ON account_sign_ins (at);

-- When the password was last typed in: sensitive calls ask for it anew.
ALTER TABLE account_sessions ADD COLUMN confirmed_at BIGINT;
