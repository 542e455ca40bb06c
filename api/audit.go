package api

// AuditEvent records one change.
type AuditEvent struct {
	AppID     string         `json:"app_id,omitempty" doc:"Absent for what concerns no single app."`
	Seq       int64          `json:"seq" doc:"1, 2, … without a gap within an app."`
	At        Time           `json:"at"`
	ActorKind string         `json:"actor_kind" enum:"account,api_key,customer,server"`
	ActorID   string         `json:"actor_id,omitempty"`
	Action    string         `json:"action" example:"license.ban"`
	TargetID  string         `json:"target_id,omitempty"`
	Details   map[string]any `json:"details" doc:"What is told of it, by its action. Of an edit, changes has each field that it changed: before and after, or hidden, true, for what is secret, personal or long."`
	RequestID string         `json:"request_id,omitempty"`
	IP        string         `json:"ip,omitempty"`
	// Names are read when the event is; the event itself is never changed.
	Names map[string]string `json:"names,omitempty" doc:"Of what the event mentions by id, as far as it is still there and you may read it: user names, mail addresses of accounts, the ends of license keys and tokens."`
	Hash  string            `json:"hash" doc:"Hex; ties the event to the one before it."`
}

// AuditEventList is a page of audit events.
type AuditEventList struct {
	AuditEvents []AuditEvent `json:"audit_events"`
	Next        string       `json:"next,omitempty" doc:"Cursor of the next page; absent on the last. A page that was narrowed by more than one thing, or searched, may have fewer events than asked for, or none, and still have it."`
}

// AuditMessage is the body of a message to the webhook of an audit log: of the
// type audit.events, or audit.test, which has no events and no numbers.
type AuditMessage struct {
	Type      string     `json:"type"`
	Timestamp Time       `json:"timestamp" doc:"Of the last event."`
	Data      AuditBatch `json:"data"`
}

// AuditBatch are the events of a message, in their order and without a gap.
type AuditBatch struct {
	AppID        string        `json:"app_id"`
	FirstSeq     int64         `json:"first_seq"`
	LastSeq      int64         `json:"last_seq"`
	PreviousHash string        `json:"previous_hash" doc:"Hex; of the event before the first, zeros before event 1. The receiver has it from the message before."`
	LastHash     string        `json:"last_hash" doc:"Hex; of the last event."`
	Events       []AuditRecord `json:"events"`
}

// AuditRecord is an event with what its hash was made of.
type AuditRecord struct {
	AuditEvent
	HashedDetails string `json:"hashed_details" doc:"The details, byte for byte as they were hashed."`
}

// SetAuditWebhook says where the audit log is sent.
type SetAuditWebhook struct {
	URL  string `json:"url" minLength:"1" maxLength:"2048" example:"https://audit.example.com/latchkey" doc:"It is never shown again."`
	From string `json:"from,omitempty" enum:"start,now" doc:"With which event to begin: start, the first of the log; now. If left out, the one after what the webhook before has delivered, or without one, now."`
}

// AuditWebhook says where the audit log is sent, and how far that has come.
type AuditWebhook struct {
	Host         string `json:"host,omitempty" doc:"Of the URL. Absent: the log is not sent."`
	Secret       string `json:"secret,omitempty" doc:"Signs the messages. Only in the answer to the call that makes it."`
	CreatedAt    Time   `json:"created_at,omitzero"`
	DeliveredSeq int64  `json:"delivered_seq" doc:"Number of the last event that the receiver has taken, or from which on it was to begin."`
	DeliveredAt  Time   `json:"delivered_at,omitzero" doc:"When it last took something."`
	LastSeq      int64  `json:"last_seq" doc:"Number of the last event of the log."`
	Behind       int64  `json:"behind" doc:"How many events it has not yet."`
	Error        string `json:"error,omitempty" doc:"Why the last attempt failed: a status such as status 500, or a code such as dns.failed."`
	FailingSince Time   `json:"failing_since,omitzero" doc:"When the first of the attempts failed that have failed since."`
	NextAt       Time   `json:"next_at,omitzero" doc:"When the next attempt is made, while they fail."`
	StoppedAt    Time   `json:"stopped_at,omitzero" doc:"Since then nothing is sent: the receiver has answered 410, or taken nothing for three days."`
}
