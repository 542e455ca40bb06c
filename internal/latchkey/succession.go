package latchkey

import "time"

// MaxSuccessions bounds the statements that an app hands out.
const MaxSuccessions = 64

// Succession is a client key's signed word for the key that replaced it.
type Succession struct {
	AppID     string
	KeyID     string    // of the key that vouches
	PublicKey string    // of the successor, hex
	From      time.Time // when the successor was made
	Signature string    // hex
}
