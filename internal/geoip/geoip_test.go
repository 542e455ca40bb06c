package geoip_test

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/latchkey-dev/latchkey/internal/geoip"
)

// Short names for the long types of records.
type (
	fields = mmdbtype.Map
	str    = mmdbtype.String
)

// database is the content of an MMDB file of networks and their records.
func database(t testing.TB, version int, records map[string]fields) []byte {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test", IPVersion: version, IncludeReservedNetworks: true, RecordSize: 24})
	if err != nil {
		t.Fatal(err)
	}
	for cidr, record := range records {
		_, network, err := net.ParseCIDR(cidr)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(network, record); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := tree.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// place puts a file where another one may be, as careful operators do.
func place(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, contents ...[]byte) *geoip.DB {
	t.Helper()
	var paths []string
	for i, content := range contents {
		path := filepath.Join(t.TempDir(), string(rune('a'+i)))
		place(t, path, content)
		paths = append(paths, path)
	}
	db, err := geoip.Open(paths...)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func lookup(t *testing.T, db *geoip.DB, address string) geoip.Place {
	t.Helper()
	p, err := db.Lookup(netip.MustParseAddr(address))
	if err != nil {
		t.Errorf("%s: %v", address, err)
	}
	return p
}

const asked = "192.0.2.1" // in the network of every record below

func TestLayouts(t *testing.T) {
	iso := func(code string) fields { return fields{"iso_code": str(code), "geoname_id": mmdbtype.Uint32(1)} }
	for rule, c := range map[string]struct {
		record fields
		want   geoip.Place
	}{
		"GeoLite2-Country and DB-IP country": {fields{"country": iso("DE"), "registered_country": iso("FR"), "continent": fields{"code": str("EU")}},
			geoip.Place{Country: "DE"}},
		"a country of registration alone": {fields{"registered_country": iso("FR"), "continent": fields{"code": str("EU")}},
			geoip.Place{Country: "FR"}},
		"GeoLite2-City": {fields{"city": fields{"names": fields{"en": str("Berlin")}}, "country": iso("DE"), "location": fields{"latitude": mmdbtype.Float64(52)},
			"subdivisions": mmdbtype.Slice{iso("BE")}}, geoip.Place{Country: "DE"}},
		"GeoLite2-ASN and DB-IP ASN": {fields{"autonomous_system_number": mmdbtype.Uint32(4200000000), "autonomous_system_organization": str("Example AG")},
			geoip.Place{ASN: 4200000000, Organization: "Example AG"}},
		"GeoIP2-ISP in traits": {fields{"country": iso("DE"), "traits": fields{"autonomous_system_number": mmdbtype.Uint32(64500), "autonomous_system_organization": str("Example AG"), "is_anonymous_proxy": mmdbtype.Bool(true)}},
			geoip.Place{Country: "DE", ASN: 64500, Organization: "Example AG", Anonymous: true}},
		"GeoIP2-Anonymous-IP": {fields{"is_anonymous": mmdbtype.Bool(true), "is_anonymous_vpn": mmdbtype.Bool(true), "is_hosting_provider": mmdbtype.Bool(true)},
			geoip.Place{Anonymous: true, Hosting: true}},
		"GeoIP2-Anonymous-IP, one yes among several": {fields{"is_anonymous": mmdbtype.Bool(true), "is_public_proxy": mmdbtype.Bool(false), "is_tor_exit_node": mmdbtype.Bool(false)},
			geoip.Place{Anonymous: true}},
		"GeoIP2-Anonymous-IP, hosting alone": {fields{"is_anonymous": mmdbtype.Bool(false), "is_hosting_provider": mmdbtype.Bool(true)},
			geoip.Place{Hosting: true}},
		"IPinfo Lite": {fields{"country": str("Germany"), "country_code": str("DE"), "continent": str("Europe"), "continent_code": str("EU"), "asn": str("AS3320"), "as_name": str("Example AG"), "as_domain": str("example.de")},
			geoip.Place{Country: "DE", ASN: 3320, Organization: "Example AG"}},
		"IPinfo country and ASN": {fields{"country": str("DE"), "country_name": str("Germany"), "asn": str("AS3320"), "as_name": str("Example AG")},
			geoip.Place{Country: "DE", ASN: 3320, Organization: "Example AG"}},
		"IPinfo ASN": {fields{"asn": str("AS3320"), "name": str("Example AG"), "domain": str("example.de"), "route": str("192.0.2.0/24"), "type": str("isp")},
			geoip.Place{ASN: 3320, Organization: "Example AG"}},
		"IPinfo privacy": {fields{"vpn": str("true"), "proxy": str(""), "tor": str(""), "hosting": str("true"), "service": str("Example VPN")},
			geoip.Place{Anonymous: true, Hosting: true}},
		"IPinfo privacy without any": {fields{"vpn": str("false"), "proxy": str(""), "relay": mmdbtype.Bool(false), "hosting": str("false")}, geoip.Place{}},
		"nothing that is known":      {fields{"shoe_size": mmdbtype.Uint16(44)}, geoip.Place{}},
		"other types than are known": {fields{"country": mmdbtype.Uint32(49), "asn": mmdbtype.Slice{str("AS1")}, "traits": str("none"), "vpn": mmdbtype.Uint16(1), "registered_country": mmdbtype.Slice{}},
			geoip.Place{}},
		"codes that are none":     {fields{"country": str("ZZZ"), "country_code": str("1!"), "asn": str("ASX")}, geoip.Place{}},
		"numbers of other widths": {fields{"asn": mmdbtype.Uint16(64500)}, geoip.Place{ASN: 64500}},
		"numbers that are no ASN": {fields{"asn": mmdbtype.Uint64(1 << 40)}, geoip.Place{}},
		"lower case":              {fields{"country_code": str("de"), "asn": str("as3320")}, geoip.Place{Country: "DE", ASN: 3320}},
	} {
		t.Run(rule, func(t *testing.T) {
			got := lookup(t, open(t, database(t, 6, map[string]fields{"192.0.2.0/24": c.record})), asked)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	four := database(t, 4, map[string]fields{"192.0.2.0/24": {"country_code": str("DE")}, "198.51.100.0/24": {"country_code": str("FR")}})
	six := database(t, 6, map[string]fields{"2001:db8::/32": {"country_code": str("IT")}, "192.0.2.0/25": {"country_code": str("ES")}})
	for rule, c := range map[string]struct {
		files [][]byte
		want  map[string]string
	}{
		"IPv4 only":                         {[][]byte{four}, map[string]string{"192.0.2.1": "DE", "::ffff:192.0.2.1": "DE", "198.51.100.255": "FR", "203.0.113.1": "", "2001:db8::1": "", "::1": ""}},
		"both":                              {[][]byte{six}, map[string]string{"192.0.2.1": "ES", "::ffff:192.0.2.1": "ES", "192.0.2.128": "", "2001:db8::1": "IT", "2001:db8::1%eth0": "IT", "2001:db9::1": ""}},
		"the first file that knows decides": {[][]byte{four, six}, map[string]string{"192.0.2.1": "DE", "2001:db8::1": "IT"}},
		"in their order":                    {[][]byte{six, four}, map[string]string{"192.0.2.1": "ES", "192.0.2.128": "DE", "2001:db8::1": "IT"}},
	} {
		t.Run(rule, func(t *testing.T) {
			db := open(t, c.files...)
			for address, want := range c.want {
				if got := lookup(t, db, address).Country; got != want {
					t.Errorf("%s is in %q, want %q", address, got, want)
				}
			}
		})
	}
}

func TestFilesAddUp(t *testing.T) {
	db := open(t,
		database(t, 6, map[string]fields{"192.0.2.0/24": {"country": fields{"iso_code": str("DE")}}}),
		database(t, 6, map[string]fields{"192.0.2.0/24": {"asn": str("AS64500"), "as_name": str("Example AG"), "country": str("FR")}}),
		database(t, 6, map[string]fields{"192.0.2.0/24": {"is_hosting_provider": mmdbtype.Bool(true), "autonomous_system_number": mmdbtype.Uint32(1), "autonomous_system_organization": str("Other")}}))
	if diff := cmp.Diff(geoip.Place{Country: "DE", ASN: 64500, Organization: "Example AG", Hosting: true}, lookup(t, db, asked)); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutAFileNothingIsKnown(t *testing.T) {
	var none *geoip.DB
	if changed, err := none.Reload(); changed || err != nil || lookup(t, none, asked) != (geoip.Place{}) {
		t.Error("none knows something")
	}
	empty, err := geoip.Open("", "")
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := empty.Reload(); changed || err != nil || lookup(t, empty, asked) != (geoip.Place{}) {
		t.Error("an empty one knows something")
	}
	if p, err := open(t, database(t, 6, nil)).Lookup(netip.Addr{}); err != nil || p != (geoip.Place{}) {
		t.Errorf("no address: %v, %v", p, err)
	}
}

func TestOpen_refuses_what_is_no_database(t *testing.T) {
	whole := database(t, 6, map[string]fields{"192.0.2.0/24": {"country_code": str("DE")}})
	for rule, content := range map[string][]byte{"empty": nil, "text": []byte("<html>Sign in to download</html>"), "cut": whole[:len(whole)/2], "packed": {0x1f, 0x8b, 8}} {
		path := filepath.Join(t.TempDir(), "db.mmdb")
		place(t, path, content)
		if _, err := geoip.Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", rule, err)
		}
	}
	if _, err := geoip.Open(filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("an absent file is opened")
	}
}

func TestReload(t *testing.T) {
	in := func(code string) []byte {
		return database(t, 6, map[string]fields{"192.0.2.0/24": {"country_code": str(code)}})
	}
	path := filepath.Join(t.TempDir(), "db.mmdb")
	place(t, path, in("DE"))
	db, err := geoip.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	reload := func(rule string, wantChanged, wantErr bool, country string) {
		t.Helper()
		if changed, err := db.Reload(); changed != wantChanged || (err != nil) != wantErr {
			t.Errorf("%s: changed %t, %v", rule, changed, err)
		}
		if got := lookup(t, db, asked).Country; got != country {
			t.Errorf("%s: %q, want %q", rule, got, country)
		}
	}
	reload("nothing happened", false, false, "DE")
	place(t, path, in("FR"))
	reload("another one was put there", true, false, "FR")
	reload("once", false, false, "FR")
	place(t, path, in("IT")[:200])
	reload("half a file was put there", false, true, "FR")
	reload("it stays so", false, true, "FR")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	reload("it was removed", false, true, "FR")
	place(t, path, in("IT"))
	reload("a whole one is back", true, false, "IT")
	if err := os.WriteFile(path, in("ES"), 0o600); err != nil { // the same length
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	reload("it was overwritten in place", true, false, "ES")
}

func TestConcurrentUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db.mmdb")
	versions := [][]byte{
		database(t, 6, map[string]fields{"192.0.2.0/24": {"country_code": str("DE")}}),
		database(t, 6, map[string]fields{"192.0.2.0/24": {"country_code": str("FR")}}),
	}
	place(t, path, versions[0])
	db, err := geoip.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if got := lookup(t, db, asked).Country; got != "DE" && got != "FR" {
					t.Errorf("between two files: %q", got)
					return
				}
			}
		})
	}
	for i := range 50 {
		place(t, path, versions[i%2])
		if _, err := db.Reload(); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wg.Wait()
}

// A damaged file is an error or unknown, never a panic.
func FuzzLookup(f *testing.F) {
	whole := database(f, 6, map[string]fields{"192.0.2.0/24": {"country": fields{"iso_code": str("DE")}, "asn": str("AS3320"), "traits": fields{"is_anonymous_proxy": mmdbtype.Bool(true)}}})
	f.Add(0, byte(0))
	for i := 0; i < len(whole); i += 16 {
		f.Add(i, byte(0xff))
		f.Add(i, byte(0x40))
	}
	path := filepath.Join(f.TempDir(), "db.mmdb")
	f.Fuzz(func(t *testing.T, at int, flip byte) {
		if at < 0 || at >= len(whole) {
			return
		}
		damaged := bytes.Clone(whole)
		damaged[at] ^= flip
		place(t, path, damaged)
		db, err := geoip.Open(path)
		if err != nil {
			return
		}
		for _, address := range []string{asked, "2001:db8::1", "255.255.255.255"} {
			p, _ := db.Lookup(netip.MustParseAddr(address))
			if len(p.Country) != 0 && len(p.Country) != 2 {
				t.Fatalf("country %q", p.Country)
			}
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	db := open(b,
		database(b, 6, map[string]fields{"192.0.2.0/24": {"country": fields{"iso_code": str("DE"), "names": fields{"de": str("Deutschland"), "en": str("Germany"), "fr": str("Allemagne")}}}}),
		database(b, 6, map[string]fields{"192.0.2.0/24": {"autonomous_system_number": mmdbtype.Uint32(64500), "autonomous_system_organization": str("Example AG")}}))
	a := netip.MustParseAddr(asked)
	b.ReportAllocs()
	for b.Loop() {
		if p, err := db.Lookup(a); err != nil || p.ASN == 0 {
			b.Fatal(p, err)
		}
	}
}
