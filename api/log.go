package api

// LogLine is what a seller's program reported.
type LogLine struct {
	ID           string `json:"id"`
	Message      string `json:"message"`
	Device       string `json:"device,omitempty" doc:"Name of the computer, as the program gave it."`
	UserID       string `json:"user_id,omitempty" doc:"Who had signed in."`
	Username     string `json:"username,omitempty"`
	LicenseNamed bool   `json:"license_named,omitempty" doc:"The user name is a license key."`
	IP           string `json:"ip,omitempty"`
	CreatedAt    Time   `json:"created_at"`
}

// LogList is a page of log lines.
type LogList struct {
	Logs []LogLine `json:"logs"`
	Next string    `json:"next,omitempty" doc:"Cursor of the next page; absent on the last. A page of a search may have fewer lines than asked for, or none, and still have it."`
}

// LogConditions narrow a selection of log lines.
type LogConditions struct {
	UserID        string `json:"user_id,omitempty" maxLength:"64"`
	Device        string `json:"device,omitempty" maxLength:"100" doc:"Name of the computer, exactly."`
	CreatedAfter  Time   `json:"created_after,omitzero"`
	CreatedBefore Time   `json:"created_before,omitzero"`
}

// DeleteLogs names the log lines to delete: by ids, by filter, or all.
type DeleteLogs struct {
	IDs    []string       `json:"ids,omitempty" maxItems:"1000"`
	Filter *LogConditions `json:"filter,omitempty"`
	All    bool           `json:"all,omitempty"`
	DryRun bool           `json:"dry_run,omitempty" doc:"Delete nothing, and say how many would be deleted."`
}

// LogsChanged is the outcome of a bulk action on log lines.
type LogsChanged struct {
	Change
	DryRun bool `json:"dry_run,omitempty"`
}

// SetLogWebhook says where log lines are posted.
type SetLogWebhook struct {
	URL string `json:"url" minLength:"1" maxLength:"2048" example:"https://discord.com/api/webhooks/1/abc" doc:"Address of a Discord channel's webhook. It is never shown again."`
}

// LogWebhook says whether log lines are posted, and not to which address.
type LogWebhook struct {
	Host      string `json:"host,omitempty" doc:"Of the address. Absent: log lines are not posted."`
	CreatedAt Time   `json:"created_at,omitzero"`
	StoppedAt Time   `json:"stopped_at,omitzero" doc:"Since then nothing is posted, because the receiver wants no more; set it anew to go on."`
	Error     string `json:"error,omitempty" doc:"Why."`
}
