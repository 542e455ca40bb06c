package latchkey

import (
	"bytes"
	"encoding/json"
	"time"
)

// MaxAuditValue is how long a value may be, as JSON, for the audit log to tell it.
const MaxAuditValue = 400

// AuditChanged is the detail in which an event tells what an edit changed: field →
// what it was and what it is.
const AuditChanged = "changes"

// AuditChange is what an edit did to a field. Of secrets, and of what is too long
// to be kept for ever twice, only that it changed.
type AuditChange struct {
	Before, After any
	Hidden        bool
}

// MarshalJSON writes before and after, or that they are hidden.
func (c AuditChange) MarshalJSON() ([]byte, error) {
	if c.Hidden {
		return []byte(`{"hidden":true}`), nil
	}
	return json.Marshal(map[string]any{"before": c.Before, "after": c.After})
}

// AuditChanges compares the fields of a thing before and after an edit. A field
// that one of them lacks is null there. A [Secret] is compared and never told; a
// time that is zero is null.
func AuditChanges(before, after map[string]any) map[string]AuditChange {
	changes := map[string]AuditChange{}
	for name := range before {
		compareField(changes, name, before[name], after[name])
	}
	for name := range after {
		if _, compared := before[name]; !compared {
			compareField(changes, name, nil, after[name])
		}
	}
	return changes
}

func compareField(changes map[string]AuditChange, name string, before, after any) {
	was, secret := before.(Secret)
	is, also := after.(Secret)
	if secret || also {
		if was != is {
			changes[name] = AuditChange{Hidden: true}
		}
		return
	}
	before, after = auditValue(before), auditValue(after)
	// What cannot be written as JSON is a mistake of ours: then it is not told.
	b, errBefore := json.Marshal(before)
	a, errAfter := json.Marshal(after)
	switch {
	case errBefore != nil || errAfter != nil:
		changes[name] = AuditChange{Hidden: true}
	case bytes.Equal(b, a):
	case len(b) > MaxAuditValue || len(a) > MaxAuditValue:
		changes[name] = AuditChange{Hidden: true}
	default:
		changes[name] = AuditChange{Before: before, After: after}
	}
}

// auditValue writes times as the API does.
func auditValue(value any) any {
	if at, ok := value.(time.Time); ok {
		if at.IsZero() {
			return nil
		}
		return at.UTC().Format(time.RFC3339)
	}
	return value
}
