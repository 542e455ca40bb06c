package latchkey

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"
)

// Kind is the prefix of an id; it says what the id names.
type Kind string

// The kinds of id.
const (
	KindAccount          Kind = "acc"
	KindAccountSession   Kind = "acs"
	KindAPIKey           Kind = "key"
	KindApp              Kind = "app"
	KindCredential       Kind = "crd"
	KindSubscription     Kind = "sub"
	KindLicense          Kind = "lic"
	KindUser             Kind = "usr"
	KindUserSubscription Kind = "usb"
	KindDevice           Kind = "dev"
	KindSession          Kind = "ses"
	KindSignIn           Kind = "sgn"
	KindRequest          Kind = "req"
	KindBatch            Kind = "bat"
	KindJob              Kind = "job"
	KindVariable         Kind = "var"
	KindFile             Kind = "fil"
	KindWebhook          Kind = "whk"
	KindChannel          Kind = "chn"
	KindChatMessage      Kind = "msg"
	KindMute             Kind = "mut"
	KindLogLine          Kind = "log"
	KindToken            Kind = "tok"
	KindBlacklistEntry   Kind = "blk"
	KindWhitelistEntry   Kind = "wht"
	KindOutbox           Kind = "out"
	KindPanelSession     Kind = "pns"
	KindPasswordReset    Kind = "rst"
)

const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// NewID returns an id such as lic_06fs4kkq8vxg7m1x2ndn0k3b1r: the kind, then
// 48 bits of Unix milliseconds and 80 random bits in Crockford's base 32. Ids
// of one kind sort by the time they were made. It fails only if rand does.
func NewID(kind Kind, now time.Time, rand io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[6:]); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	putMillis(&b, now)
	return formatID(kind, b), nil
}

func putMillis(b *[16]byte, at time.Time) {
	ms := uint64(at.UnixMilli())
	b[0], b[1] = byte(ms>>40), byte(ms>>32)
	binary.BigEndian.PutUint32(b[2:6], uint32(ms))
}

func formatID(kind Kind, b [16]byte) string {
	var out strings.Builder
	out.Grow(len(kind) + 27)
	out.WriteString(string(kind))
	out.WriteByte('_')
	// 128 bits in 26 digits of 5 bits, the first of which holds only 3.
	hi, lo := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	for i := 25; i >= 0; i-- {
		shift := uint(i * 5)
		var digit uint64
		switch {
		case shift >= 64:
			digit = hi >> (shift - 64)
		case shift > 59:
			digit = hi<<(64-shift) | lo>>shift
		default:
			digit = lo >> shift
		}
		out.WriteByte(crockford[digit&31])
	}
	return out.String()
}

// IDBound is text that sorts before every id of the kind made at the moment or
// later, and after every earlier one. Moments before 1970 are taken as 1970.
func IDBound(kind Kind, at time.Time) string {
	if at.UnixMilli() < 0 {
		at = time.UnixMilli(0)
	}
	var b [16]byte
	putMillis(&b, at)
	id := formatID(kind, b)
	return id[:len(id)-16] // without the random digits
}

// IDRange is a run of 2^40 ids of one kind and moment. No other id falls into
// it, as certainly as no two ids are equal within it: 40 bits are random.
type IDRange struct {
	prefix string // all but the last 8 digits
}

// NewIDRange returns a new range. It fails only if rand does.
func NewIDRange(kind Kind, now time.Time, rand io.Reader) (IDRange, error) {
	id, err := NewID(kind, now, rand)
	if err != nil {
		return IDRange{}, err
	}
	return IDRange{prefix: id[:len(id)-8]}, nil
}

// RangeOf returns the range that an id made by [IDRange.ID] is of.
func RangeOf(id string) IDRange { return IDRange{prefix: id[:max(0, len(id)-8)]} }

// RangeFor returns the range of a kind that belongs to what another id names,
// such as a job: always the same one, and no other's.
func RangeFor(kind Kind, id string) IDRange {
	_, digits, _ := strings.Cut(id, "_")
	return RangeOf(string(kind) + "_" + digits)
}

// ID returns the n-th id of the range, 0 to 2^40-1. They sort by n.
func (r IDRange) ID(n int64) string {
	var digits [8]byte
	for i := range digits {
		digits[i] = crockford[n>>(35-5*i)&31]
	}
	return r.prefix + string(digits[:])
}

// First is the lower end of the range, which belongs to it.
func (r IDRange) First() string { return r.ID(0) }

// Last is the upper end of the range, which belongs to it.
func (r IDRange) Last() string { return r.ID(1<<40 - 1) }

// IsID reports whether s has the form of an id of the kind.
func IsID(kind Kind, s string) bool {
	rest, ok := strings.CutPrefix(s, string(kind)+"_")
	if !ok || len(rest) != 26 {
		return false
	}
	for i := range len(rest) {
		if strings.IndexByte(crockford, rest[i]) < 0 {
			return false
		}
	}
	return true
}

// KindOf is the kind that s is an id of; "" if it has the form of none.
func KindOf(s string) Kind {
	prefix, _, _ := strings.Cut(s, "_")
	if len(prefix) != 3 || !IsID(Kind(prefix), s) {
		return ""
	}
	return Kind(prefix)
}
