package api

// Subscription is a tier of an app.
type Subscription struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Level     int64  `json:"level" doc:"A license of this level gives this subscription."`
	Holders   int64  `json:"holders" doc:"Users who hold it."`
	Active    int64  `json:"active" doc:"Holders whose time runs."`
	Expired   int64  `json:"expired" doc:"Holders whose time is over."`
	PausedAt  Time   `json:"paused_at,omitzero"`
	CreatedAt Time   `json:"created_at"`
	UpdatedAt Time   `json:"updated_at"`
}

// SubscriptionList is a page of subscriptions.
type SubscriptionList struct {
	Subscriptions []Subscription `json:"subscriptions"`
	Next          string         `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// CreateSubscription asks for a subscription.
type CreateSubscription struct {
	Name  string `json:"name" minLength:"1" maxLength:"70" example:"pro"`
	Level int64  `json:"level" minimum:"1" maximum:"1000000"`
}

// UpdateSubscription is what to change of a subscription; fields left out stay.
type UpdateSubscription struct {
	Name  *string `json:"name,omitempty" minLength:"1" maxLength:"70"`
	Level *int64  `json:"level,omitempty" minimum:"1" maximum:"1000000"`
}
