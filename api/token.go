package api

// Token is what a program must come with where its app hands out tokens.
type Token struct {
	ID            string `json:"id"`
	Token         string `json:"token"`
	Status        string `json:"status" enum:"not_used,used,blacklisted"`
	UserID        string `json:"user_id,omitempty" doc:"Whose it is, unless it is a license's."`
	Username      string `json:"username,omitempty"`
	LicenseID     string `json:"license_id,omitempty" doc:"The license that it was made for; whoever redeems that uses it."`
	LicenseKey    string `json:"license_key,omitempty"`
	UsedAt        Time   `json:"used_at,omitzero" doc:"When a program first came with it and bound it to its file."`
	Reason        string `json:"reason,omitempty" doc:"Why it is blacklisted."`
	BlacklistedAt Time   `json:"blacklisted_at,omitzero"`
	CreatedAt     Time   `json:"created_at"`
	CreatedBy     string `json:"created_by" doc:"Id of the account or API key."`
	UpdatedAt     Time   `json:"updated_at"`
}

// TokenList is a page of tokens.
type TokenList struct {
	Tokens []Token `json:"tokens"`
	Next   string  `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// TokensCreated is the outcome of making a token for each of many licenses.
type TokensCreated struct {
	LicensesChanged
	Batch string `json:"batch,omitempty" doc:"Names the tokens that were made: the list of tokens shows these alone by it. Absent from a dry run."`
}

// CreateToken asks for the token of a user or of a license, one of the two.
type CreateToken struct {
	UserID    string `json:"user_id,omitempty" maxLength:"64"`
	LicenseID string `json:"license_id,omitempty" maxLength:"64"`
}

// BlacklistToken takes a token out of use.
type BlacklistToken struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Shown to whoever starts a program with it."`
}

// TokenSelection names tokens for a bulk action: ids or all, not both.
type TokenSelection struct {
	IDs    []string `json:"ids,omitempty" maxItems:"1000"`
	All    bool     `json:"all,omitempty"`
	Status string   `json:"status,omitempty" enum:"not_used,used,blacklisted" doc:"Narrows all."`
	Search string   `json:"search,omitempty" maxLength:"200" doc:"Narrows all to a whole token, or to those with these last four characters."`
	DryRun bool     `json:"dry_run,omitempty" doc:"Change nothing; the answer says what would be changed."`
}

// BlacklistTokens takes many tokens out of use.
type BlacklistTokens struct {
	TokenSelection
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Shown to whoever starts a program with one of them."`
}

// TokensChanged is the outcome of a bulk action on tokens.
type TokensChanged struct {
	Change
	Skipped map[string]int64 `json:"skipped" doc:"Why the others were not changed, by the code that the single call would have answered."`
	DryRun  bool             `json:"dry_run,omitempty" doc:"Nothing was changed: this is what would be."`
}
