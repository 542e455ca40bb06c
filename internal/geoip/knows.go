package geoip

import "github.com/oschwald/maxminddb-golang/v2"

// Knowledge is what the files are able to tell of addresses.
type Knowledge struct {
	Countries bool
	Systems   bool // autonomous systems
	Anonymity bool // VPNs, proxies and the like, or hosting providers
}

// probed is how many records of a file are looked at to find out what it tells.
// Files that tell something tell it of most of the networks that they name.
const probed = 20_000

// Knows returns what any of the files tells. A nil *DB tells nothing.
func (db *DB) Knows() (k Knowledge) {
	if db == nil {
		return k
	}
	for _, f := range *db.files.Load() {
		k.Countries = k.Countries || f.knows.Countries
		k.Systems = k.Systems || f.knows.Systems
		k.Anonymity = k.Anonymity || f.knows.Anonymity
	}
	return k
}

// probe looks into a file. What cannot be read tells nothing.
func probe(reader *maxminddb.Reader) (k Knowledge) {
	looked := 0
	for result := range reader.Networks() {
		var found record
		if result.Decode(&found) != nil {
			continue
		}
		k.Countries = k.Countries || found.Country != ""
		k.Systems = k.Systems || found.ASN != 0
		k.Anonymity = k.Anonymity || found.Anonymous || found.Hosting
		if looked++; looked == probed || k == (Knowledge{true, true, true}) {
			break
		}
	}
	return k
}
