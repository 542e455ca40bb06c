package legacyapi_test

import (
	"crypto/ed25519"
	"encoding/base32"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/sign"
	"github.com/latchkey-dev/latchkey/internal/totp"
)

// TestScripts plays every script in testdata: what the seller does, what a
// program sends ('>'), and what it must get back ('<') to the letter.
//
//	> METHOD PATH
//	> Header: value
//	> body, several lines being joined by CR LF; in Go quotes where it has bytes of its own
//	< STATUS SIGNATURES
//	< header: value
//	< body
//
// SIGNATURES lists ed25519, hmac:secret, hmac:ENCKEY, hmac:none (the words that
// stand in the header) and means that there are no others. {{app}}, {{owner}},
// {{session}}, {{handed}}, {{now}}, {{now+SECONDS}} and {{lifetime}} are filled in; <<session>> takes any
// text and keeps it for {{session}}; <<uuid>>, <<hex32>> and <<four>> take what they say. <<secret>>
// keeps a seed, and {{code}} and {{code+STEPS}} are what its authenticator shows; <<recovery>>
// keeps ten recovery codes, of which {{recovery+N}} is one. {{token}} is what the line "token"
// made; {{file}} and {{webhook}} are the ids of the last ones that were made.
//
// What 1.0 encrypts stands in plain: PATH sealed:KEY sends it under that key, or
// under the app's secret if the key is called "secret", and STATUS sealed:KEY
// wants an answer under it. Without that word an answer is in clear.
func TestScripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, path := range paths {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txt")+"/"+engine, func(t *testing.T) {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				w := newWorldOn(t, engine, func(*world) {})
				w.play(path, strings.Split(string(text), "\n"), w.exchange)
			})
		}
	}
}

// play runs a script, whose requests and answers go to exchange.
func (w *world) play(path string, lines []string, exchange func(at string, sent, want []string)) {
	w.t.Helper()
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		switch {
		case line == "" || line[0] == '#':
		case line[0] != '>':
			w.do(line)
		default:
			at := path + ":" + strconv.Itoa(i+1)
			var sent, want []string
			for ; i < len(lines) && strings.HasPrefix(lines[i], ">"); i++ {
				sent = append(sent, strings.TrimPrefix(lines[i][1:], " "))
			}
			for ; i < len(lines) && strings.HasPrefix(lines[i], "<"); i++ {
				want = append(want, strings.TrimPrefix(lines[i][1:], " "))
			}
			i--
			exchange(at, sent, want)
		}
	}
}

var headerLine = regexp.MustCompile(`^([A-Za-z-]+): (.*)$`)

// exchange sends one request and compares its answer.
func (w *world) exchange(at string, sent, want []string) {
	w.t.Helper()
	envelope, sent := w.seal(sent)
	resp, body := w.send(sent)
	if len(want) == 0 {
		w.t.Fatalf("%s: nothing is expected; the answer is %d %s", at, resp.StatusCode, body)
	}
	words := strings.Fields(want[0])
	if got := strconv.Itoa(resp.StatusCode); got != words[0] {
		w.t.Errorf("%s: status %s, want %s: %s", at, got, words[0], body)
	}
	body, words = w.unseal(envelope, resp.Header, body, words)
	w.checkSignatures(at, resp.Header, body, words[1:])
	var text string
	for _, line := range want[1:] {
		if m := headerLine.FindStringSubmatch(line); m != nil {
			if got := resp.Header.Get(m[1]); got != m[2] {
				w.t.Errorf("%s: header %s is %q, want %q", at, m[1], got, m[2])
			}
			continue
		}
		text += line
	}
	w.match(at, w.fill(text), string(body))
}

func (w *world) send(sent []string) (*http.Response, []byte) {
	w.t.Helper()
	method, path, _ := strings.Cut(w.fill(sent[0]), " ")
	header := http.Header{}
	var lines []string
	for _, line := range sent[1:] {
		if m := headerLine.FindStringSubmatch(line); m != nil && len(lines) == 0 {
			header.Set(m[1], m[2])
			continue
		}
		lines = append(lines, w.fill(line))
	}
	body := strings.Join(lines, "\r\n")
	if strings.HasPrefix(body, `"`) {
		var err error
		body, err = strconv.Unquote(body)
		w.must(err)
	}
	if header.Get("Content-Type") == "" && method == http.MethodPost {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	w.must(err)
	req.Header = header
	req.Host = header.Get("Host")
	resp, err := http.DefaultTransport.RoundTrip(req) // redirects are not followed
	w.must(err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	w.must(err)
	return resp, answer
}

// checkSignatures holds that an answer has the named signatures, that each is
// right, and that it has no other.
func (w *world) checkSignatures(at string, h http.Header, body []byte, want []string) {
	w.t.Helper()
	var got []string
	if signature := h.Get("x-signature-ed25519"); signature != "" {
		public, err := hex.DecodeString(w.app.CompatPublicKey)
		w.must(err)
		if sign.VerifyCompat13(ed25519.PublicKey(public), h.Get("x-signature-timestamp"), body, signature) {
			got = append(got, "ed25519")
		} else {
			got = append(got, "ed25519:wrong")
		}
	}
	if signature := h.Get("signature"); signature != "" {
		got = append(got, w.hmacName(body, signature, want))
	}
	if diff := cmp.Diff(want, got, cmp.Transformer("list", func(s []string) string { return strings.Join(s, " ") })); diff != "" {
		w.t.Errorf("%s: signatures (-want +got):\n%s", at, diff)
	}
}

func (w *world) hmacName(body []byte, signature string, want []string) string {
	secret := w.secrets.Secret.Reveal()
	switch {
	case signature == "No encryption key supplied":
		return "hmac:none"
	case sign.VerifyCompat12(secret, body, signature):
		return "hmac:secret"
	}
	i := slices.IndexFunc(want, func(s string) bool { return strings.HasPrefix(s, "hmac:") })
	if i >= 0 && sign.VerifyCompat12(sign.Compat12Key(strings.TrimPrefix(want[i], "hmac:"), secret), body, signature) {
		return want[i]
	}
	return "hmac:wrong"
}

var variable = regexp.MustCompile(`\{\{([a-z]+)([+-]\d+)?\}\}`)

func (w *world) fill(text string) string {
	return variable.ReplaceAllStringFunc(text, func(name string) string {
		m := variable.FindStringSubmatch(name)
		switch m[1] {
		case "app":
			return "name=" + url.QueryEscape(appName) + "&ownerid=" + w.app.OwnerID
		case "owner":
			return w.app.OwnerID
		case "session":
			return url.QueryEscape(w.session)
		case "handed":
			return w.handed
		case "now":
			plus, _ := strconv.ParseInt(m[2], 10, 64)
			return strconv.FormatInt(w.env.Clock.Now().Unix()+plus, 10)
		case "code":
			return w.code(m[2])
		case "token":
			return w.token
		case "recovery":
			n, _ := strconv.Atoi(m[2])
			return strings.Split(strings.ReplaceAll(w.recovery, `"`, ""), ",")[n]
		case "file":
			return w.file
		case "webhook":
			return w.webhook
		case "lifetime": // what is left of one
			return strconv.FormatInt(4_102_444_800-w.env.Clock.Now().Unix(), 10)
		}
		w.t.Fatalf("unknown variable %s", name)
		return ""
	})
}

// code is what the authenticator with the last seed shows some steps away from now.
func (w *world) code(steps string) string {
	w.t.Helper()
	seed, err := base32.StdEncoding.DecodeString(w.secret)
	w.must(err)
	plus, _ := strconv.ParseInt(steps, 10, 64)
	code, err := totp.Code(seed, totp.Step(w.env.Clock.Now())+plus)
	w.must(err)
	return code
}

// match compares a body to the letter but for the places in << >>.
func (w *world) match(at, want, got string) {
	w.t.Helper()
	pattern := regexp.QuoteMeta(want)
	for name, class := range map[string]string{
		"session":  `(?P<session>[0-9A-Za-z_.-]{22,500})`,
		"secret":   `(?P<secret>[A-Z2-7]{32})`,
		"base32":   `[A-Z2-7]{32}`,
		"recovery": `(?P<recovery>"[0-9a-z-]{19}"(?:,"[0-9a-z-]{19}"){9})`,
		"uuid":     `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`,
		"hex32":    `[0-9a-f]{32}`,
		"four":     `[0-9a-z]{4}`,
	} {
		pattern = strings.ReplaceAll(pattern, "<<"+name+">>", class)
	}
	re := regexp.MustCompile("^" + pattern + "$")
	m := re.FindStringSubmatch(got)
	if m == nil {
		w.t.Errorf("%s: body (-want +got):\n%s", at, cmp.Diff(want, got))
		return
	}
	for name, kept := range map[string]*string{"session": &w.session, "secret": &w.secret, "recovery": &w.recovery} {
		if i := re.SubexpIndex(name); i >= 0 {
			*kept = m[i]
		}
	}
}
