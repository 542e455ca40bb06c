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
