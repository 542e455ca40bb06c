package egress

import (
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
	pairs, err := escapePairs(b, params)
	if err != nil || pairs == "" {
		return base, err
	}
	switch {
	case !hasQuery:
		return base + "?" + pairs, nil
	case strings.HasSuffix(base, "?"), strings.HasSuffix(base, "&"):
		return base + pairs, nil
	}
	return base + "&" + pairs, nil
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

func escapePairs(b *url.URL, params string) (string, error) {
	var owned []string
	for pair := range strings.SplitSeq(b.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		owned = append(owned, plainName(name))
	}
	var out []string
	for pair := range strings.SplitSeq(strings.TrimLeft(params, "?&"), "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil || !isParam(name) {
			return "", refuse(CodeParams, "A parameter's name is not 1 to 64 letters, digits and _.-[].")
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return "", refuse(CodeParams, "A parameter's value is not percent-encoded.")
		}
		if slices.Contains(owned, plainName(name)) {
			return "", refuse(CodeParams, "A parameter has the name of one that the URL has already.")
		}
		out = append(out, url.QueryEscape(name)+"="+url.QueryEscape(value))
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
