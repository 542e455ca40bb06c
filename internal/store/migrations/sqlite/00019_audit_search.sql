-- +goose Up
-- What audit logs can be narrowed by; each gives its events by time. Events of
-- customers are most of a log, so those of one kind of others have an index.
CREATE INDEX audit_events_at ON audit_events (chain, at, seq);
CREATE INDEX audit_events_action ON audit_events (chain, action, at, seq);
CREATE INDEX audit_events_target ON audit_events (chain, target_id, at, seq) WHERE target_id <> '';
CREATE INDEX audit_events_actor ON audit_events (chain, actor_id, at, seq) WHERE actor_id <> '';
CREATE INDEX audit_events_staff ON audit_events (chain, actor_kind, at, seq) WHERE actor_kind <> 'customer';
