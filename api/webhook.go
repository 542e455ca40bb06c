package api

// Webhook is an address that programs may have called without learning it.
type Webhook struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	URL         string `json:"url" doc:"No program learns it."`
	UserAgent   string `json:"user_agent" doc:"Empty: Latchkey."`
	NeedsSignIn bool   `json:"needs_sign_in" doc:"Only programs in which somebody has signed in may call it."`
	MinLevel    int64  `json:"min_level" doc:"Of the subscriptions that may call it; 0: any."`
	ShowAnswer  bool   `json:"show_answer" doc:"Programs get what the receiver answers, up to 16 KiB."`
	CreatedAt   Time   `json:"created_at"`
	UpdatedAt   Time   `json:"updated_at"`
}

// WebhookList is a page of webhooks.
type WebhookList struct {
	Webhooks []Webhook `json:"webhooks"`
	Next     string    `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// CreateWebhook asks for a webhook.
type CreateWebhook struct {
	Name        string `json:"name" minLength:"1" maxLength:"70" example:"orders"`
	URL         string `json:"url" minLength:"1" maxLength:"2048" example:"https://hooks.example.com/orders?key=1"`
	UserAgent   string `json:"user_agent,omitempty" maxLength:"200"`
	NeedsSignIn *bool  `json:"needs_sign_in,omitempty" doc:"true if left out."`
	MinLevel    int64  `json:"min_level,omitempty" minimum:"0" maximum:"1000000"`
	ShowAnswer  bool   `json:"show_answer,omitempty"`
}

// UpdateWebhook is what to change of a webhook; fields left out stay.
type UpdateWebhook struct {
	Name        *string `json:"name,omitempty" minLength:"1" maxLength:"70"`
	URL         *string `json:"url,omitempty" minLength:"1" maxLength:"2048"`
	UserAgent   *string `json:"user_agent,omitempty" maxLength:"200"`
	NeedsSignIn *bool   `json:"needs_sign_in,omitempty"`
	MinLevel    *int64  `json:"min_level,omitempty" minimum:"0" maximum:"1000000"`
	ShowAnswer  *bool   `json:"show_answer,omitempty"`
}

// WebhookTest is what came of calling a webhook once. What the receiver says is
// not in it.
type WebhookTest struct {
	Status     int   `json:"status" doc:"HTTP status of the answer; redirects are not followed."`
	DurationMs int64 `json:"duration_ms" doc:"Milliseconds until the answer had arrived."`
}
