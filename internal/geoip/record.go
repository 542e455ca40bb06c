package geoip

import (
	"strconv"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2/mmdbdata"
)

// record is a Place that reads itself from a database's record, in whatever of
// the known layouts it is. Fields that it does not know, or that have a type
// that no known layout gives them, are passed over.
type record Place

// UnmarshalMaxMindDB reads the top of a record.
//
//	MaxMind, DB-IP   country: {iso_code}, registered_country: {iso_code}, traits: {is_…},
//	                 autonomous_system_number, autonomous_system_organization, is_…
//	IPinfo           country_code or country: "DE", asn: "AS3320", as_name, vpn, proxy, tor, relay, hosting
func (r *record) UnmarshalMaxMindDB(d *mmdbdata.Decoder) error {
	registered, name := "", ""
	err := eachField(d, func(key []byte) error {
		var err error
		switch string(key) {
		case "country":
			err = country(d, &r.Country)
		case "registered_country": // of satellites and the like, which are nowhere
			err = country(d, &registered)
		case "country_code":
			r.Country, err = text(d)
			r.Country = isoCode(r.Country)
		case "autonomous_system_number", "asn":
			r.ASN, err = asn(d)
		case "autonomous_system_organization", "as_name":
			r.Organization, err = text(d)
		case "name": // beside asn in IPinfo's ASN database
			name, err = text(d)
		case "traits":
			err = r.traits(d)
		default:
			err = r.flag(d, key)
		}
		return err
	})
	if r.Country == "" {
		r.Country = registered
	}
	if r.Organization == "" && r.ASN != 0 {
		r.Organization = name
	}
	return err
}

// eachField calls read for each field of the map that comes next; read must
// consume its value.
func eachField(d *mmdbdata.Decoder, read func(key []byte) error) error {
	if kind, err := d.PeekKind(); err != nil || kind != mmdbdata.KindMap {
		return skip(d, err)
	}
	fields, _, err := d.ReadMap()
	if err != nil {
		return err
	}
	for key, err := range fields {
		if err != nil {
			return err
		}
		if err := read(key); err != nil {
			return err
		}
	}
	return nil
}

func skip(d *mmdbdata.Decoder, err error) error {
	if err != nil {
		return err
	}
	return d.SkipValue()
}

func (r *record) traits(d *mmdbdata.Decoder) error {
	return eachField(d, func(key []byte) error {
		switch string(key) {
		case "autonomous_system_number":
			n, err := asn(d)
			r.ASN = n
			return err
		case "autonomous_system_organization":
			s, err := text(d)
			r.Organization = s
			return err
		}
		return r.flag(d, key)
	})
}

// flag reads a field that says yes or no about anonymity, or skips another.
func (r *record) flag(d *mmdbdata.Decoder, key []byte) error {
	var to *bool
	switch string(key) {
	case "is_anonymous", "is_anonymous_proxy", "is_anonymous_vpn", "is_public_proxy", "is_residential_proxy", "is_tor_exit_node",
		"vpn", "proxy", "tor", "relay":
		to = &r.Anonymous
	case "is_hosting_provider", "hosting", "is_hosting":
		to = &r.Hosting
	default:
		return d.SkipValue()
	}
	kind, err := d.PeekKind()
	if err != nil {
		return err
	}
	yes := false
	if kind == mmdbdata.KindBool {
		yes, err = d.ReadBool()
	} else {
		var s string
		s, err = text(d)
		yes = s == "true" || s == "1"
	}
	*to = *to || yes
	return err
}

// country reads {iso_code: "DE"} or "DE".
func country(d *mmdbdata.Decoder, to *string) error {
	kind, err := d.PeekKind()
	if err != nil {
		return err
	}
	found := ""
	if kind == mmdbdata.KindMap {
		err = eachField(d, func(key []byte) error {
			if string(key) != "iso_code" {
				return d.SkipValue()
			}
			var err error
			found, err = text(d)
			return err
		})
	} else {
		found, err = text(d)
	}
	if code := isoCode(found); code != "" { // "Germany" beside a country_code is none
		*to = code
	}
	return err
}

func isoCode(s string) string {
	if len(s) != 2 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return strings.ToUpper(s)
}

// asn reads 3320, "AS3320" or "3320".
func asn(d *mmdbdata.Decoder) (uint32, error) {
	switch kind, err := d.PeekKind(); {
	case err != nil:
		return 0, err
	case kind == mmdbdata.KindUint16:
		n, err := d.ReadUint16()
		return uint32(n), err
	case kind == mmdbdata.KindUint32:
		return d.ReadUint32()
	case kind == mmdbdata.KindUint64:
		n, err := d.ReadUint64()
		if n > 1<<32-1 {
			n = 0
		}
		return uint32(n), err
	}
	s, err := text(d)
	n, _ := strconv.ParseUint(strings.TrimPrefix(strings.ToUpper(s), "AS"), 10, 32)
	return uint32(n), err
}

// text reads a string, and passes over what is none.
func text(d *mmdbdata.Decoder) (string, error) {
	if kind, err := d.PeekKind(); err != nil || kind != mmdbdata.KindString {
		return "", skip(d, err)
	}
	return d.ReadString()
}
