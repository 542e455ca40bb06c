package latchkey

import (
	"time"
	"unicode/utf8"
)

// LicenseStatus is where a license stands in its life.
type LicenseStatus string

// The statuses. Used and Not Used become Banned; unbanning restores the one
// from before.
const (
	LicenseNotUsed LicenseStatus = "not_used"
	LicenseUsed    LicenseStatus = "used"
	LicenseBanned  LicenseStatus = "banned"
)

// MaxNoteLength and MaxReasonLength bound free text, in characters.
const (
	MaxNoteLength   = 500
	MaxReasonLength = 500
	MaxLevel        = 1_000_000
)

// License is a key that can be redeemed once.
type License struct {
	ID        string
	AppID     string
	Key       Secret
	Level     int64 // 1 to MaxLevel; every subscription of this level is given
	Duration  Duration
	Note      string // shown to the seller only
	Status    LicenseStatus
	CreatedAt time.Time
	CreatedBy string    // id of the account or API key
	UsedAt    time.Time // zero until redeemed
	UsedBy    string    // id of the user; stays when the user is deleted
	BanReason string
	BannedAt  time.Time // zero unless banned
	UpdatedAt time.Time
}

// Redeemable refuses a license that is used or banned.
func (l *License) Redeemable() error {
	switch l.Status {
	case LicenseUsed:
		return Fail(CodeLicenseUsed)
	case LicenseBanned:
		e := Fail(CodeLicenseBanned)
		e.Reason = l.BanReason
		return e
	}
	return nil
}

// Redeem marks an unused license as used by a user.
func (l *License) Redeem(userID string, now time.Time) error {
	if err := l.Redeemable(); err != nil {
		return err
	}
	l.Status, l.UsedBy, l.UsedAt, l.UpdatedAt = LicenseUsed, userID, now, now
	return nil
}

// Ban takes the license out of use. Banning a banned license is refused, so
// that the first reason stays.
func (l *License) Ban(reason string, now time.Time) error {
	if l.Status == LicenseBanned {
		return FailWith(CodeLicenseBanned, "The license is banned already.")
	}
	if err := CheckReason(reason); err != nil {
		return err
	}
	l.Status, l.BanReason, l.BannedAt, l.UpdatedAt = LicenseBanned, reason, now, now
	return nil
}

// Unban restores the status from before the ban.
func (l *License) Unban(now time.Time) error {
	if l.Status != LicenseBanned {
		return Fail(CodeLicenseNotBanned)
	}
	l.Status = l.StatusWithoutBan()
	l.BanReason, l.BannedAt, l.UpdatedAt = "", time.Time{}, now
	return nil
}

// StatusWithoutBan is the status that the license has or would have if it were
// not banned.
func (l *License) StatusWithoutBan() LicenseStatus {
	if l.UsedAt.IsZero() {
		return LicenseNotUsed
	}
	return LicenseUsed
}

// Extend lengthens what an unused license gives. A lifetime stays one. A
// duration in another unit is added in nominal seconds, so 1 month + 1 week
// becomes a fixed number of seconds.
func (l *License) Extend(by Duration, now time.Time) error {
	if l.Status != LicenseNotUsed {
		return l.Redeemable()
	}
	if by == (Duration{}) {
		return Invalid("duration", "Say by how much to extend.")
	}
	d, err := l.Duration.Plus(by)
	if err != nil {
		return err
	}
	l.Duration, l.UpdatedAt = d, now
	return nil
}

// Plus returns d lengthened by more; a lifetime on either side gives a
// lifetime. Units that match add up, others meet in nominal seconds.
func (d Duration) Plus(more Duration) (Duration, error) {
	switch {
	case d.IsLifetime() || more.IsLifetime():
		return Lifetime(), nil
	case d.Unit == more.Unit:
		return NewDuration(d.Amount+more.Amount, d.Unit)
	}
	return NewDuration(d.NominalSeconds()+more.NominalSeconds(), UnitSecond)
}

// LicenseEdit is what a seller may change of a license; nil leaves a field.
type LicenseEdit struct {
	Level    *int64
	Duration *Duration // unused licenses only
	Note     *string
}

// Edit applies the changes, all or none.
func (l *License) Edit(e LicenseEdit, now time.Time) error {
	next := *l
	if e.Level != nil {
		if err := CheckLevel(*e.Level); err != nil {
			return err
		}
		next.Level = *e.Level
	}
	if e.Duration != nil {
		if l.StatusWithoutBan() == LicenseUsed {
			return Fail(CodeLicenseUsed)
		}
		if *e.Duration == (Duration{}) {
			return Invalid("duration", "A license has a duration.")
		}
		next.Duration = *e.Duration
	}
	if e.Note != nil {
		if err := CheckNote(*e.Note); err != nil {
			return err
		}
		next.Note = *e.Note
	}
	next.UpdatedAt = now
	*l = next
	return nil
}

// CheckLevel bounds a subscription level: 1 to [MaxLevel].
func CheckLevel(level int64) error {
	if level < 1 || level > MaxLevel {
		return Invalid("level", "A level is a number from 1 to 1,000,000.")
	}
	return nil
}

// CheckNote bounds a note: [MaxNoteLength] characters of UTF-8 without NUL.
func CheckNote(note string) error { return checkText("note", note, MaxNoteLength) }

// CheckReason bounds a ban reason like a note.
func CheckReason(reason string) error { return checkText("reason", reason, MaxReasonLength) }

func checkText(field, text string, limit int) error {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > limit {
		return Invalid(field, "The text is UTF-8 and shorter than the limit of this field.")
	}
	for i := range len(text) {
		if text[i] == 0 {
			return Invalid(field, "The text holds a NUL character.")
		}
	}
	return nil
}
