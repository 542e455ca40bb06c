package latchkey

import "time"

// TokenStatus is where a token stands in its life.
type TokenStatus string

// The statuses. Not Used becomes Used when a program first comes with the
// token, and either becomes Blacklisted; lifting that restores the one from before.
const (
	TokenNotUsed     TokenStatus = "not_used"
	TokenUsed        TokenStatus = "used"
	TokenBlacklisted TokenStatus = "blacklisted"
)

// Token is what a program must come with where its app says so: made by the
// seller for one customer, in a file of which no copy with other content works.
type Token struct {
	ID            string
	AppID         string
	Value         Secret
	UserID        string // whose it is, or
	LicenseID     string // which license's; exactly one of the two
	Status        TokenStatus
	UsedAt        time.Time // when it was bound to its file; zero until then
	Reason        string    // why it is blacklisted
	BlacklistedAt time.Time // zero unless it is
	CreatedAt     time.Time
	CreatedBy     string // id of the account or API key
	UpdatedAt     time.Time
}

// Admit judges a program that comes with the token and the hash of its file;
// sameFile tells whether the token is bound to a file of that hash. Errors:
// token.blacklisted, token.hash_mismatch.
func (t *Token) Admit(sameFile bool) error {
	if t.Status == TokenBlacklisted {
		e := Fail(CodeTokenBlacklisted)
		e.Reason = t.Reason
		return e
	}
	if t.IsBound() && !sameFile {
		return Fail(CodeTokenHash)
	}
	return nil
}

// IsBound reports whether the token is bound to a file.
func (t Token) IsBound() bool { return !t.UsedAt.IsZero() }

// Blacklist takes the token out of use. Blacklisting it again is refused, so
// that the first reason stays.
func (t *Token) Blacklist(reason string, now time.Time) error {
	if t.Status == TokenBlacklisted {
		return FailWith(CodeTokenBlacklisted, "The token is blacklisted already.")
	}
	if err := CheckReason(reason); err != nil {
		return err
	}
	t.Status, t.Reason, t.BlacklistedAt, t.UpdatedAt = TokenBlacklisted, reason, now, now
	return nil
}

// Unblacklist restores the status from before; token.not_blacklisted.
func (t *Token) Unblacklist(now time.Time) error {
	if t.Status != TokenBlacklisted {
		return Fail(CodeTokenNotBlacklisted)
	}
	t.Reason, t.BlacklistedAt, t.UpdatedAt = "", time.Time{}, now
	t.Status = TokenNotUsed
	if t.IsBound() {
		t.Status = TokenUsed
	}
	return nil
}

// Reset unbinds the token from its file, so that the next program that comes
// with it binds it anew. A blacklisted one stays blacklisted.
func (t *Token) Reset(now time.Time) {
	if t.Status == TokenUsed {
		t.Status = TokenNotUsed
	}
	t.UsedAt, t.UpdatedAt = time.Time{}, now
}
