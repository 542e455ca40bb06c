// Package geoip says where an address is: its country, its autonomous system,
// and whether it hides who uses it. It reads MMDB files that the operator
// brings, in the layouts of MaxMind (GeoLite2 and GeoIP2), DB-IP and IPinfo.
//
// It decides nothing: what follows from a country is the caller's rule, and so
// is what follows from not knowing it.
package geoip

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"

	"github.com/oschwald/maxminddb-golang/v2"
)

// maxFile bounds what is read into memory; the largest of these databases has
// a few hundred MiB.
const maxFile = 1 << 30

// Place is what the files say about an address. The zero Place is unknown.
type Place struct {
	Country      string // ISO 3166-1, two upper-case letters; "" is unknown
	ASN          uint32 // 0 is unknown
	Organization string // who runs that autonomous system
	Anonymous    bool   // known as VPN, proxy, relay or Tor exit
	Hosting      bool   // known as hosting provider
}

// DB looks addresses up in any number of files. It is safe for concurrent use.
// A nil *DB knows nothing.
type DB struct {
	reloading sync.Mutex
	paths     []string
	files     atomic.Pointer[[]file] // one for each path
}

// file is a database as it was when it was read. It is held in memory rather
// than mapped: a mapped file that is overwritten in place kills the process.
type file struct {
	info   fs.FileInfo
	reader *maxminddb.Reader
	knows  Knowledge
}

// Open reads the files. Where several know of an address, the first of them
// decides country and autonomous system; it is anonymous or hosting if any of
// them says so. Empty paths are passed over; without any, nothing is known.
func Open(paths ...string) (*DB, error) {
	db := &DB{}
	for _, path := range paths {
		if path != "" {
			db.paths = append(db.paths, path)
		}
	}
	files := make([]file, len(db.paths))
	db.files.Store(&files)
	if _, err := db.Reload(); err != nil {
		return nil, err
	}
	return db, nil
}

// Reload reads again the files that have changed since they were read, and says
// whether there were any. If one cannot be read, all stay as they were:
// look-ups go on with the old ones, and the next Reload tries again.
func (db *DB) Reload() (bool, error) {
	if db == nil {
		return false, nil
	}
	db.reloading.Lock()
	defer db.reloading.Unlock()
	files := append([]file(nil), *db.files.Load()...)
	changed := false
	for i, path := range db.paths {
		info, err := os.Stat(path)
		if err != nil {
			return false, fmt.Errorf("read geolocation file: %w", err)
		}
		if files[i].reader != nil && same(files[i].info, info) {
			continue
		}
		if files[i], err = read(path); err != nil {
			return false, fmt.Errorf("read geolocation file %s: %w", path, err)
		}
		changed = true
	}
	if changed {
		db.files.Store(&files)
	}
	return changed, nil
}

// same reports whether two looks at a path found the same content, as far as
// the file system tells.
func same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

func read(path string) (file, error) {
	before, err := os.Stat(path)
	if err != nil {
		return file{}, err
	}
	if before.Size() > maxFile {
		return file{}, fmt.Errorf("it has %d bytes, at most %d are read", before.Size(), maxFile)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return file{}, err
	}
	after, err := os.Stat(path)
	if err != nil {
		return file{}, err
	}
	if !same(before, after) || int64(len(content)) != after.Size() {
		return file{}, errors.New("it is being written; replace it by renaming a whole one")
	}
	reader, err := maxminddb.OpenBytes(content)
	if err != nil {
		return file{}, err
	}
	return file{info: after, reader: reader, knows: probe(reader)}, nil
}

// Lookup says what the files know about an address; addresses that they do not
// know are no error. An error is a damaged file, and the Place is then what the
// others know.
func (db *DB) Lookup(a netip.Addr) (Place, error) {
	if db == nil || !a.IsValid() {
		return Place{}, nil
	}
	a = a.Unmap().WithZone("")
	var p Place
	var failed error
	for i, f := range *db.files.Load() {
		if a.Is6() && f.reader.Metadata.IPVersion == 4 {
			continue
		}
		var found record
		if err := f.reader.Lookup(a).Decode(&found); err != nil {
			failed = errors.Join(failed, fmt.Errorf("read geolocation file %s: %w", db.paths[i], err))
			continue
		}
		p = p.with(Place(found))
	}
	return p, failed
}

// with adds what another file knows.
func (p Place) with(other Place) Place {
	if p.Country == "" {
		p.Country = other.Country
	}
	if p.ASN == 0 {
		p.ASN, p.Organization = other.ASN, other.Organization
	}
	p.Anonymous = p.Anonymous || other.Anonymous
	p.Hosting = p.Hosting || other.Hosting
	return p
}
