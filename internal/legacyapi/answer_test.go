package legacyapi

import (
	"encoding/json"
	"testing"
	"time"
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
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, string(encode(c.in))); diff != "" {
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

// FuzzEncode holds that every text survives the way to ASCII and back.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"", "plain", "Łódź", "🔑", "\x7f\u0080\uffff\u2028", "<>&/'\"\\", "\xf0\x9f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, message string) {
		text := encode(answer{Message: message})
		for _, c := range text {
			if c < 0x20 || c > 0x7e {
				t.Fatalf("byte %#x in %q", c, text)
			}
		}
		var back answer
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if utf8.ValidString(message) && back.Message != message {
			t.Errorf("%q came back as %q", message, back.Message)
		}
	})
}
