package egress_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/egress"
)

func TestBuildURL(t *testing.T) {
	for _, c := range []struct {
		base, params, want string // an empty want: refused
	}{
		// nothing to add
		{"https://a.example", "", "https://a.example"},
		{"https://a.example/x?key=1", "", "https://a.example/x?key=1"},
		// pairs
		{"https://a.example/x?key=1", "&type=add&days=30", "https://a.example/x?key=1&type=add&days=30"},
		{"https://a.example/x?key=1", "type=add", "https://a.example/x?key=1&type=add"},
		{"https://a.example/x?key=1&", "type=add", "https://a.example/x?key=1&type=add"},
		{"https://a.example/x", "?type=add", "https://a.example/x?type=add"},
		{"https://a.example/x?", "type=add", "https://a.example/x?type=add"},
		{"https://a.example", "type=add", "https://a.example?type=add"},
		{"https://a.example/x", "a=b c&d=%26%3D&e=&f", "https://a.example/x?a=b+c&d=%26%3D&e=&f="},
		{"https://a.example/x", "a=#f@evil.example/?x=\r\n\x00", "https://a.example/x?a=%23f%40evil.example%2F%3Fx%3D%0D%0A%00"},
		{"https://a.example/x", "a[]=1&a[]=2&b.c=3", "https://a.example/x?a%5B%5D=1&a%5B%5D=2&b.c=3"},
		{"https://a.example/x", "?&&", "https://a.example/x"},
		// one value
		{"https://a.example/x?q=", "a&b=c#d", "https://a.example/x?q=a%26b%3Dc%23d"},
		{"https://a.example/x?k=1&q=", "?&b=c", "https://a.example/x?k=1&q=&b=c"},
		// segments
		{"https://a.example/x/", "one", "https://a.example/x/one"},
		{"https://a.example/x", "/one/two", "https://a.example/x/one/two"},
		{"https://a.example", "/one", "https://a.example/one"},
		{"https://a.example/x/", "/one/?b=c", "https://a.example/x/one/?b=c"},
		{"https://a.example/x/", "@evil.example:80", "https://a.example/x/@evil.example:80"},
		{"https://a.example/x/", "a b;c#d", "https://a.example/x/a%20b%3Bc%23d"},
		// no leaving the owner's path
		{"https://a.example/x/", "..", ""},
		{"https://a.example/x/", "one/../../two", ""},
		{"https://a.example/x/", "/./one", ""},
		{"https://a.example/x", "//evil.example/", ""},
		{"https://a.example/x/", "%2e%2e/two", ""},
		{"https://a.example/x/", "..\\two", ""},
		{"https://a.example/x/", "one\r\ntwo", ""},
		// no leaving the owner's host, where text is simply appended elsewhere
		{"https://a.example", "@evil.example/", ""},
		{"https://a.example", ".evil.example/", ""},
		{"https://a.example", ":8443/", ""},
		{"https://a.example/x", "#", ""},
		// no second value for a name of the owner
		{"https://a.example/x?type=info", "&type=delete", ""},
		{"https://a.example/x?type=info", "&TYPE=delete", ""},
		{"https://a.example/x?type=info", "&type[]=delete", ""},
		{"https://a.example/x?ty.pe=info", "&ty_pe=delete", ""},
		{"https://a.example/x?t%79pe=info", "&type=delete", ""},
		{"https://a.example/x?type=info", "&%20type=delete", ""},
		{"https://a.example/x?type=info", "&type%00=delete", ""},
		{"https://a.example/x?q=", "&q=other", ""},
		// not pairs
		{"https://a.example/x", "a=%zz", ""},
		{"https://a.example/x", "=b", ""},
		{"https://a.example/x", "a;b=c", ""},
		{"https://a.example/x", strings.Repeat("n", 65) + "=1", ""},
		{"https://a.example/x", "a=" + strings.Repeat("v", 2030), ""},
		{"https://a.example/x", "a=" + strings.Repeat("v", 2050), ""},
		// the owner's URL is checked too
		{"https://user@a.example/", "a=b", ""},
		{"file:///etc/", "passwd", ""},
	} {
		got, err := egress.BuildURL(c.base, c.params)
		if got != c.want || (err == nil) != (c.want != "") || codeOf(err) == "another error" {
			t.Errorf("%s + %.60q: %q, %v, want %q", c.base, c.params, got, err, c.want)
		}
	}
}

// FuzzBuildURL: whatever a client sends, the owner's scheme, host, port, path
// and query stay, and no new part of a URL comes to be.
func FuzzBuildURL(f *testing.F) {
	for _, base := range []string{"https://a.example", "https://a.example/", "https://a.example/x?key=1", "http://10.0.0.1:8080/x/?q=", "https://[2606:4700::1]/x"} {
		for _, params := range []string{"", "&a=b", "?a=%20", "/../x", "@evil.example", ":80", "#", "\\evil", "%2e%2e/", "a[]=1", "//evil.example", "\r\nHost: evil", "\u2025", "a=\xff"} {
			f.Add(base, params)
		}
	}
	f.Fuzz(func(t *testing.T, base, params string) {
		built, err := egress.BuildURL(base, params)
		if err != nil {
			if codeOf(err) == "another error" || built != "" {
				t.Fatalf("%q, %v", built, err)
			}
			return
		}
		was, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		is, err := url.Parse(built)
		if err != nil {
			t.Fatal(err)
		}
		if is.Scheme != was.Scheme || is.Host != was.Host || is.User != nil || is.Opaque != "" || strings.Contains(built, "#") || len(built) > egress.MaxURL {
			t.Fatalf("%q became %q", base, built)
		}
		if !strings.HasPrefix(is.EscapedPath(), was.EscapedPath()) || !strings.HasPrefix(is.RawQuery, was.RawQuery) {
			t.Fatalf("the owner's part of %q is lost in %q", base, built)
		}
		if strings.ContainsFunc(built, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) {
			t.Fatalf("%q is not escaped", built)
		}
		added := strings.TrimPrefix(is.EscapedPath(), was.EscapedPath())
		for part := range strings.SplitSeq(added, "/") {
			if decoded, _ := url.PathUnescape(part); decoded == "." || decoded == ".." || strings.Contains(decoded, "/") {
				t.Fatalf("%q climbs", built)
			}
		}
		if rest, ok := strings.CutPrefix(built, was.Scheme+"://"+was.Host); ok && rest != "" && rest[0] != '/' && rest[0] != '?' {
			t.Fatalf("%q continues the host", built)
		}
		if _, err := url.ParseQuery(strings.TrimPrefix(is.RawQuery, was.RawQuery)); err != nil {
			t.Fatalf("%q is not read as pairs: %v", built, err)
		}
	})
}

func TestAddParams(t *testing.T) {
	for rule, c := range map[string]struct {
		base   string
		params map[string]string
		want   string // empty: refused
	}{
		"none":                       {"https://a.example/x?key=1", nil, "https://a.example/x?key=1"},
		"pairs, by their names":      {"https://a.example/x", map[string]string{"b": "2 &#", "a": "ü"}, "https://a.example/x?a=%C3%BC&b=2+%26%23"},
		"after a query":              {"https://a.example/x?key=1", map[string]string{"a": "b"}, "https://a.example/x?key=1&a=b"},
		"after a value without text": {"https://a.example/x?q=", map[string]string{"a": "b"}, "https://a.example/x?q=&a=b"},
		"after a folder":             {"https://a.example/x/", map[string]string{"a": "/../b"}, "https://a.example/x/?a=%2F..%2Fb"},
		"a name of the owner":        {"https://a.example/x?key=1", map[string]string{"KEY": "2"}, ""},
		"a name that is none":        {"https://a.example/x", map[string]string{"a=b&c": "d"}, ""},
		"an empty name":              {"https://a.example/x", map[string]string{"": "d"}, ""},
		"too much":                   {"https://a.example/x", map[string]string{"a": strings.Repeat("x", 2048)}, ""},
		"a base that is none":        {"ftp://a.example/x", nil, ""},
	} {
		got, err := egress.AddParams(c.base, c.params)
		if got != c.want || (err == nil) != (c.want != "") || codeOf(err) == "another error" {
			t.Errorf("%s: %q, %v", rule, got, err)
		}
	}
}
