package latchkey

import (
	"mime"
	"slices"
	"strings"
	"time"
)

// Bounds of webhooks.
const (
	MaxUserAgentLength = 200      // characters
	MaxWebhookBody     = 16 << 10 // bytes that a program may send
	MaxWebhookParams   = 16
)

// Webhook is an address that programs may have called without learning it.
type Webhook struct {
	ID          string
	AppID       string
	Name        string // unique per app
	URL         Secret
	UserAgent   string // "" for the server's own
	NeedsSignIn bool
	MinLevel    int64 // of a subscription; 0: any
	ShowAnswer  bool  // whether programs get what the receiver answers
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Check bounds what a seller may choose, but for the URL.
func (w *Webhook) Check() error {
	if err := CheckName("name", w.Name); err != nil {
		return err
	}
	if len(w.UserAgent) > MaxUserAgentLength || strings.TrimSpace(w.UserAgent) != w.UserAgent ||
		strings.ContainsFunc(w.UserAgent, func(r rune) bool { return r < ' ' || r > '~' }) {
		return Invalid("user_agent", "A user agent has up to 200 printable ASCII characters and no white space at its ends.")
	}
	return CheckMinLevel(w.MinLevel)
}

// WebhookContentTypes are those that a program may choose for what it sends;
// the first is taken where it chooses none.
func WebhookContentTypes() []string {
	return []string{"application/x-www-form-urlencoded", "application/json", "text/plain"}
}

// WebhookContentType returns the content type that a program has chosen, in its
// plain form.
func WebhookContentType(chosen string) (string, error) {
	if chosen == "" {
		return WebhookContentTypes()[0], nil
	}
	media, params, err := mime.ParseMediaType(chosen)
	charset, given := params["charset"]
	if err != nil || given && !strings.EqualFold(charset, "utf-8") || !slices.Contains(WebhookContentTypes(), media) {
		return "", Invalid("content_type", "The content type is application/x-www-form-urlencoded, application/json or text/plain, in UTF-8.")
	}
	return media, nil
}
