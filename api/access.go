package api

// AccessEntry is one line of an application's blacklist or whitelist.
type AccessEntry struct {
	ID        string `json:"id"`
	Kind      string `json:"kind" enum:"ip,cidr,hwid,country,asn" doc:"A whitelist has ip and cidr."`
	Value     string `json:"value" doc:"In its one spelling: 203.0.113.0/24 for 203.0.113.9/24, AS64500 for 64500."`
	Reason    string `json:"reason,omitempty" doc:"Customers never see it."`
	ExpiresAt Time   `json:"expires_at,omitzero" doc:"From then on the entry holds for nothing. Absent: never."`
	UserID    string `json:"user_id,omitempty" doc:"Id of the user whose ban put it there; lifting the ban takes it away."`
	CreatedAt Time   `json:"created_at"`
	CreatedBy string `json:"created_by" doc:"Id of the account or API key, or of the user whose program asked for the ban."`
	UpdatedAt Time   `json:"updated_at"`
}

// AccessList is a page of a blacklist or whitelist.
type AccessList struct {
	Entries []AccessEntry `json:"entries"`
	Next    string        `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// CreateBlacklistEntry asks for an entry of a blacklist.
type CreateBlacklistEntry struct {
	Kind      string `json:"kind" enum:"ip,cidr,hwid,country,asn"`
	Value     string `json:"value" minLength:"1" maxLength:"256" example:"203.0.113.0/24"`
	Reason    string `json:"reason,omitempty" maxLength:"500"`
	ExpiresAt Time   `json:"expires_at,omitzero" doc:"Left out: never."`
}

// CreateWhitelistEntry asks for an entry of a whitelist.
type CreateWhitelistEntry struct {
	Kind      string `json:"kind" enum:"ip,cidr"`
	Value     string `json:"value" minLength:"1" maxLength:"256" example:"203.0.113.0/24"`
	Reason    string `json:"reason,omitempty" maxLength:"500"`
	ExpiresAt Time   `json:"expires_at,omitzero" doc:"Left out: never."`
}

// UpdateAccessEntry is what to change of an entry; fields left out stay.
type UpdateAccessEntry struct {
	Reason    *string        `json:"reason,omitempty" maxLength:"500"`
	ExpiresAt Nullable[Time] `json:"expires_at,omitzero" doc:"Null: never."`
}

// AccessSelection names entries for a bulk action: ids or all, not both.
type AccessSelection struct {
	IDs    []string `json:"ids,omitempty" maxItems:"1000"`
	All    bool     `json:"all,omitempty"`
	Kind   string   `json:"kind,omitempty" enum:"ip,cidr,hwid,country,asn" doc:"Narrows all."`
	Search string   `json:"search,omitempty" maxLength:"256" doc:"Narrows all to what the list finds for it: of an address also the networks around it."`
	DryRun bool     `json:"dry_run,omitempty" doc:"Change nothing; the answer says what would be changed."`
}

// AccessChanged is the outcome of a bulk action on a list.
type AccessChanged struct {
	Change
	DryRun bool `json:"dry_run,omitempty" doc:"Nothing was changed: this is what would be."`
}

// AccessImported is the report of an import into a list.
type AccessImported struct {
	DryRun       bool          `json:"dry_run,omitempty" doc:"Nothing was changed: this is what would be."`
	Lines        int64         `json:"lines" doc:"Lines that hold something."`
	Imported     int64         `json:"imported"`
	Existing     int64         `json:"existing" doc:"On the list already, or named twice in the text."`
	Refused      int64         `json:"refused" doc:"Lines that name nothing that the list can hold."`
	RefusedLines []RefusedLine `json:"refused_lines" doc:"The first 100."`
}

// RefusedLine is a line of an import that names nothing that the list can hold.
type RefusedLine struct {
	Line   int64  `json:"line"`
	Reason string `json:"reason"`
}
