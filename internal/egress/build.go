package egress

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// maxParam bounds the name of a parameter.
const maxParam = 64

// BuildURL appends text of a client to a URL that its owner fixed. The text
// never becomes anything but escaped values of the query or escaped segments
// of the path:
//
//   - after a base that ends in "=", all of it is that value;
//   - after a base without a query that ends in "/", or if it begins with "/",
//     it is segments of the path, up to a "?";
//   - otherwise it is name=value pairs joined by "&".
//
// Scheme, host, port and the owner's own path and query stay as they are, and a
// pair of a name that the owner's query has is refused, because receivers
// differ in which of two they believe. The error is an [*Error].
func BuildURL(base, params string) (string, error) {
	b, err := parseURL(base)
	if err != nil {
		return "", err
	}
	if len(params) > MaxURL {
		return "", refuse(CodeURLTooLong, "The parameters are longer than 2,048 bytes.")
	}
	built, err := join(b, base, params)
	if err != nil {
		return "", err
	}
	return leadsWhere(b, built)
}

// AddParams is [BuildURL] for parameters whose names and values are known
// apart. They are always pairs of the query.
func AddParams(base string, params map[string]string) (string, error) {
	b, err := parseURL(base)
	if err != nil {
		return "", err
	}
	var pairs []pair
	for _, name := range slices.Sorted(maps.Keys(params)) {
		pairs = append(pairs, pair{name, params[name]})
	}
	query, err := escapePairs(b, pairs)
	if err != nil {
		return "", err
	}
	return leadsWhere(b, addQuery(base, query))
}

// leadsWhere returns a URL that was built from b if it leads where b does.
func leadsWhere(b *url.URL, built string) (string, error) {
	u, err := parseURL(built)
	if err != nil {
		return "", err
	}
	if u.Scheme != b.Scheme || u.Host != b.Host || !strings.HasPrefix(u.EscapedPath(), b.EscapedPath()) || !strings.HasPrefix(u.RawQuery, b.RawQuery) {
		return "", refuse(CodeParams, "The parameters would change where the URL leads.")
	}
	return built, nil
}

func join(b *url.URL, base, params string) (string, error) {
	if params == "" {
		return base, nil
	}
	if b.RawQuery != "" && strings.HasSuffix(b.RawQuery, "=") && params[0] != '&' && params[0] != '?' {
		return base + url.QueryEscape(params), nil
	}
	hasQuery := strings.Contains(base, "?")
	if !hasQuery && params[0] != '?' && params[0] != '&' && (params[0] == '/' || strings.HasSuffix(b.Path, "/")) {
		text, query, _ := strings.Cut(params, "?")
		path, err := segments(text)
		if err != nil {
			return "", err
		}
		base, params = strings.TrimSuffix(base, "/")+"/"+path, query
	}
	pairs, err := splitPairs(params)
	if err != nil {
		return "", err
	}
	query, err := escapePairs(b, pairs)
	return addQuery(base, query), err
}

// addQuery appends pairs to a URL.
func addQuery(base, pairs string) string {
	switch {
	case pairs == "":
		return base
	case !strings.Contains(base, "?"):
		return base + "?" + pairs
	case strings.HasSuffix(base, "?"), strings.HasSuffix(base, "&"):
		return base + pairs
	}
	return base + "&" + pairs
}

// pair is a parameter in clear.
type pair struct{ name, value string }

func splitPairs(params string) (pairs []pair, err error) {
	for text := range strings.SplitSeq(strings.TrimLeft(params, "?&"), "&") {
		if text == "" {
			continue
		}
		var p pair
		rawName, rawValue, _ := strings.Cut(text, "=")
		if p.name, err = url.QueryUnescape(rawName); err != nil {
			return nil, refuseName()
		}
		if p.value, err = url.QueryUnescape(rawValue); err != nil {
			return nil, refuse(CodeParams, "A parameter's value is not percent-encoded.")
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}

func refuseName() error {
	return refuse(CodeParams, "A parameter's name is not 1 to 64 letters, digits and _.-[].")
}

// segments escapes a path. Dots and backslashes are refused rather than
// escaped, because proxies before the receiver may read %2e%2e and %5c as what
// they stand for.
func segments(text string) (string, error) {
	parts := strings.Split(strings.TrimPrefix(text, "/"), "/")
	for i, part := range parts {
		if part == "." || part == ".." || part == "" && i < len(parts)-1 || strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' || r == '%' }) {
			return "", refuse(CodeParams, "The parameters hold a path with empty, dotted or encoded parts.")
		}
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/"), nil
}

func escapePairs(b *url.URL, pairs []pair) (string, error) {
	var owned []string
	for pair := range strings.SplitSeq(b.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		owned = append(owned, plainName(name))
	}
	var out []string
	for _, p := range pairs {
		if !isParam(p.name) {
			return "", refuseName()
		}
		if slices.Contains(owned, plainName(p.name)) {
			return "", refuse(CodeParams, "A parameter has the name of one that the URL has already.")
		}
		out = append(out, url.QueryEscape(p.name)+"="+url.QueryEscape(p.value))
	}
	return strings.Join(out, "&"), nil
}

func isParam(name string) bool {
	return name != "" && len(name) <= maxParam && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_.-[]", r))
	})
}

// plainName is a name as the most forgiving receivers know it: some take
// a[] and a.b for a and a_b, drop leading spaces, or ignore the case.
func plainName(name string) string {
	name, _, _ = strings.Cut(strings.TrimLeft(name, " "), "[")
	return strings.ToLower(strings.NewReplacer(".", "_", " ", "_").Replace(name))
}
