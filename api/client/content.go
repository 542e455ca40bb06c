package client

// Name asks for a variable by its name.
type Name struct {
	Session string `json:"session"`
	Name    string `json:"name"`
}

// Variable is a variable with its value.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// SetVariable sets a variable of the user.
type SetVariable struct {
	Session string `json:"session"`
	Name    string `json:"name"`
	Value   string `json:"value"`
}

// FileRequest asks what a file is.
type FileRequest struct {
	Session string `json:"session"`
	File    string `json:"file"` // its id
}

// File is what a program needs to know before it fetches a file.
type File struct {
	ID     string `json:"id"`
	Name   string `json:"name"` // as the seller called it; not a path to write to
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // of the whole content, lower-case hex
}

// Content asks for a part of a file: length bytes from offset on, of exactly
// the content that sha256 names. The answer is these bytes and nothing else.
type Content struct {
	Session string `json:"session"`
	File    string `json:"file"`
	SHA256  string `json:"sha256"`
	Offset  int64  `json:"offset"`
	Length  int64  `json:"length"` // 1 to [MaxContent]; offset+length is at most the file's size
}

// Log is a line for the seller.
type Log struct {
	Session    string `json:"session"`
	Message    string `json:"message"`
	DeviceName string `json:"device_name,omitempty"`
}

// Webhook has the server call an address that the seller has set.
type Webhook struct {
	Session     string            `json:"session"`
	Webhook     string            `json:"webhook"`          // its id
	Params      map[string]string `json:"params,omitempty"` // appended to the query, escaped
	Body        string            `json:"body,omitempty"`   // makes it a POST
	ContentType string            `json:"content_type,omitempty"`
}

// WebhookAnswer is what the address answered.
type WebhookAnswer struct {
	Status int    `json:"status"`
	Body   string `json:"body"` // "" unless the seller shows it to programs
}

// Channel asks for the messages of a chat channel.
type Channel struct {
	Session string `json:"session"`
	Channel string `json:"channel"`
}

// ChatMessages are the last messages of a channel, oldest first.
type ChatMessages struct {
	Messages []ChatMessage `json:"messages"`
}

// ChatMessage is one of them.
type ChatMessage struct {
	ID     string `json:"id"`
	Author string `json:"author"`
	Text   string `json:"text"`
	SentAt int64  `json:"sent_at"`
}

// ChatSend says something in a channel.
type ChatSend struct {
	Session string `json:"session"`
	Channel string `json:"channel"`
	Text    string `json:"text"`
}

// BlacklistCheck asks whether this client is blacklisted.
type BlacklistCheck struct {
	Session string `json:"session"`
	HWID    string `json:"hwid,omitempty"`
}

// BlacklistAnswer says so.
type BlacklistAnswer struct {
	Blacklisted bool `json:"blacklisted"`
}

// Online are users who are in the program now.
type Online struct {
	Users []string `json:"users"` // shortened: the first characters, then asterisks
	Total int64    `json:"total"`
}

// Stats are the application's numbers.
type Stats struct {
	Users    int64  `json:"users"`
	Online   int64  `json:"online"`
	Licenses int64  `json:"licenses"`
	Version  string `json:"version"`
}
