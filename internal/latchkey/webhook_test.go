package latchkey

import (
	"strings"
	"testing"
)

func TestWebhook_Check(t *testing.T) {
	for rule, c := range map[string]struct {
		webhook Webhook
		field   string // to blame; "": none
	}{
		"a name":                  {Webhook{Name: "orders"}, ""},
		"a user agent":            {Webhook{Name: "a", UserAgent: "Shop/1.0 (+https://shop.example)"}, ""},
		"a level":                 {Webhook{Name: "a", MinLevel: MaxLevel}, ""},
		"no name":                 {Webhook{}, "name"},
		"a line break in a name":  {Webhook{Name: "a\nb"}, "name"},
		"a header in an agent":    {Webhook{Name: "a", UserAgent: "x\r\nHost: y"}, "user_agent"},
		"an agent beyond ASCII":   {Webhook{Name: "a", UserAgent: "ü"}, "user_agent"},
		"an agent that is long":   {Webhook{Name: "a", UserAgent: strings.Repeat("x", 201)}, "user_agent"},
		"an agent of white space": {Webhook{Name: "a", UserAgent: " "}, "user_agent"},
		"a negative level":        {Webhook{Name: "a", MinLevel: -1}, "min_level"},
	} {
		err, _ := c.webhook.Check().(*Error)
		if c.field == "" && err != nil || c.field != "" && (err == nil || err.Field != c.field) {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

func TestWebhookContentType(t *testing.T) {
	for chosen, want := range map[string]string{
		"":                                  "application/x-www-form-urlencoded",
		"application/json":                  "application/json",
		"Application/JSON; charset=UTF-8":   "application/json",
		"text/plain":                        "text/plain",
		"application/x-www-form-urlencoded": "application/x-www-form-urlencoded",
		"application/json; charset=latin1":  "",
		"text/html":                         "",
		"multipart/form-data":               "",
		"application/json\r\nX-Header: 1":   "",
		"json":                              "",
		";":                                 "",
	} {
		if got, err := WebhookContentType(chosen); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", chosen, got, err)
		}
	}
}
