package api

// Delivery is something that an app sends to others: a mail, a log line to a
// chat. What has been sent is not listed.
type Delivery struct {
	ID        string `json:"id"`
	Kind      string `json:"kind" enum:"mail,log_webhook,password_reset"`
	State     string `json:"state" enum:"waiting,failed" doc:"waiting: for its first attempt or the next; failed: given up, kept for 30 days."`
	Attempts  int64  `json:"attempts" doc:"Made so far."`
	Error     string `json:"error,omitempty" doc:"Why the last attempt failed: a code, perhaps with the receiver's status."`
	CreatedAt Time   `json:"created_at"`
	DueAt     Time   `json:"due_at,omitzero" doc:"When it is tried next, at the earliest; absent if it was given up."`
	FailedAt  Time   `json:"failed_at,omitzero" doc:"When it was given up."`
}

// DeliveryList is a page of deliveries.
type DeliveryList struct {
	Deliveries []Delivery `json:"deliveries"`
	Next       string     `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}
