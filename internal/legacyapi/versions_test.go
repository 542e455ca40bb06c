package legacyapi_test

import (
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/legacyapi"
)

// TestEveryCallInEveryVersion plays one script once in each version, and fails
// if a type is not seen to succeed and to be refused there. The script has
// what 1.1 is sent and answers, without session and app:
//
//	> FORM
//	< body
//
// All programs of it have an encryption key. Each call then meets what refuses
// all of them.
func TestEveryCallInEveryVersion(t *testing.T) {
	const path = "testdata/versions/every_call.txt"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range legacyapi.Versions() {
		for _, engine := range []string{"sqlite", "postgres"} {
			t.Run(name+"/"+engine, func(t *testing.T) {
				w := newWorldOn(t, engine, func(*world) {})
				v := inVersion{name: name, seen: map[string]bool{}}
				w.play(path, strings.Split(string(text), "\n"), func(at string, sent, want []string) {
					w.exchange(at, v.request(t, sent), v.answer(strings.Join(want, "")))
				})
				for _, typ := range legacyapi.Types() {
					for _, success := range []string{"true", "false"} {
						if !v.seen[typ+" "+success] {
							t.Errorf("%s: %s has no exchange with success %s", path, typ, success)
						}
					}
				}
				refusals(w, &v)
			})
		}
	}
}

// refusals makes each call where all are refused alike.
func refusals(w *world, v *inVersion) {
	w.t.Helper()
	// What some calls want before they look at the app.
	params := map[string]string{"register": "&username=eve&pass=secret&key=SUN-NONE", "log": "&message=late", "setvar": "&var=theme&data=dark"}
	each := func(session, message string, but ...string) {
		w.t.Helper()
		for _, typ := range legacyapi.Types() {
			if slices.Contains(but, typ) {
				continue
			}
			sent := v.request(w.t, []string{"type=" + typ + params[typ] + session})
			w.exchange(typ+" where all are refused", sent, v.answer(`{"success":false,"message":"`+message+`"}`))
		}
	}
	each("&sessionid=made-up", "Session not found. If you get this frequently, ask the developer to use the latest example code", "init")
	w.do("pause-app")
	each("", "Application is currently paused, please wait for the developer to say otherwise.", "logout") // is always possible
	w.do("resume-app")
	w.do("disable-app")
	each("", "This application is disabled", "logout")
	w.do("enable-app")
	w.do("blacklist ip 192.0.2.7")
	each("", "You've been blacklisted from our application", "logout", "checkblacklist", "checkblack", "checkBlack")
}

// inVersion writes exchanges in one version.
type inVersion struct {
	name string
	typ  string // of the last request
	key  string // the answer's to it: "secret", the program's, "" if none is known
	seen map[string]bool
}

const encKeyOfAll = "4a59f8ca-b304-47"

func (v *inVersion) request(t testing.TB, sent []string) []string {
	t.Helper()
	form := strings.Join(sent, "")
	params, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	v.typ, v.key = params.Get("type"), encKeyOfAll
	sealed := encKeyOfAll
	switch {
	case v.typ == "init":
		v.key, sealed = "secret", "secret"
		form += "&enckey=" + encKeyOfAll
	case params.Has("sessionid"):
		v.key = ""
	default:
		form += "&sessionid={{session}}"
	}
	to := "POST /api/" + v.name + "/"
	if v.name == "1.0" {
		to += " " + sealedWord + sealed
		form += "&init_iv=0123456789abcdef"
	}
	return []string{to, form + "&{{app}}"}
}

// answer is how the version answers the last request.
func (v *inVersion) answer(body string) []string {
	success := strings.HasPrefix(body, `{"success":true,`)
	if success {
		v.seen[v.typ+" true"] = true
	} else {
		v.seen[v.typ+" false"] = true
	}
	signed := "200"
	add := func(word string) { signed += " " + word + v.key }
	switch v.name {
	case "1.0":
		body = strings.NewReplacer(`,"newSession":true`, "", `,"role":"not_checked"`, "").Replace(body)
		if v.key != "" {
			add(sealedWord)
		}
	case "1.2":
		if v.key == "" {
			v.key = "secret" // there is no other
		}
		add("hmac:")
		if success {
			body = strings.TrimSuffix(body, "}") + `,"nonce":"<<hex32>>"}`
		}
	case "1.3":
		signed += " ed25519"
		if v.key != "" {
			add("hmac:")
		}
		body = strings.TrimSuffix(body, "}")
		if success {
			body = strings.Replace(body, `:true,`, `:true,"code":68,`, 1) + `,"nonce":"<<uuid>>"`
		} else {
			body = strings.Replace(body, `:false,`, `:false,"code":1,`, 1)
		}
		body += `,"ownerid":"{{owner}}"}`
	}
	return []string{signed, body}
}
