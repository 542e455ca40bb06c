package latchkey

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// InstanceChain is the audit chain of what concerns no single application.
const InstanceChain = "instance"

// AuditEvent records one change: who did what to which thing, from where.
// Details never hold secrets, license keys, mail addresses or hardware ids.
type AuditEvent struct {
	Chain     string // an app's id, or InstanceChain
	Seq       int64  // 1, 2, … without a gap within a chain
	At        time.Time
	ActorKind string // "account", "api_key", "customer", "server"
	ActorID   string
	Action    string // such as "license.ban"
	TargetID  string
	Details   map[string]any // numbers, strings, booleans and lists of them
	RequestID string
	IP        string
	Hash      [sha256.Size]byte
}

// ChainHash returns the hash that ties the event to its predecessor's hash:
// SHA-256 over the context string, the previous hash and each field with its
// length before it, so that no two different events give the same bytes.
// details must be the stored JSON bytes.
func (e *AuditEvent) ChainHash(previous [sha256.Size]byte, details []byte) [sha256.Size]byte {
	h := sha256.New()
	field := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	number := func(v int64) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(v))
		field(n[:])
	}
	field([]byte("latchkey-audit-v1"))
	field(previous[:])
	field([]byte(e.Chain))
	number(e.Seq)
	number(e.At.UnixMilli())
	for _, s := range []string{e.ActorKind, e.ActorID, e.Action, e.TargetID} {
		field([]byte(s))
	}
	field(details)
	field([]byte(e.RequestID))
	field([]byte(e.IP))
	return [sha256.Size]byte(h.Sum(nil))
}

// EncodeDetails renders details as they are stored and hashed: JSON with sorted
// names, {} for none.
func (e *AuditEvent) EncodeDetails() ([]byte, error) {
	if len(e.Details) == 0 {
		return []byte("{}"), nil
	}
	b, err := json.Marshal(e.Details)
	if err != nil {
		return nil, fmt.Errorf("encode audit details: %w", err)
	}
	return b, nil
}

// Mentions reports whether the event holds text anywhere but in its hash,
// without regard to case.
func (e *AuditEvent) Mentions(text string) bool {
	text = strings.ToLower(text)
	for _, s := range []string{e.Action, e.TargetID, e.ActorID, e.IP, e.RequestID} {
		if strings.Contains(strings.ToLower(s), text) {
			return true
		}
	}
	return mentions(e.Details, text)
}

// mentions looks for lower-case text in what details are made of.
func mentions(value any, text string) bool {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if strings.Contains(strings.ToLower(name), text) || mentions(inner, text) {
				return true
			}
		}
		return false
	case []any:
		return slices.ContainsFunc(v, func(inner any) bool { return mentions(inner, text) })
	case float64:
		return strings.Contains(strconv.FormatFloat(v, 'f', -1, 64), text)
	}
	return strings.Contains(strings.ToLower(fmt.Sprint(value)), text)
}

// IDs returns the ids that the event holds: of its actor, of its target, and
// those that its details name.
func (e *AuditEvent) IDs() []string {
	ids := []string{e.ActorID, e.TargetID}
	for _, value := range e.Details {
		switch v := value.(type) {
		case string:
			ids = append(ids, v)
		case []any:
			for _, inner := range v {
				if s, ok := inner.(string); ok {
					ids = append(ids, s)
				}
			}
		}
	}
	return slices.DeleteFunc(ids, func(id string) bool { return KindOf(id) == "" })
}
