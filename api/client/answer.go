package client

// Refusal is the body of every answer whose status is not 200.
type Refusal struct {
	Error Error `json:"error"`
}

// Error says why a call was refused.
type Error struct {
	Code        string `json:"code"`                   // stable; programs compare it
	Message     string `json:"message"`                // for the customer; sellers change some of them
	Field       string `json:"field,omitempty"`        // the field or header to blame
	Reason      string `json:"reason,omitempty"`       // of a ban
	RetryAfter  int64  `json:"retry_after,omitempty"`  // seconds after which trying again can help
	DownloadURL string `json:"download_url,omitempty"` // where the current version is
	RequestID   string `json:"request_id"`             // names this request in the server's log
}

// Keys are the application's public keys.
type Keys struct {
	Keys        []Key        `json:"keys"` // those that sign now
	Successions []Succession `json:"successions"`
}

// Key is a public key.
type Key struct {
	ID        string `json:"id"`
	PublicKey string `json:"public_key"` // Ed25519, 64 lower-case hex digits
}

// Succession is a key's signed word for its successor.
type Succession struct {
	Key       string `json:"key"`        // id of the key that vouches
	PublicKey string `json:"public_key"` // of the successor
	From      int64  `json:"from"`
	Signature string `json:"signature"`
}
