package api

// License is a key that can be redeemed once.
type License struct {
	ID         string `json:"id"`
	Key        string `json:"key"`
	Status     string `json:"status" enum:"not_used,used,banned"`
	Level      int64  `json:"level" doc:"Gives every subscription of this level."`
	Duration   string `json:"duration" example:"30d"`
	Note       string `json:"note" doc:"Shown to the seller only."`
	CreatedAt  Time   `json:"created_at"`
	CreatedBy  string `json:"created_by" doc:"Id of the account or API key."`
	UsedAt     Time   `json:"used_at,omitzero"`
	UsedBy     string `json:"used_by,omitempty" doc:"Id of the user."`
	UsedByName string `json:"used_by_name,omitempty" doc:"Absent if the license itself names the user, or the user is deleted."`
	BanReason  string `json:"ban_reason,omitempty"`
	BannedAt   Time   `json:"banned_at,omitzero"`
	UpdatedAt  Time   `json:"updated_at"`
}

// LicenseList is a page of licenses.
type LicenseList struct {
	Licenses []License     `json:"licenses"`
	Next     string        `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
	Counts   LicenseCounts `json:"counts" doc:"Of the whole application, whatever the page is narrowed by."`
}

// LicenseCounts is how many licenses an app has.
type LicenseCounts struct {
	Total   int64 `json:"total"`
	NotUsed int64 `json:"not_used"`
	Used    int64 `json:"used"`
	Banned  int64 `json:"banned"`
}

// LicensesCreated is a new batch.
type LicensesCreated struct {
	Licenses []License `json:"licenses"`
}

// Progress is how far a long call is.
type Progress struct {
	Made   int64 `json:"made"`
	Amount int64 `json:"amount" doc:"Of which made is a part."`
}

// ProgressLine is a line of a stream that says how far the call is.
type ProgressLine struct {
	Progress *Progress `json:"progress,omitempty"`
}

// StreamEnd is the last line of a stream; one without it was cut off.
type StreamEnd struct {
	Done    *bool    `json:"done,omitempty" doc:"Only in the last line: true if everything was done and sent, false if not."`
	Count   *int64   `json:"count,omitempty" doc:"How many lines of things there were."`
	Problem *Problem `json:"problem,omitempty" doc:"Why it is not done."`
}

// CreateLicenses asks for a batch, made whole or not at all.
type CreateLicenses struct {
	Amount    *int64 `json:"amount,omitempty" minimum:"1" maximum:"1000000000" doc:"1 if left out."`
	Mask      string `json:"mask,omitempty" maxLength:"70" example:"******-******-******" doc:"Each * becomes a random character; six groups of six if left out."`
	Lowercase *bool  `json:"lowercase,omitempty" doc:"May random characters be lower-case letters? Both cases if neither is given."`
	Uppercase *bool  `json:"uppercase,omitempty" doc:"May random characters be upper-case letters?"`
	Level     *int64 `json:"level,omitempty" minimum:"1" maximum:"1000000" doc:"1 if left out."`
	Duration  string `json:"duration" minLength:"1" maxLength:"32" example:"30d"`
	Note      string `json:"note,omitempty" maxLength:"500"`
	CustomKey bool   `json:"custom_key,omitempty" doc:"Confirms a mask without a star: the mask is the key."`
}

// UpdateLicense is what to change of a license; fields left out stay.
type UpdateLicense struct {
	Level    *int64  `json:"level,omitempty" minimum:"1" maximum:"1000000"`
	Duration *string `json:"duration,omitempty" minLength:"1" maxLength:"32" example:"30d" doc:"Of unused licenses only."`
	Note     *string `json:"note,omitempty" maxLength:"500"`
}

// BanLicense bans a license.
type BanLicense struct {
	Reason  string `json:"reason,omitempty" maxLength:"500"`
	UserToo bool   `json:"user_too,omitempty" doc:"Ban the user who redeemed it as well."`
}

// ExtendLicense lengthens an unused license.
type ExtendLicense struct {
	Duration string `json:"duration" minLength:"1" maxLength:"32" example:"30d"`
}

// LicenseSelection names licenses for a bulk action: ids, a filter or all, one
// of them.
type LicenseSelection struct {
	IDs    []string           `json:"ids,omitempty" maxItems:"1000" doc:"Done in one transaction, all or nothing."`
	Filter *LicenseConditions `json:"filter,omitempty" doc:"Those that the list shows when it is narrowed by the same. Like all, done in chunks."`
	All    bool               `json:"all,omitempty"`
	Status string             `json:"status,omitempty" enum:"not_used,used,banned" doc:"Narrows all."`
	DryRun bool               `json:"dry_run,omitempty" doc:"Change nothing; the answer says what would be changed."`
}

// LicenseConditions narrow a list of licenses; those left out do not. At least
// one is given.
type LicenseConditions struct {
	Search        string `json:"search,omitempty" maxLength:"254" doc:"A whole key, its last four characters, a user's whole name, or text of the note: anywhere, or its beginning if shorter than 3 characters."`
	Status        string `json:"status,omitempty" enum:"not_used,used,banned"`
	Level         int64  `json:"level,omitempty" minimum:"1" maximum:"1000000"`
	CreatedBy     string `json:"created_by,omitempty" maxLength:"64" doc:"Id of the account or API key."`
	CreatedAfter  Time   `json:"created_after,omitzero" doc:"Made then or later."`
	CreatedBefore Time   `json:"created_before,omitzero"`
}

// ExtendLicenses lengthens the unused ones of a selection.
type ExtendLicenses struct {
	LicenseSelection
	Duration string `json:"duration" minLength:"1" maxLength:"32" example:"30d"`
}

// BanLicenses bans a selection.
type BanLicenses struct {
	LicenseSelection
	Reason  string `json:"reason,omitempty" maxLength:"500"`
	UserToo bool   `json:"user_too,omitempty" doc:"Ban the users who redeemed them as well."`
}

// UnbanLicenses lifts the bans of a selection.
type UnbanLicenses struct {
	LicenseSelection
}

// DeleteLicenses deletes a selection.
type DeleteLicenses struct {
	LicenseSelection
	UserToo bool `json:"user_too,omitempty" doc:"Delete the users who redeemed them as well."`
}

// LicensesChanged is the outcome of a bulk action on licenses.
type LicensesChanged struct {
	Change
	Skipped map[string]int64 `json:"skipped" doc:"How many were not changed for which reason: the error code that the call for one license would have answered with."`
	Before  LicenseCounts    `json:"before" doc:"Of the whole application."`
	After   LicenseCounts    `json:"after" doc:"Of the whole application, with what others have changed meanwhile."`
	DryRun  bool             `json:"dry_run,omitempty" doc:"Nothing was changed: this is what would be."`
}

// Change is the outcome of a bulk action.
type Change struct {
	Matched int64 `json:"matched" doc:"How many the selection named."`
	Changed int64 `json:"changed" doc:"How many were changed."`
}
