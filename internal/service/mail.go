package service

// Mail is the payload of a delivery of the kind mail.
type Mail struct {
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}
