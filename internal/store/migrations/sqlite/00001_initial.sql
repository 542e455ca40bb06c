-- +goose Up
-- Times are integer milliseconds UTC, booleans integers, secrets sealed blobs
-- (…_sealed) with a look-up hash beside them (…_hash).

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
  id            TEXT PRIMARY KEY,
  owner_id      TEXT NOT NULL UNIQUE,
  email_hash    BLOB NOT NULL UNIQUE,
  email_sealed  BLOB NOT NULL,
  password_hash TEXT NOT NULL,
  administrator INTEGER NOT NULL,
  auth_version  INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE account_sessions (
  id           TEXT PRIMARY KEY,
  token_hash   BLOB NOT NULL UNIQUE,
  account_id   TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  auth_version INTEGER NOT NULL,
  ip           TEXT NOT NULL,
  user_agent   TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX account_sessions_account ON account_sessions (account_id, id);

CREATE TABLE api_keys (
  id           TEXT PRIMARY KEY,
  token_hash   BLOB NOT NULL UNIQUE,
  account_id   TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  permissions  TEXT NOT NULL,
  app_ids      TEXT NOT NULL,
  last4        TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  last_used_at INTEGER
) STRICT;
CREATE INDEX api_keys_account ON api_keys (account_id, id);

CREATE TABLE apps (
  id            TEXT PRIMARY KEY,
  account_id    TEXT NOT NULL REFERENCES accounts (id),
  owner_id      TEXT NOT NULL REFERENCES accounts (owner_id),
  name          TEXT NOT NULL,
  paused_at     INTEGER,
  disabled_at   INTEGER,
  sessions_from INTEGER NOT NULL,
  settings      TEXT NOT NULL,
  messages      TEXT NOT NULL,
  revision      INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  UNIQUE (owner_id, name)
) STRICT;
CREATE INDEX apps_account ON apps (account_id, id);

CREATE TABLE credentials (
  id          TEXT PRIMARY KEY,
  app_id      TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  kind        TEXT NOT NULL,
  value_hash  BLOB NOT NULL UNIQUE,
  value_sealed BLOB NOT NULL,
  public_key  TEXT NOT NULL,
  active_from INTEGER NOT NULL,
  retires_at  INTEGER,
  created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX credentials_app ON credentials (app_id, id);

CREATE TABLE subscriptions (
  id         TEXT NOT NULL,
  app_id     TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  level      INTEGER NOT NULL,
  paused_at  INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_level ON subscriptions (app_id, level);

CREATE TABLE licenses (
  id              TEXT NOT NULL,
  app_id          TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  key_hash        BLOB NOT NULL,
  key_sealed      BLOB NOT NULL,
  key_last4       TEXT NOT NULL,
  level           INTEGER NOT NULL,
  duration_amount INTEGER NOT NULL,
  duration_unit   TEXT NOT NULL,
  note            TEXT NOT NULL,
  status          TEXT NOT NULL,
  created_at      INTEGER NOT NULL,
  created_by      TEXT NOT NULL,
  used_at         INTEGER,
  used_by         TEXT NOT NULL,
  ban_reason      TEXT NOT NULL,
  banned_at       INTEGER,
  updated_at      INTEGER NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, key_hash),
  CHECK (status IN ('not_used', 'used', 'banned'))
) STRICT;
CREATE INDEX licenses_status ON licenses (app_id, status, id);
CREATE INDEX licenses_last4 ON licenses (app_id, key_last4, id);
CREATE INDEX licenses_used_by ON licenses (app_id, used_by) WHERE used_by <> '';

CREATE TABLE users (
  id               TEXT NOT NULL,
  app_id           TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name_hash        BLOB NOT NULL,
  name             TEXT NOT NULL,      -- '' for a user named by its license
  canonical_name   TEXT NOT NULL,      -- '' likewise
  name_sealed      BLOB,               -- only for a user named by its license
  name_last4       TEXT NOT NULL,
  license_named    INTEGER NOT NULL,
  password_state   TEXT NOT NULL,
  password_hash    TEXT NOT NULL,
  password_until   INTEGER,
  email_hash       BLOB,
  email_sealed     BLOB,
  hwid_affected    INTEGER NOT NULL,
  device_limit     INTEGER,
  banned_at        INTEGER,
  ban_reason       TEXT NOT NULL,
  banned_with      TEXT NOT NULL,
  auth_version     INTEGER NOT NULL,
  created_at       INTEGER NOT NULL,
  created_by       TEXT NOT NULL,
  license_id       TEXT NOT NULL,
  last_sign_in_at  INTEGER,
  last_ip          TEXT NOT NULL,
  devices_reset_at INTEGER,
  updated_at       INTEGER NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, name_hash)
) STRICT;
CREATE INDEX users_name ON users (app_id, canonical_name) WHERE canonical_name <> '';
CREATE INDEX users_last4 ON users (app_id, name_last4, id) WHERE name_last4 <> '';
CREATE INDEX users_email ON users (app_id, email_hash) WHERE email_hash IS NOT NULL;

CREATE TABLE user_subscriptions (
  id              TEXT NOT NULL,
  app_id          TEXT NOT NULL,
  user_id         TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  license_id      TEXT NOT NULL,
  expires_at      INTEGER,
  paused_at       INTEGER,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  PRIMARY KEY (app_id, user_id, subscription_id),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE,
  FOREIGN KEY (app_id, subscription_id) REFERENCES subscriptions (app_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX user_subscriptions_holders ON user_subscriptions (app_id, subscription_id);

CREATE TABLE devices (
  id           TEXT NOT NULL,
  app_id       TEXT NOT NULL,
  user_id      TEXT NOT NULL,
  hwid_hash    BLOB NOT NULL,
  hwid_sealed  BLOB NOT NULL,
  bound_at     INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  PRIMARY KEY (app_id, user_id, hwid_hash),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The id of a session is made of its token, so that one is found by the other.
CREATE TABLE sessions (
  id           TEXT NOT NULL,
  app_id       TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  user_id      TEXT NOT NULL,
  device_id    TEXT NOT NULL,
  protocol     TEXT NOT NULL,
  ip           TEXT NOT NULL,
  auth_version INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  signed_in_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  ended_at     INTEGER,
  ended_reason TEXT NOT NULL,
  PRIMARY KEY (app_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (app_id, user_id, id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE sign_ins (
  id        TEXT NOT NULL,
  app_id    TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  at        INTEGER NOT NULL,
  ip        TEXT NOT NULL,
  device_id TEXT NOT NULL,
  protocol  TEXT NOT NULL,
  method    TEXT NOT NULL,
  PRIMARY KEY (app_id, user_id, id),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE audit_heads (
  chain TEXT PRIMARY KEY,
  seq   INTEGER NOT NULL,
  hash  BLOB NOT NULL
) STRICT;

CREATE TABLE audit_events (
  chain      TEXT NOT NULL,
  seq        INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id   TEXT NOT NULL,
  action     TEXT NOT NULL,
  target_id  TEXT NOT NULL,
  details    TEXT NOT NULL,
  request_id TEXT NOT NULL,
  ip         TEXT NOT NULL,
  hash       BLOB NOT NULL,
  PRIMARY KEY (chain, seq)
) STRICT;
