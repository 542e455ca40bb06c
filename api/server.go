package api

// ServerStatus is how the server is.
type ServerStatus struct {
	Version        string      `json:"version"`
	StartedAt      Time        `json:"started_at"`
	Database       string      `json:"database" enum:"sqlite,postgres"`
	DatabaseBytes  int64       `json:"database_bytes" doc:"Size of the database."`
	FreeBytes      int64       `json:"free_bytes,omitempty" doc:"Free disk space where files are kept, or wait to be brought into a bucket; absent where it is not measured."`
	FileStore      string      `json:"file_store" enum:"disk,s3" doc:"Where uploaded files are kept: on the server's disk, or in a bucket of an S3-compatible service."`
	FilesReachable bool        `json:"files_reachable" doc:"Whether that place answers as it should."`
	MemoryBytes    int64       `json:"memory_bytes" doc:"Memory that the process holds."`
	WritesWaiting  int         `json:"writes_waiting" doc:"Writes that have not had their turn."`
	Deliveries     DeliveryUse `json:"deliveries"`
	Mail           bool        `json:"mail" doc:"A mail server is set up."`
	Locations      bool        `json:"locations" doc:"A geolocation file is loaded, so that VPN and country rules work."`
	Apps           int64       `json:"apps"`
	Accounts       int64       `json:"accounts"`
	PasswordsBusy  int         `json:"passwords_busy" doc:"Password checks under way."`
	PasswordsSlots int         `json:"passwords_slots" doc:"How many may be under way at once."`
}

// DeliveryUse is what waits to be delivered, over all applications.
type DeliveryUse struct {
	Waiting int64 `json:"waiting"`
	Failed  int64 `json:"failed" doc:"Given up."`
}
