-- +goose Up
-- Answers of calls that made something, for callers who ask again because the
-- first answer was lost. A row is stored with what the call made, or not at all.
CREATE TABLE repeats (
  call_hash     BLOB PRIMARY KEY NOT NULL, -- of the caller and its Idempotency-Key
  asked_hash    BLOB NOT NULL,             -- of the request
  answer_sealed BLOB NOT NULL,             -- it may show secrets
  created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX repeats_created ON repeats (created_at);
