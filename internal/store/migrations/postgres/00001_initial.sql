-- +goose Up
-- Times are integer milliseconds UTC, booleans integers, secrets sealed blobs
-- (…_sealed) with a look-up hash beside them (…_hash).

CREATE TABLE meta (
  name  TEXT COLLATE "C" PRIMARY KEY,
  value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE accounts (
  id            TEXT COLLATE "C" PRIMARY KEY,
  owner_id      TEXT COLLATE "C" NOT NULL UNIQUE,
  email_hash    BYTEA NOT NULL UNIQUE,
  email_sealed  BYTEA NOT NULL,
  password_hash TEXT COLLATE "C" NOT NULL,
  administrator BIGINT NOT NULL,
  auth_version  BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  updated_at    BIGINT NOT NULL
);

CREATE TABLE account_sessions (
  id           TEXT COLLATE "C" PRIMARY KEY,
  token_hash   BYTEA NOT NULL UNIQUE,
  account_id   TEXT COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  auth_version BIGINT NOT NULL,
  ip           TEXT COLLATE "C" NOT NULL,
  user_agent   TEXT COLLATE "C" NOT NULL,
  created_at   BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL
);
CREATE INDEX account_sessions_account ON account_sessions (account_id, id);

CREATE TABLE api_keys (
  id           TEXT COLLATE "C" PRIMARY KEY,
  token_hash   BYTEA NOT NULL UNIQUE,
  account_id   TEXT COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name         TEXT COLLATE "C" NOT NULL,
  permissions  TEXT COLLATE "C" NOT NULL,
  app_ids      TEXT COLLATE "C" NOT NULL,
  last4        TEXT COLLATE "C" NOT NULL,
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT,
  last_used_at BIGINT
);
CREATE INDEX api_keys_account ON api_keys (account_id, id);

CREATE TABLE apps (
  id            TEXT COLLATE "C" PRIMARY KEY,
  account_id    TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  owner_id      TEXT COLLATE "C" NOT NULL REFERENCES accounts (owner_id),
  name          TEXT COLLATE "C" NOT NULL,
  paused_at     BIGINT,
  disabled_at   BIGINT,
  sessions_from BIGINT NOT NULL,
  settings      TEXT COLLATE "C" NOT NULL,
  messages      TEXT COLLATE "C" NOT NULL,
  revision      BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  updated_at    BIGINT NOT NULL,
  UNIQUE (owner_id, name)
);
CREATE INDEX apps_account ON apps (account_id, id);

CREATE TABLE credentials (
  id          TEXT COLLATE "C" PRIMARY KEY,
  app_id      TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  kind        TEXT COLLATE "C" NOT NULL,
  value_hash  BYTEA NOT NULL UNIQUE,
  value_sealed BYTEA NOT NULL,
  public_key  TEXT COLLATE "C" NOT NULL,
  active_from BIGINT NOT NULL,
  retires_at  BIGINT,
  created_at  BIGINT NOT NULL
);
CREATE INDEX credentials_app ON credentials (app_id, id);

CREATE TABLE subscriptions (
  id         TEXT COLLATE "C" NOT NULL,
  app_id     TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name       TEXT COLLATE "C" NOT NULL,
  level      BIGINT NOT NULL,
  paused_at  BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, name)
);
CREATE INDEX subscriptions_level ON subscriptions (app_id, level);

CREATE TABLE licenses (
  id              TEXT COLLATE "C" NOT NULL,
  app_id          TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  key_hash        BYTEA NOT NULL,
  key_sealed      BYTEA NOT NULL,
  key_last4       TEXT COLLATE "C" NOT NULL,
  level           BIGINT NOT NULL,
  duration_amount BIGINT NOT NULL,
  duration_unit   TEXT COLLATE "C" NOT NULL,
  note            TEXT COLLATE "C" NOT NULL,
  status          TEXT COLLATE "C" NOT NULL,
  created_at      BIGINT NOT NULL,
  created_by      TEXT COLLATE "C" NOT NULL,
  used_at         BIGINT,
  used_by         TEXT COLLATE "C" NOT NULL,
  ban_reason      TEXT COLLATE "C" NOT NULL,
  banned_at       BIGINT,
  updated_at      BIGINT NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, key_hash),
  CHECK (status IN ('not_used', 'used', 'banned'))
);
CREATE INDEX licenses_status ON licenses (app_id, status, id);
CREATE INDEX licenses_last4 ON licenses (app_id, key_last4, id);
CREATE INDEX licenses_used_by ON licenses (app_id, used_by) WHERE used_by <> '';

CREATE TABLE users (
  id               TEXT COLLATE "C" NOT NULL,
  app_id           TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  name_hash        BYTEA NOT NULL,
  name             TEXT COLLATE "C" NOT NULL,      -- '' for a user named by its license
  canonical_name   TEXT COLLATE "C" NOT NULL,      -- '' likewise
  name_sealed      BYTEA,               -- only for a user named by its license
  name_last4       TEXT COLLATE "C" NOT NULL,
  license_named    BIGINT NOT NULL,
  password_state   TEXT COLLATE "C" NOT NULL,
  password_hash    TEXT COLLATE "C" NOT NULL,
  password_until   BIGINT,
  email_hash       BYTEA,
  email_sealed     BYTEA,
  hwid_affected    BIGINT NOT NULL,
  device_limit     BIGINT,
  banned_at        BIGINT,
  ban_reason       TEXT COLLATE "C" NOT NULL,
  banned_with      TEXT COLLATE "C" NOT NULL,
  auth_version     BIGINT NOT NULL,
  created_at       BIGINT NOT NULL,
  created_by       TEXT COLLATE "C" NOT NULL,
  license_id       TEXT COLLATE "C" NOT NULL,
  last_sign_in_at  BIGINT,
  last_ip          TEXT COLLATE "C" NOT NULL,
  devices_reset_at BIGINT,
  updated_at       BIGINT NOT NULL,
  PRIMARY KEY (app_id, id),
  UNIQUE (app_id, name_hash)
);
CREATE INDEX users_name ON users (app_id, canonical_name) WHERE canonical_name <> '';
CREATE INDEX users_last4 ON users (app_id, name_last4, id) WHERE name_last4 <> '';
CREATE INDEX users_email ON users (app_id, email_hash) WHERE email_hash IS NOT NULL;

CREATE TABLE user_subscriptions (
  id              TEXT COLLATE "C" NOT NULL,
  app_id          TEXT COLLATE "C" NOT NULL,
  user_id         TEXT COLLATE "C" NOT NULL,
  subscription_id TEXT COLLATE "C" NOT NULL,
  license_id      TEXT COLLATE "C" NOT NULL,
  expires_at      BIGINT,
  paused_at       BIGINT,
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  PRIMARY KEY (app_id, user_id, subscription_id),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE,
  FOREIGN KEY (app_id, subscription_id) REFERENCES subscriptions (app_id, id) ON DELETE CASCADE
);
CREATE INDEX user_subscriptions_holders ON user_subscriptions (app_id, subscription_id);

CREATE TABLE devices (
  id           TEXT COLLATE "C" NOT NULL,
  app_id       TEXT COLLATE "C" NOT NULL,
  user_id      TEXT COLLATE "C" NOT NULL,
  hwid_hash    BYTEA NOT NULL,
  hwid_sealed  BYTEA NOT NULL,
  bound_at     BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  PRIMARY KEY (app_id, user_id, hwid_hash),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
);

-- The id of a session is made of its token, so that one is found by the other.
CREATE TABLE sessions (
  id           TEXT COLLATE "C" NOT NULL,
  app_id       TEXT COLLATE "C" NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  user_id      TEXT COLLATE "C" NOT NULL,
  device_id    TEXT COLLATE "C" NOT NULL,
  protocol     TEXT COLLATE "C" NOT NULL,
  ip           TEXT COLLATE "C" NOT NULL,
  auth_version BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  signed_in_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  ended_at     BIGINT,
  ended_reason TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (app_id, id)
);
CREATE INDEX sessions_user ON sessions (app_id, user_id, id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE sign_ins (
  id        TEXT COLLATE "C" NOT NULL,
  app_id    TEXT COLLATE "C" NOT NULL,
  user_id   TEXT COLLATE "C" NOT NULL,
  at        BIGINT NOT NULL,
  ip        TEXT COLLATE "C" NOT NULL,
  device_id TEXT COLLATE "C" NOT NULL,
  protocol  TEXT COLLATE "C" NOT NULL,
  method    TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (app_id, user_id, id),
  FOREIGN KEY (app_id, user_id) REFERENCES users (app_id, id) ON DELETE CASCADE
);

CREATE TABLE audit_heads (
  chain TEXT COLLATE "C" PRIMARY KEY,
  seq   BIGINT NOT NULL,
  hash  BYTEA NOT NULL
);

CREATE TABLE audit_events (
  chain      TEXT COLLATE "C" NOT NULL,
  seq        BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  actor_kind TEXT COLLATE "C" NOT NULL,
  actor_id   TEXT COLLATE "C" NOT NULL,
  action     TEXT COLLATE "C" NOT NULL,
  target_id  TEXT COLLATE "C" NOT NULL,
  details    TEXT COLLATE "C" NOT NULL,
  request_id TEXT COLLATE "C" NOT NULL,
  ip         TEXT COLLATE "C" NOT NULL,
  hash       BYTEA NOT NULL,
  PRIMARY KEY (chain, seq)
);
