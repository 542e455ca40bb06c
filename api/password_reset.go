package api

// PasswordReset is a mail with a link for a new password, on its way to a user.
type PasswordReset struct {
	ExpiresAt Time `json:"expires_at" doc:"Until then the link is good, once."`
}
