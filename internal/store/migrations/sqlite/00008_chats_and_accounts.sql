-- +goose Up
-- Chats of an application.
CREATE TABLE chat_channels (
  id         TEXT NOT NULL,
  app_id     TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  delay      INTEGER NOT NULL, -- seconds between two messages of one user
  history    INTEGER NOT NULL, -- messages that are kept
  min_level  INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE chat_messages (
  id          TEXT NOT NULL,
  app_id      TEXT NOT NULL,
  channel_id  TEXT NOT NULL,
  user_id     TEXT,          -- NULL: the seller said it
  author      TEXT NOT NULL, -- the seller's name; '' for a user, who may be renamed
  text_sealed BLOB NOT NULL,
  sent_at     INTEGER NOT NULL,
  PRIMARY KEY (app_id, channel_id, id),
  FOREIGN KEY (app_id, channel_id) REFERENCES chat_channels (app_id, id) ON DELETE CASCADE,
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX chat_messages_user ON chat_messages (app_id, user_id) WHERE user_id IS NOT NULL;

-- When a user last said something in a channel: it counts for the delay also
-- after the message is gone.
CREATE TABLE chat_turns (
  app_id     TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  user_id    TEXT NOT NULL,
  sent_at    INTEGER NOT NULL,
  PRIMARY KEY (app_id, user_id, channel_id),
  FOREIGN KEY (app_id, channel_id) REFERENCES chat_channels (app_id, id) ON DELETE CASCADE,
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_turns_channel ON chat_turns (app_id, channel_id);
CREATE INDEX chat_turns_sent ON chat_turns (sent_at);

CREATE TABLE chat_mutes (
  id         TEXT NOT NULL,
  app_id     TEXT NOT NULL,
  user_id    TEXT NOT NULL,
  until      INTEGER NOT NULL,
  reason     TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, user_id),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_mutes_until ON chat_mutes (until);

-- Sign-ins to the dashboard, those that failed included.
CREATE TABLE account_sign_ins (
  id         TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  at         INTEGER NOT NULL,
  ip         TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  method     TEXT NOT NULL,
  succeeded  INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_sign_ins_failed ON account_sign_ins (account_id, id) WHERE succeeded = 0;
CREATE INDEX account_sign_ins_at ON account_sign_ins (at);

-- When the password was last typed in: sensitive calls ask for it anew.
ALTER TABLE account_sessions ADD COLUMN confirmed_at INTEGER;
