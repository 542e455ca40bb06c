package latchkey

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of variables.
const (
	MaxVariables         = 10_000   // of an app
	MaxVariableSize      = 64 << 10 // bytes of a value
	MaxUserVariables     = 100      // of a user
	MaxUserVariableSize  = 4 << 10  // bytes of a value
	variableValueRule    = "A value is UTF-8 text of at most 65,536 bytes without NUL."
	userVariableSizeRule = "The value of a user's variable is UTF-8 text of at most 4,096 bytes without NUL."
)

// Variable is a value that an app's programs ask the server for, and so do not
// hold themselves.
type Variable struct {
	ID          string
	AppID       string
	Name        string // unique per app, compared exactly
	Value       Secret // "" in lists, which tell the size alone
	Size        int64  // of the value, in bytes
	NeedsSignIn bool
	MinLevel    int64 // of the caller's highest active subscription; 0: any
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Check refuses a variable that breaks a rule, naming the first bad field.
func (v *Variable) Check() error {
	if err := CheckName("name", v.Name); err != nil {
		return err
	}
	if !isValue(v.Value, MaxVariableSize) {
		return Invalid("value", variableValueRule)
	}
	if v.MinLevel < 0 || v.MinLevel > MaxLevel {
		return Invalid("min_level", "The least level is 0 to 1,000,000; 0 means any.")
	}
	return nil
}

// UserVariable is a value that belongs to one user.
type UserVariable struct {
	ID        string
	AppID     string
	UserID    string
	Name      string // unique per user, compared exactly
	Value     Secret
	ReadOnly  bool // the user's program cannot change it
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Check refuses a variable that breaks a rule, naming the first bad field.
func (v *UserVariable) Check() error {
	if err := CheckName("name", v.Name); err != nil {
		return err
	}
	if !isValue(v.Value, MaxUserVariableSize) {
		return Invalid("value", userVariableSizeRule)
	}
	return nil
}

// SetByUser puts in the value that the user's own program sends;
// variable.read_only.
func (v *UserVariable) SetByUser(value Secret, now time.Time) error {
	if v.ReadOnly {
		return Fail(CodeVariableReadOnly)
	}
	v.Value, v.UpdatedAt = value, now
	return nil
}

func isValue(value Secret, limit int) bool {
	text := value.Reveal()
	return len(text) <= limit && utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}
