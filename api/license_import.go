package api

// ImportedLicense is a license as an import takes it. Rows of files that other
// services wrote may have their names instead; docs/importing-and-exporting.md
// lists them.
type ImportedLicense struct {
	Key       string `json:"key"`
	Level     int64  `json:"level,omitempty" minimum:"1" maximum:"1000000" doc:"The call's level if left out, else 1."`
	Duration  string `json:"duration,omitempty" example:"30d" doc:"The call's duration if left out; a row that has neither is skipped."`
	Note      string `json:"note,omitempty" maxLength:"500"`
	Status    string `json:"status,omitempty" enum:"not_used,used,banned" doc:"not_used if left out. A used license can be redeemed by nobody: who used it is not imported."`
	BanReason string `json:"ban_reason,omitempty" maxLength:"500"`
	UsedAt    Time   `json:"used_at,omitzero" doc:"Now if left out of a used license."`
	BannedAt  Time   `json:"banned_at,omitzero" doc:"Now if left out of a banned license."`
}

// ImportReport is what came of an import.
type ImportReport struct {
	DryRun        bool          `json:"dry_run" doc:"Nothing was changed: this is what would come of it."`
	Rows          int64         `json:"rows" doc:"Of the file."`
	Imported      int64         `json:"imported"`
	Skipped       []ReasonCount `json:"skipped" doc:"How many rows were not imported, by reason."`
	SkippedRows   []SkippedRow  `json:"skipped_rows" doc:"The first 1,000 of them."`
	Warnings      []ReasonCount `json:"warnings" doc:"How many were imported although something is odd: weak_key, no_subscription, used_without_user of licenses; password_at_first_sign_in, second_factor_lost of users."`
	MissingLevels []int64       `json:"missing_levels" doc:"Levels of the file that no subscription has; at most 20."`
	MissingNames  []string      `json:"missing_subscriptions,omitempty" doc:"Names of the file that no subscription has; at most 20. Of users only."`
	Ignored       []string      `json:"ignored" doc:"Columns or fields of the file that nothing was made of; at most 50."`
}

// ReasonCount is how many there are for a reason.
type ReasonCount struct {
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
}

// SkippedRow is a row of a file that was not imported.
type SkippedRow struct {
	Row    int64  `json:"row" doc:"1, 2, … of the rows of the file."`
	Line   int64  `json:"line,omitempty" doc:"On which it begins; absent for JSON."`
	Reason string `json:"reason" enum:"exists,repeated,key_malformed,level_invalid,duration_invalid,status_unknown,text_invalid,time_invalid,row_malformed,not_utf8,row_too_long,name_malformed,password_invalid,password_leaked,hash_invalid,hash_too_costly,email_invalid,subscription_invalid,subscription_unknown,device_invalid,license_not_used"`
}
