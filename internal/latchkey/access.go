package latchkey

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// AccessList is one of the two lists that say who is let in to an application.
type AccessList string

// The lists: who is kept out, and which addresses are let in all the same.
const (
	Blacklist AccessList = "blacklist"
	Whitelist AccessList = "whitelist"
)

// MaxAccessEntries bounds each list of an application. All of it is kept in
// memory while the application's programs call.
const MaxAccessEntries = 100_000

// AccessKind is what an entry of a list names.
type AccessKind string

// The kinds. A whitelist holds addresses and networks only.
const (
	AccessIP      AccessKind = "ip"
	AccessCIDR    AccessKind = "cidr" // a network of more than one address
	AccessHWID    AccessKind = "hwid"
	AccessCountry AccessKind = "country"
	AccessASN     AccessKind = "asn" // an autonomous system: a provider's networks
)

// Kinds returns what a list can hold.
func (l AccessList) Kinds() []AccessKind {
	if l == Whitelist {
		return []AccessKind{AccessIP, AccessCIDR}
	}
	return []AccessKind{AccessIP, AccessCIDR, AccessHWID, AccessCountry, AccessASN}
}

// EntryKind is the kind of the ids of a list's entries.
func (l AccessList) EntryKind() Kind {
	if l == Whitelist {
		return KindWhitelistEntry
	}
	return KindBlacklistEntry
}

// NotFound is the code for an entry that a list does not have.
func (l AccessList) NotFound() Code {
	if l == Whitelist {
		return CodeWhitelistNotFound
	}
	return CodeBlacklistNotFound
}

// Exists is the code for an entry that a list has already.
func (l AccessList) Exists() Code {
	if l == Whitelist {
		return CodeWhitelistExists
	}
	return CodeBlacklistExists
}

// Reads is the permission to look at a list.
func (l AccessList) Reads() Permission {
	if l == Whitelist {
		return PermWhitelistsRead
	}
	return PermBlacklistsRead
}

// Writes is the permission to change a list.
func (l AccessList) Writes() Permission {
	if l == Whitelist {
		return PermWhitelistsWrite
	}
	return PermBlacklistsWrite
}

// AccessEntry is one line of a list.
type AccessEntry struct {
	ID     string
	AppID  string
	List   AccessList
	Kind   AccessKind
	Value  Secret // in its one spelling; a hardware id is personal
	Reason string // for the seller; customers never see it
	// ExpiresAt is when the entry is over, zero for never. From then on it is as
	// if it were not there.
	ExpiresAt time.Time
	UserID    string // the user whose ban made it, "" if it was made by hand
	CreatedAt time.Time
	CreatedBy string // id of the account or API key, or of the user whose program asked for the ban
	UpdatedAt time.Time
}

// CheckKind refuses a kind that the list cannot hold.
func (l AccessList) CheckKind(kind AccessKind) error {
	if !slices.Contains(l.Kinds(), kind) {
		return Invalid("kind", "The kinds are ip, cidr, hwid, country and asn; a whitelist has ip and cidr.")
	}
	return nil
}

// CheckEnd refuses an end that has passed already.
func (e *AccessEntry) CheckEnd(now time.Time) error {
	if !e.ExpiresAt.IsZero() && !e.ExpiresAt.After(now) {
		return Invalid("expires_at", "The end lies in the future, or there is none.")
	}
	return nil
}

// ParseAccess reads what an entry is to name and returns it in its one
// spelling: IPv4 inside IPv6 is IPv4, a network is named by its first address,
// and one of a single address is that address.
func ParseAccess(kind AccessKind, text string) (AccessKind, Secret, error) {
	text = strings.TrimSpace(text)
	switch kind {
	case AccessIP:
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return kind, "", Invalid("value", "An address looks like 203.0.113.7 or 2001:db8::7.")
		}
		return kind, Secret(a.Unmap().String()), nil
	case AccessCIDR:
		return parseNetwork(text)
	case AccessHWID:
		hwid, err := NormalizeHWID(text)
		if err != nil || hwid == "" {
			return kind, "", Invalid("value", "A hardware id has 1 to 256 bytes of UTF-8.")
		}
		return kind, hwid, nil
	case AccessCountry:
		if code := strings.ToUpper(text); IsCountry(code) {
			return kind, Secret(code), nil
		}
		return kind, "", Invalid("value", "A country is two letters of ISO 3166, such as DE.")
	case AccessASN:
		n, ok := parseASN(text)
		if !ok {
			return kind, "", Invalid("value", "An autonomous system looks like AS64500.")
		}
		return kind, Secret("AS" + strconv.FormatUint(uint64(n), 10)), nil
	}
	return kind, "", Blacklist.CheckKind(kind)
}

func parseNetwork(text string) (AccessKind, Secret, error) {
	bad := Invalid("value", "A network looks like 203.0.113.0/24 or 2001:db8::/32.")
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return AccessCIDR, "", bad
	}
	if a := p.Addr(); a.Is4In6() {
		if p.Bits() < mappedBits {
			return AccessCIDR, "", bad // most of it is no IPv4
		}
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-mappedBits)
	}
	if p.IsSingleIP() {
		return AccessIP, Secret(p.Addr().String()), nil
	}
	return AccessCIDR, Secret(p.Masked().String()), nil
}

// mappedBits is the length of the prefix of IPv4 inside IPv6.
const mappedBits = 96

// parseASN reads AS64500 or 64500.
func parseASN(text string) (uint32, bool) {
	digits := text
	if len(text) > 2 && strings.EqualFold(text[:2], "AS") {
		digits = text[2:]
	}
	if strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), err == nil && n > 0
}

// ParseAccessLine reads a line of a list whose kind stands in its form: an
// address, a network, two letters for a country, AS and a number.
func ParseAccessLine(text string) (AccessKind, Secret, error) {
	text = strings.TrimSpace(text)
	switch {
	case strings.Contains(text, "/"):
		return ParseAccess(AccessCIDR, text)
	case strings.ContainsAny(text, ".:"):
		return ParseAccess(AccessIP, text)
	case len(text) == 2:
		return ParseAccess(AccessCountry, text)
	case len(text) > 2 && strings.EqualFold(text[:2], "AS"):
		return ParseAccess(AccessASN, text)
	}
	return "", "", Invalid("value", "This is neither an address, a network, a country nor an autonomous system; of hardware ids say the kind.")
}

// HomeOf is what stands for one customer's address on a list: of IPv6 the
// network of 64 bits in which they choose their addresses as they like.
func HomeOf(a netip.Addr) (AccessKind, Secret) {
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return AccessIP, Secret(a.String())
	}
	p, _ := a.Prefix(64) // of IPv6 always
	return AccessCIDR, Secret(p.String())
}

// AccessName is what an entry names, apart from hardware ids, in one word.
func AccessName(kind AccessKind, value string) string { return string(kind) + ":" + value }

// AccessNames returns the names of all entries that a search for an address
// finds: itself, and the networks around it.
func AccessNames(a netip.Addr) []string {
	a = a.Unmap().WithZone("")
	names := []string{AccessName(AccessIP, a.String())}
	for bits := range a.BitLen() {
		if p, err := a.Prefix(bits); err == nil {
			names = append(names, AccessName(AccessCIDR, p.String()))
		}
	}
	return names
}
