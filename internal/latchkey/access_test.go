package latchkey_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestParseAccess(t *testing.T) {
	type entry struct {
		kind  latchkey.AccessKind
		value string
	}
	for _, c := range []struct {
		kind latchkey.AccessKind
		text string
		want entry // zero: refused
	}{
		{"ip", " 203.0.113.7\n", entry{"ip", "203.0.113.7"}},
		{"ip", "::ffff:203.0.113.7", entry{"ip", "203.0.113.7"}},
		{"ip", "2001:DB8:0::7", entry{"ip", "2001:db8::7"}},
		{"ip", "203.0.113.07", entry{}},
		{"ip", "fe80::1%eth0", entry{}},
		{"ip", "203.0.113.0/24", entry{}},
		{"ip", "localhost", entry{}},
		{"ip", "", entry{}},
		{"cidr", "203.0.113.9/24", entry{"cidr", "203.0.113.0/24"}},
		{"cidr", "::ffff:203.0.113.9/120", entry{"cidr", "203.0.113.0/24"}},
		{"cidr", "::ffff:203.0.113.9/128", entry{"ip", "203.0.113.9"}},
		{"cidr", "::ffff:0.0.0.0/95", entry{}},
		{"cidr", "203.0.113.9/32", entry{"ip", "203.0.113.9"}},
		{"cidr", "2001:db8::9/48", entry{"cidr", "2001:db8::/48"}},
		{"cidr", "0.0.0.0/0", entry{"cidr", "0.0.0.0/0"}},
		{"cidr", "203.0.113.9/33", entry{}},
		{"cidr", "203.0.113.9", entry{}},
		{"hwid", " 4c4c4544-0042\n", entry{"hwid", "4c4c4544-0042"}},
		{"hwid", " \n", entry{}},
		{"hwid", strings.Repeat("x", 257), entry{}},
		{"hwid", "\xff", entry{}},
		{"country", "de", entry{"country", "DE"}},
		{"country", "DEU", entry{}},
		{"country", "ı1", entry{}},
		{"asn", "64500", entry{"asn", "AS64500"}},
		{"asn", "as64500", entry{"asn", "AS64500"}},
		{"asn", "AS0064500", entry{"asn", "AS64500"}},
		{"asn", "AS", entry{}},
		{"asn", "AS0", entry{}},
		{"asn", "AS4294967296", entry{}},
		{"asn", "AS-1", entry{}},
		{"moon", "full", entry{}},
	} {
		t.Run(fmt.Sprintf("%s %.40q", c.kind, c.text), func(t *testing.T) {
			kind, value, err := latchkey.ParseAccess(c.kind, c.text)
			if c.want == (entry{}) {
				if latchkey.CodeOf(err) != latchkey.CodeInvalid || value != "" {
					t.Errorf("read as %s %q, %v", kind, value.Reveal(), err)
				}
				return
			}
			if got := (entry{kind, value.Reveal()}); err != nil || got != c.want {
				t.Errorf("read as %v, %v; want %v", got, err, c.want)
			}
		})
	}
}

func TestParseAccessLine(t *testing.T) {
	for text, want := range map[string]latchkey.AccessKind{
		"203.0.113.7": "ip", "2001:db8::7": "ip", "203.0.113.0/24": "cidr", "203.0.113.7/32": "ip", "de": "country", "AS64500": "asn",
		"64500": "", "4c4c4544-0042-3510": "", "AS": "country", "a.b": "", "/": "", "": "",
	} {
		kind, _, err := latchkey.ParseAccessLine(text)
		if want == "" && latchkey.CodeOf(err) != latchkey.CodeInvalid || want != "" && (err != nil || kind != want) {
			t.Errorf("%q is read as %q, %v; want %q", text, kind, err, want)
		}
	}
}

func TestHomeOf(t *testing.T) {
	for address, want := range map[string]string{"203.0.113.7": "203.0.113.7", "::ffff:203.0.113.7": "203.0.113.7", "2001:db8:1:2:3::4": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64"} {
		kind, value := latchkey.HomeOf(netip.MustParseAddr(address))
		if value.Reveal() != want {
			t.Errorf("%s lives in %s", address, value.Reveal())
		}
		if again, same, err := latchkey.ParseAccess(kind, want); err != nil || again != kind || same.Reveal() != want {
			t.Errorf("%s %s is read as %s %s, %v", kind, want, again, same.Reveal(), err)
		}
	}
}

// nowhere is a place that nobody may ask for.
func nowhere(t *testing.T) func() latchkey.Place {
	return func() latchkey.Place {
		t.Error("asked where an address is, although it does not matter")
		return latchkey.Place{}
	}
}

func at(p latchkey.Place) func() latchkey.Place { return func() latchkey.Place { return p } }

func TestAccessRules(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var rules latchkey.AccessRules
	for _, e := range []struct {
		list  latchkey.AccessList
		kind  latchkey.AccessKind
		value string
		until time.Duration // 0: for ever
	}{
		{latchkey.Blacklist, "ip", "203.0.113.7", 0},
		{latchkey.Blacklist, "cidr", "198.51.100.0/24", 0},
		{latchkey.Blacklist, "cidr", "2001:db8:bad::/48", 0},
		{latchkey.Blacklist, "ip", "203.0.113.8", time.Hour},
		{latchkey.Blacklist, "country", "AQ", 0},
		{latchkey.Blacklist, "country", "BV", time.Hour},
		{latchkey.Blacklist, "asn", "AS64500", 0},
		{latchkey.Whitelist, "ip", "198.51.100.9", 0},
		{latchkey.Whitelist, "cidr", "203.0.113.0/29", time.Hour},
	} {
		end := time.Time{}
		if e.until > 0 {
			end = noon.Add(e.until)
		}
		rules.Put(e.list, e.kind, e.value, end)
	}
	if rules.Len() != 9 {
		t.Errorf("%d entries", rules.Len())
	}
	antarctica := at(latchkey.Place{Country: "AQ"})
	for _, c := range []struct {
		rule, address string
		place         func() latchkey.Place
		later         time.Duration
		listed        bool
	}{
		{"an address of nobody", "192.0.2.1", at(latchkey.Place{}), 0, false},
		{"an address within a network", "198.51.100.77", nowhere(t), 0, true},
		{"an address beside a network", "198.51.101.1", at(latchkey.Place{}), 0, false},
		{"IPv6 within a network", "2001:db8:bad::1", nowhere(t), 0, true},
		{"IPv6 outside", "2001:db8:beef::1", at(latchkey.Place{}), 0, false},
		{"the whitelist goes before a network", "198.51.100.9", nowhere(t), 0, false},
		{"the whitelist goes before the address itself", "203.0.113.7", nowhere(t), 0, false},
		{"and no longer than it lasts", "203.0.113.7", nowhere(t), time.Hour, true},
		{"an entry holds until its end", "203.0.113.8", nowhere(t), time.Hour - time.Millisecond, true},
		{"and not from then on", "203.0.113.8", at(latchkey.Place{}), time.Hour, false},
		{"a country", "192.0.2.1", antarctica, 0, true},
		{"the whitelist goes before a country", "198.51.100.9", antarctica, 0, false},
		{"a country until its end", "192.0.2.1", at(latchkey.Place{Country: "BV"}), time.Hour - 1, true},
		{"a country after its end", "192.0.2.1", at(latchkey.Place{Country: "BV"}), time.Hour, false},
		{"an autonomous system", "192.0.2.1", at(latchkey.Place{ASN: 64500}), 0, true},
		{"another one", "192.0.2.1", at(latchkey.Place{ASN: 6450}), 0, false},
	} {
		err := rules.CheckAddress(netip.MustParseAddr(c.address), c.place, noon.Add(c.later))
		if listed := errors.Is(err, latchkey.Fail(latchkey.CodeClientBlacklisted)); listed != c.listed || err != nil && !listed {
			t.Errorf("%s: %v", c.rule, err)
		}
	}
	if err := rules.CheckAddress(netip.Addr{}, at(latchkey.Place{}), noon); err != nil {
		t.Errorf("no address: %v", err)
	}
	key, other := latchkey.HWIDKey{1}, latchkey.HWIDKey{2}
	rules.PutHWID(key, noon.Add(time.Hour))
	for _, c := range []struct {
		key    latchkey.HWIDKey
		later  time.Duration
		listed bool
	}{{key, 0, true}, {key, time.Hour, false}, {other, 0, false}, {latchkey.HWIDKey{}, 0, false}} {
		if err := rules.CheckHWID(c.key, noon.Add(c.later)); (err != nil) != c.listed {
			t.Errorf("hardware id %v after %s: %v", c.key, c.later, err)
		}
	}
	rules.PutHWID(key, time.Time{}) // the end is taken back
	if rules.CheckHWID(key, noon.AddDate(50, 0, 0)) == nil || rules.Len() != 10 {
		t.Error("an entry that was changed does not hold as it is now")
	}
	var none *latchkey.AccessRules
	if none.CheckAddress(netip.MustParseAddr("203.0.113.7"), nowhere(t), noon) != nil || none.CheckHWID(key, noon) != nil || none.Len() != 0 {
		t.Error("empty lists keep somebody out")
	}
}

func TestCheckOrigin(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var rules latchkey.AccessRules
	rules.Put(latchkey.Whitelist, latchkey.AccessIP, "192.0.2.9", time.Time{})
	vpn, countries := latchkey.Settings{VPNBlock: true}, latchkey.Settings{AllowedCountries: []string{"DE", "FR"}}
	both := latchkey.Settings{VPNBlock: true, AllowedCountries: []string{"DE"}}
	for _, c := range []struct {
		rule     string
		settings latchkey.Settings
		address  string
		place    latchkey.Place
		want     latchkey.Code
	}{
		{"a VPN", vpn, "192.0.2.1", latchkey.Place{Anonymous: true}, latchkey.CodeClientVPN},
		{"a hosting provider", vpn, "192.0.2.1", latchkey.Place{Hosting: true}, latchkey.CodeClientVPN},
		{"no VPN", vpn, "192.0.2.1", latchkey.Place{Country: "AQ"}, ""},
		{"an unknown address is no VPN", vpn, "192.0.2.1", latchkey.Place{}, ""},
		{"a VPN that is whitelisted", vpn, "192.0.2.9", latchkey.Place{Anonymous: true}, ""},
		{"an allowed country", countries, "192.0.2.1", latchkey.Place{Country: "FR"}, ""},
		{"another country", countries, "192.0.2.1", latchkey.Place{Country: "AQ"}, latchkey.CodeClientRegion},
		{"an unknown country", countries, "192.0.2.1", latchkey.Place{}, latchkey.CodeClientRegion},
		{"another country that is whitelisted", countries, "192.0.2.9", latchkey.Place{Country: "AQ"}, ""},
		{"a VPN in an allowed country", both, "192.0.2.1", latchkey.Place{Country: "DE", Anonymous: true}, latchkey.CodeClientVPN},
		{"neither rule", latchkey.Settings{}, "192.0.2.1", latchkey.Place{Anonymous: true}, ""},
	} {
		err := rules.CheckOrigin(&c.settings, netip.MustParseAddr(c.address), at(c.place), noon)
		if latchkey.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", c.rule, err, c.want)
		}
	}
	var none *latchkey.AccessRules
	if err := none.CheckOrigin(&countries, netip.Addr{}, at(latchkey.Place{}), noon); latchkey.CodeOf(err) != latchkey.CodeClientRegion {
		t.Errorf("an address that cannot be read: %v", err)
	}
	settings := latchkey.DefaultSettings()
	if err := none.CheckOrigin(&settings, netip.MustParseAddr("192.0.2.1"), nowhere(t), noon); err != nil {
		t.Error(err)
	}
}

// FuzzParseAccess holds that what is read has one spelling, and names what the
// text named: an address is found in a list exactly if the text's network holds
// it.
func FuzzParseAccess(f *testing.F) {
	for _, text := range []string{"203.0.113.7", "::ffff:203.0.113.7", "203.0.113.9/24", "2001:db8::/32", "::ffff:1.2.3.4/120", "DE", "AS64500", "4c4c4544", "0.0.0.0/0", "::/0"} {
		for _, kind := range latchkey.Blacklist.Kinds() {
			f.Add(string(kind), text, "203.0.113.9")
		}
	}
	f.Fuzz(func(t *testing.T, kind, text, address string) {
		got, value, err := latchkey.ParseAccess(latchkey.AccessKind(kind), text)
		if err != nil {
			return
		}
		again, same, err := latchkey.ParseAccess(got, value.Reveal())
		if err != nil || again != got || same != value {
			t.Fatalf("%s %q is %s %q, and that %s %q, %v", kind, text, got, value.Reveal(), again, same.Reveal(), err)
		}
		a, err := netip.ParseAddr(address)
		if err != nil || got != latchkey.AccessIP && got != latchkey.AccessCIDR {
			return
		}
		a = a.Unmap().WithZone("")
		var rules latchkey.AccessRules
		rules.Put(latchkey.Blacklist, got, value.Reveal(), time.Time{})
		named, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			single, _ := netip.ParseAddr(strings.TrimSpace(text))
			named = netip.PrefixFrom(single, single.BitLen())
		}
		want := named.Contains(a)
		if named.Addr().Is4In6() && a.Is4() {
			want = netip.PrefixFrom(named.Addr().Unmap(), named.Bits()-96).Contains(a)
		}
		listed := rules.CheckAddress(a, at(latchkey.Place{}), time.Time{}) != nil
		if listed != want {
			t.Fatalf("%q names %s: %v, its entry %s: %v", text, a, want, value.Reveal(), listed)
		}
		found := false
		for _, name := range latchkey.AccessNames(a) {
			found = found || name == latchkey.AccessName(got, value.Reveal())
		}
		if found != listed {
			t.Fatalf("a search for %s finds %s: %v", a, value.Reveal(), found)
		}
	})
}

// FuzzParseAccessLine holds that a line is read as what its kind reads in it.
func FuzzParseAccessLine(f *testing.F) {
	for _, text := range []string{"203.0.113.7", "203.0.113.9/24", "2001:db8::/32", "de", "AS64500", "4c4c4544"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		kind, value, err := latchkey.ParseAccessLine(text)
		if err != nil {
			return
		}
		again, same, err := latchkey.ParseAccess(kind, value.Reveal())
		if err != nil || again != kind || same != value {
			t.Fatalf("%q is %s %q, and that %s %q, %v", text, kind, value.Reveal(), again, same.Reveal(), err)
		}
	})
}

// BenchmarkAccessRules looks callers up in lists of a hundred thousand entries.
func BenchmarkAccessRules(b *testing.B) {
	var rules latchkey.AccessRules
	for i := range latchkey.MaxAccessEntries {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		if i%10 > 0 {
			rules.Put(latchkey.Blacklist, latchkey.AccessIP, a.String(), time.Time{})
			continue
		}
		p, _ := netip.AddrFrom4([4]byte{172, byte(i >> 16), byte(i >> 8), byte(i)}).Prefix(16 + i/10%16)
		rules.Put(latchkey.Blacklist, latchkey.AccessCIDR, p.String(), time.Time{})
	}
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	stranger := netip.MustParseAddr("203.0.113.7")
	for b.Loop() {
		if rules.CheckAddress(stranger, nil, noon) != nil {
			b.Fatal("listed")
		}
	}
}
