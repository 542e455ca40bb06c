// Package geoiptest writes geolocation files for tests.
package geoiptest

import (
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/latchkey-dev/latchkey/internal/geoip"
)

// World is where the addresses of documentation are, in the tests of all
// packages. Addresses elsewhere are unknown.
func World() map[string]geoip.Place {
	return map[string]geoip.Place{
		"192.0.2.0/24":    {Country: "FR", ASN: 64496},
		"198.51.100.0/25": {Country: "US", ASN: 64497, Hosting: true},
		"203.0.113.0/25":  {Country: "DE", ASN: 64500},
		"203.0.113.64/26": {Country: "DE", ASN: 64501, Anonymous: true},
		"2001:db8::/48":   {Country: "DE", ASN: 64500},
	}
}

// Write writes an MMDB file that knows places by their networks.
func Write(t testing.TB, path string, places map[string]geoip.Place) {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test", IPVersion: 6, IncludeReservedNetworks: true, RecordSize: 24})
	if err != nil {
		t.Fatal(err)
	}
	wideFirst := func(a, b string) int { return netip.MustParsePrefix(a).Bits() - netip.MustParsePrefix(b).Bits() }
	for _, cidr := range slices.SortedFunc(maps.Keys(places), wideFirst) {
		_, network, err := net.ParseCIDR(cidr)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(network, record(places[cidr])); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// Open returns a database that knows places by their networks.
func Open(t testing.TB, places map[string]geoip.Place) *geoip.DB {
	t.Helper()
	path := t.TempDir() + "/places.mmdb"
	Write(t, path, places)
	db, err := geoip.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func record(p geoip.Place) mmdbtype.Map {
	fields := mmdbtype.Map{}
	if p.Country != "" {
		fields["country"] = mmdbtype.Map{"iso_code": mmdbtype.String(p.Country)}
	}
	if p.ASN != 0 {
		fields["autonomous_system_number"] = mmdbtype.Uint32(p.ASN)
	}
	if p.Anonymous {
		fields["is_anonymous"] = mmdbtype.Bool(true)
	}
	if p.Hosting {
		fields["is_hosting_provider"] = mmdbtype.Bool(true)
	}
	return fields
}
