package legacyapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestEncode(t *testing.T) {
	for _, c := range []struct {
		name string
		in   answer
		want string
	}{
		{"a refusal of 1.2", answer{Message: "no"}, `{"success":false,"message":"no"}`},
		{"a refusal of 1.3", answer{Code: 1, Message: "no", OwnerID: "0123456789"},
			`{"success":false,"code":1,"message":"no","ownerid":"0123456789"}`},
		{"slashes and markup stand plain", answer{Message: `a/b <c> & 'd' "e"`}, `{"success":false,"message":"a/b <c> & 'd' \"e\""}`},
		{"other scripts are escaped", answer{Message: "Łódź €"}, `{"success":false,"message":"\u0141\u00f3d\u017a \u20ac"}`},
		{"surrogate pairs", answer{Message: "🔑"}, `{"success":false,"message":"\ud83d\udd11"}`},
		{"control characters", answer{Message: "\x00\n\x7f\u2028"}, `{"success":false,"message":"\u0000\n\u007f\u2028"}`},
		{"bad UTF-8", answer{Message: "\xff"}, `{"success":false,"message":"\ufffd"}`},
		{"a download link is always text", answer{Message: "invalidver", Download: new("")},
			`{"success":false,"message":"invalidver","download":""}`},
		{"an enrolment has no message", answer{Success: true, TwoFactor: &twoFactor{SecretCode: "ABC", QRCode: "otpauth://totp/x"}, OwnerID: "0123456789"},
			`{"success":true,"2fa":{"secret_code":"ABC","QRCode":"otpauth://totp/x"},"ownerid":"0123456789"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, string(appendAnswer(nil, &c.in))); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewInfo(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	customer := service.Customer{
		Username: "ann", Now: now, IP: "192.0.2.1", HWID: "", CreatedAt: now.Add(-time.Hour), LastSignIn: now,
		Holdings: []latchkey.Holding{
			{UserSubscription: latchkey.UserSubscription{ExpiresAt: now.Add(90 * time.Second)}, Name: "default", Level: 1, LicenseKey: "KEY"},
			{Name: "gold", Level: 2},
		},
	}
	const want = `{"username":"ann","subscriptions":[` +
		`{"subscription":"default","key":"KEY","expiry":"1700000090","timeleft":90,"level":"1"},` +
		`{"subscription":"gold","key":null,"expiry":"4102444800","timeleft":2402444800,"level":"2"}],` +
		`"ip":"192.0.2.1","hwid":null,"createdate":"1699996400","lastlogin":"1700000000"}`
	got, err := json.Marshal(newInfo(customer, true))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("info (-want +got):\n%s", diff)
	}
}

// byTags is what the standard library makes of an answer, in ASCII.
func byTags(t *testing.T, a answer) string {
	t.Helper()
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(a); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, r := range strings.TrimSuffix(text.String(), "\n") {
		for _, unit := range utf16.Encode([]rune{r}) {
			if unit <= 0x7e {
				out.WriteByte(byte(unit))
			} else {
				fmt.Fprintf(&out, `\u%04x`, unit)
			}
		}
	}
	if a.TwoFactor != nil {
		return strings.Replace(out.String(), `"message":"",`, "", 1)
	}
	return out.String()
}

// FuzzEncode holds that answers are what the tags of their types say, in ASCII,
// and that every text survives the way there and back.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"", "plain", "Łódź", "🔑", "\x7f\u0080\uffff\u2028", "<>&/'\"\\", "\xf0\x9f", "\b\f\n\r\t\x1f"} {
		f.Add(s, 68, int64(-3), true)
		f.Add(s, 0, int64(1<<60), false)
	}
	f.Fuzz(func(t *testing.T, s string, code int, left int64, on bool) {
		for _, a := range []answer{
			{Success: on, Code: code, Message: s},
			{Success: on, Message: "m", Download: &s, SessionID: s, NewSession: on, Role: s, Response: &s, Nonce: s, OwnerID: s},
			{TwoFactor: &twoFactor{SecretCode: s, QRCode: s}},
			{Message: s, RecoveryCodes: []string{s, "second"}},
			{AppInfo: &appInfo{NumUsers: s, NumOnlineUsers: "o", NumKeys: s, Version: s, CustomerPanelLink: s}},
			{Info: &info{Username: s, IP: s, HWID: orNull(s), CreateDate: s, LastLogin: "l", Subscriptions: []subscription{}}},
			{Messages: messages{}},
			{Message: s, Messages: messages{{Author: s, Message: s, Timestamp: left}, {}}, Nonce: s},
			{Info: &info{Subscriptions: []subscription{{Subscription: s, Key: orNull(s), Expiry: s, TimeLeft: left, Level: s}, {}}}},
		} {
			text := appendAnswer(nil, &a)
			if diff := cmp.Diff(byTags(t, a), string(text)); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
			for _, c := range text {
				if c < 0x20 || c > 0x7e {
					t.Fatalf("byte %#x in %q", c, text)
				}
			}
			var back answer
			if err := json.Unmarshal(text, &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(a, back); utf8.ValidString(s) && diff != "" {
				t.Errorf("(-sent +read):\n%s", diff)
			}
		}
	})
}
