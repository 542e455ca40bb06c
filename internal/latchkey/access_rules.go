package latchkey

import (
	"net/netip"
	"slices"
	"time"
)

// CountryUnknown is what ISO 3166 leaves to its users, and CLDR names an unknown
// region.
const CountryUnknown = "ZZ"

// Place is where an address is, as far as anybody knows.
type Place struct {
	Country   string // two capital letters; "" is unknown
	ASN       uint32 // 0 is unknown
	Anonymous bool   // known as VPN, proxy, relay or Tor exit
	Hosting   bool   // known as hosting provider
}

// HWIDKey is a keyed hash of a hardware id: lists are compared by it.
type HWIDKey [16]byte

// AccessRules are an application's lists in the form in which callers are
// compared with them. A nil *AccessRules holds nothing. It may be read by many
// at once, but not while it is changed.
type AccessRules struct {
	black, white networks
	hwids        map[HWIDKey]until
	countries    map[string]until
	systems      map[uint32]until
}

// until is when an entry is over, in Unix milliseconds; 0 is never.
type until int64

func untilOf(t time.Time) until {
	if t.IsZero() {
		return 0
	}
	return until(t.UnixMilli())
}

func (u until) holds(now time.Time) bool { return u == 0 || now.UnixMilli() < int64(u) }

// Put adds an entry that names something else than a hardware id, or changes
// when it ends. The value must be one of [ParseAccess].
func (r *AccessRules) Put(list AccessList, kind AccessKind, value string, expires time.Time) {
	end := untilOf(expires)
	switch kind {
	case AccessIP, AccessCIDR:
		p, err := netip.ParsePrefix(value)
		if a, addrErr := netip.ParseAddr(value); addrErr == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		switch {
		case err != nil:
		case list == Whitelist:
			r.white.put(p, end)
		default:
			r.black.put(p, end)
		}
	case AccessCountry:
		put(&r.countries, value, end)
	case AccessASN:
		if n, ok := parseASN(value); ok {
			put(&r.systems, n, end)
		}
	}
}

// PutHWID adds a hardware id, or changes when it ends.
func (r *AccessRules) PutHWID(key HWIDKey, expires time.Time) {
	put(&r.hwids, key, untilOf(expires))
}

func put[K comparable](m *map[K]until, key K, end until) {
	if *m == nil {
		*m = map[K]until{}
	}
	(*m)[key] = end
}

// Len is how many entries there are.
func (r *AccessRules) Len() int {
	if r == nil {
		return 0
	}
	return len(r.black.ends) + len(r.white.ends) + len(r.hwids) + len(r.countries) + len(r.systems)
}

// NamesHWIDs reports whether there is a hardware id among the entries.
func (r *AccessRules) NamesHWIDs() bool { return r != nil && len(r.hwids) > 0 }

// namesPlaces reports whether it matters where an address is.
func (r *AccessRules) namesPlaces() bool {
	return r != nil && len(r.countries)+len(r.systems) > 0
}

// CheckHWID refuses a hardware id that is on the blacklist.
func (r *AccessRules) CheckHWID(key HWIDKey, now time.Time) error {
	if !r.NamesHWIDs() {
		return nil
	}
	if end, listed := r.hwids[key]; listed && end.holds(now) {
		return Fail(CodeClientBlacklisted)
	}
	return nil
}

// CheckAddress refuses an address that is on the blacklist, by itself or by
// where it is, unless it is on the whitelist. place is asked only if it matters.
func (r *AccessRules) CheckAddress(a netip.Addr, place func() Place, now time.Time) error {
	if r == nil || r.white.hold(a, now) {
		return nil
	}
	if r.black.hold(a, now) {
		return Fail(CodeClientBlacklisted)
	}
	if !r.namesPlaces() {
		return nil
	}
	at := place()
	if end, listed := r.countries[at.Country]; listed && end.holds(now) {
		return Fail(CodeClientBlacklisted)
	}
	if end, listed := r.systems[at.ASN]; listed && end.holds(now) {
		return Fail(CodeClientBlacklisted)
	}
	return nil
}

// CheckOrigin refuses a caller by what settings say of VPNs and countries,
// unless the address is on the whitelist. An address that nobody knows is no
// VPN, and in none of the allowed countries.
func (r *AccessRules) CheckOrigin(s *Settings, a netip.Addr, place func() Place, now time.Time) error {
	if !s.JudgesOrigin() || r != nil && r.white.hold(a, now) {
		return nil
	}
	at := place()
	switch {
	case s.VPNBlock && (at.Anonymous || at.Hosting):
		return Fail(CodeClientVPN)
	case len(s.AllowedCountries) > 0 && !slices.Contains(s.AllowedCountries, at.Country):
		return Fail(CodeClientRegion)
	}
	return nil
}

// JudgesOrigin reports whether it matters to the app where callers are.
func (s *Settings) JudgesOrigin() bool { return s.VPNBlock || len(s.AllowedCountries) > 0 }

// networks is a set of networks, each with its end. An address is looked for
// once for each length of prefix that there is, so that a hundred thousand
// single addresses cost no more than one.
type networks struct {
	ends    map[netip.Prefix]until
	lengths [2][]int // of IPv4 and IPv6
}

func family(a netip.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

func (n *networks) put(p netip.Prefix, end until) {
	put(&n.ends, p, end)
	if f := family(p.Addr()); !slices.Contains(n.lengths[f], p.Bits()) {
		n.lengths[f] = append(n.lengths[f], p.Bits())
	}
}

func (n *networks) hold(a netip.Addr, now time.Time) bool {
	if len(n.ends) == 0 || !a.IsValid() {
		return false
	}
	for _, bits := range n.lengths[family(a)] {
		p, err := a.Prefix(bits)
		if err != nil {
			continue // not of this family
		}
		if end, found := n.ends[p]; found && end.holds(now) {
			return true
		}
	}
	return false
}
