package egress_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func codeOf(err error) egress.Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*egress.Error](err); ok {
		return e.Code
	}
	return "another error"
}

func TestCheckURL(t *testing.T) {
	strict := egress.New(egress.Config{})
	for raw, want := range map[string]egress.Code{
		"https://hooks.example.com":                                    "",
		"https://hooks.example.com/a/b?c=d&e":                          "",
		"https://hooks.example.com:443/":                               "",
		"https://hooks.example.com:8443/":                              "",
		"HTTPS://Hooks.Example.COM/":                                   "",
		"https://xn--e1afmkfd.example/":                                "",
		"https://a_b.example.com/%C3%BC":                               "",
		"https://1.1.1.1/":                                             "",
		"https://[2606:4700::1111]/":                                   "",
		"https://example.com/?email=a@b.example":                       "",
		"http://hooks.example.com/":                                    egress.CodeURLScheme,
		"ftp://hooks.example.com/":                                     egress.CodeURLScheme,
		"hooks.example.com/":                                           egress.CodeURLScheme,
		"":                                                             egress.CodeURLScheme,
		"https:hooks.example.com/":                                     egress.CodeURLMalformed,
		"https:///hook":                                                egress.CodeURLMalformed,
		"https://hooks.example.com/ü":                                  egress.CodeURLMalformed,
		"https://hooks.exämple.com/":                                   egress.CodeURLMalformed,
		"https://hooks.example.com/a b":                                egress.CodeURLMalformed,
		"https://hooks.example.com\\@evil.example/":                    egress.CodeURLMalformed,
		"https://hooks.example.com/\r\nHost: evil":                     egress.CodeURLMalformed,
		"https://hooks.example.com/%zz":                                egress.CodeURLMalformed,
		"https://user@hooks.example.com/":                              egress.CodeURLUserinfo,
		"https://user:pass@hooks.example.com/":                         egress.CodeURLUserinfo,
		"https://@hooks.example.com/":                                  egress.CodeURLUserinfo,
		"https://hooks.example.com/#a":                                 egress.CodeURLFragment,
		"https://hooks.example.com/#":                                  egress.CodeURLFragment,
		"https://hooks.example.com:80/":                                egress.CodeURLPort,
		"https://hooks.example.com:22/":                                egress.CodeURLPort,
		"https://hooks.example.com:0/":                                 egress.CodeURLPort,
		"https://hooks.example.com:65979/":                             egress.CodeURLPort,
		"https://hooks.example.com:/":                                  egress.CodeURLPort,
		"https://hooks/":                                               egress.CodeURLHost,
		"https://localhost/":                                           egress.CodeURLHost,
		"https://hooks.example.com./":                                  egress.CodeURLHost,
		"https://.example.com/":                                        egress.CodeURLHost,
		"https://hooks..example.com/":                                  egress.CodeURLHost,
		"https://hooks,example.com/":                                   egress.CodeURLHost,
		"https://127.1/":                                               egress.CodeURLHost,
		"https://2130706433/":                                          egress.CodeURLHost,
		"https://0x7f.0.0.1/":                                          egress.CodeURLHost,
		"https://example.0x7f/":                                        egress.CodeURLHost,
		"https://0177.0.0.1/":                                          egress.CodeURLHost,
		"https://[fe80::1%25eth0]/":                                    egress.CodeURLHost,
		"https://127.0.0.1/":                                           egress.CodeAddress,
		"https://10.0.0.1/":                                            egress.CodeAddress,
		"https://[::1]/":                                               egress.CodeAddress,
		"https://[::ffff:127.0.0.1]/":                                  egress.CodeAddress,
		"https://" + strings.Repeat("a", 64) + ".example/":             egress.CodeURLHost,
		"https://" + strings.Repeat("a23456789.", 25) + "com/":         "",
		"https://" + strings.Repeat("a23456789.", 25) + "comm/":        egress.CodeURLHost,
		"https://example.com/" + strings.Repeat("a", egress.MaxURL-20): "",
		"https://example.com/" + strings.Repeat("a", egress.MaxURL-19): egress.CodeURLTooLong,
	} {
		if got := codeOf(strict.CheckURL(raw)); got != want {
			t.Errorf("%.80s: %q, want %q", raw, got, want)
		}
	}
}

func TestCheckURL_as_the_operator_has_it(t *testing.T) {
	open := egress.New(egress.Config{AllowHTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for raw, want := range map[string]egress.Code{
		"http://hooks.example.com/":    "",
		"http://hooks.example.com:80/": "",
		"http://receiver/":             "", // a name in the operator's own network
		"http://10.1.2.3:8443/":        "",
		"http://10.1.2.3:8080/":        egress.CodeURLPort,
		"http://127.0.0.1/":            egress.CodeAddress,
	} {
		if got := codeOf(open.CheckURL(raw)); got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

func TestError_blames_a_field(t *testing.T) {
	err := egress.New(egress.Config{}).CheckURL("https://user:pass@hooks.example.com/")
	e, _ := errors.AsType[*egress.Error](err)
	blamed := e.Invalid("url")
	if blamed.Code != latchkey.CodeInvalid || blamed.Field != "url" || blamed.Message != e.Message || !errors.Is(blamed, e) {
		t.Errorf("%+v", blamed)
	}
	if strings.Contains(blamed.Error(), "pass@") || strings.Contains(e.Error(), "pass@") {
		t.Error("it repeats the URL")
	}
}
