package api

// Problem is the body of every answer that is not a success (RFC 9457, media
// type application/problem+json).
type Problem struct {
	Type      string       `json:"type" doc:"Link to the code's paragraph in docs/errors.md."`
	Title     string       `json:"title" doc:"What the code means, the same sentence every time."`
	Status    int          `json:"status" doc:"The HTTP status."`
	Detail    string       `json:"detail" doc:"What to do about it this time."`
	Code      string       `json:"code" doc:"Stable name of the kind of refusal; programs compare it." example:"license.used"`
	Errors    []FieldError `json:"errors,omitempty" doc:"The fields to blame, if any."`
	RequestID string       `json:"request_id" doc:"Names this request in the server's log." example:"req_06fs4kkq8vxg7m1x2ndn0k3b1r"`
}

// FieldError names one field to blame.
type FieldError struct {
	Field   string `json:"field" doc:"JSON name or path of the field, or name of the parameter." example:"ids[3]"`
	Message string `json:"message" doc:"The rule that the field breaks."`
}
