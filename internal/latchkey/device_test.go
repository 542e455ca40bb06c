package latchkey_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestNormalizeHWID(t *testing.T) {
	for _, tt := range []struct {
		rule, in string
		want     latchkey.Secret
	}{
		{"compared exactly", "S-1-5-21-aBc", "S-1-5-21-aBc"},
		{"a trailing line end is forgiven", "machine-id\n", "machine-id"},
		{"white space around is forgiven", " \t machine-id \r\n", "machine-id"},
		{"white space inside counts", "a  b", "a  b"},
		{"absent is empty", " \n", ""},
		{"256 bytes are the most, after trimming", " " + strings.Repeat("a", 256) + " ", latchkey.Secret(strings.Repeat("a", 256))},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got, err := latchkey.NormalizeHWID(tt.in)
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v", got.Reveal(), err)
			}
		})
	}
	for rule, in := range map[string]string{
		"257 bytes":               strings.Repeat("a", 257),
		"256 characters of 2":     strings.Repeat("\u00e9", 256),
		"broken UTF-8":            "machine\xff",
		"broken UTF-8 at its end": "machine\xe2\x80",
	} {
		t.Run("refused: "+rule, func(t *testing.T) {
			got, err := latchkey.NormalizeHWID(in)
			wantInvalid(t, err, "hwid")
			if got != "" {
				t.Error("a hardware id beside an error")
			}
		})
	}
}

func TestDeviceRule_CheckForm(t *testing.T) {
	on := latchkey.DeviceRule{Enabled: true, Force: true, MinLen: 20, Limit: 1}
	lenient := on
	lenient.Force = false
	off := on
	off.Enabled = false
	for _, tt := range []struct {
		rule string
		is   latchkey.DeviceRule
		hwid latchkey.Secret
		want latchkey.Code
	}{
		{"long enough", on, "01234567890123456789", ""},
		{"one character short", on, "0123456789012345678", latchkey.CodeDeviceShort},
		{"characters count, not bytes", on, latchkey.Secret(strings.Repeat("\u00e9", 19)), latchkey.CodeDeviceShort},
		{"missing where it is forced", on, "", latchkey.CodeDeviceRequired},
		{"missing where it is not", lenient, "", ""},
		{"short where it is not forced", lenient, "short", latchkey.CodeDeviceShort},
		{"anything where the rule is off", off, "short", ""},
		{"nothing where the rule is off", off, "", ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if got := latchkey.CodeOf(tt.is.CheckForm(tt.hwid)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestDeviceRule_Decide is the whole table: the rule on or off, forced or not,
// a hardware id or none, known or not, below or at the limit.
func TestDeviceRule_Decide(t *testing.T) {
	const (
		none     = latchkey.DeviceNone
		known    = latchkey.DeviceKnown
		bind     = latchkey.DeviceBind
		mismatch = latchkey.CodeDeviceMismatch
		required = latchkey.CodeDeviceRequired
		hwid     = latchkey.Secret("01234567890123456789")
	)
	for _, tt := range []struct {
		rule     string
		enabled  bool
		force    bool
		hwid     latchkey.Secret
		known    bool
		count    int64
		limit    int64
		decision latchkey.DeviceDecision
		code     latchkey.Code
	}{
		{"off, no id", false, false, "", false, 0, 1, none, ""},
		{"off, no id, bound user", false, false, "", false, 1, 1, none, ""},
		{"off, new id", false, false, hwid, false, 0, 1, none, ""},
		{"off, known id", false, false, hwid, true, 1, 1, none, ""},
		{"off, another id", false, false, hwid, false, 1, 1, none, ""},
		{"off but forced, no id", false, true, "", false, 0, 1, none, ""},
		{"off but forced, no id, bound user", false, true, "", false, 1, 1, none, ""},
		{"off but forced, new id", false, true, hwid, false, 0, 1, none, ""},
		{"off but forced, known id", false, true, hwid, true, 1, 1, none, ""},
		{"off but forced, another id", false, true, hwid, false, 1, 1, none, ""},

		{"on, no id, unbound user", true, false, "", false, 0, 1, none, ""},
		{"on, no id, bound user: leaving it out is no way in", true, false, "", false, 1, 1, none, mismatch},
		{"on, no id, bound user with room", true, false, "", false, 1, 3, none, mismatch},
		{"on, the first id binds by itself", true, false, hwid, false, 0, 1, bind, ""},
		{"on, the last id within the limit binds", true, false, hwid, false, 2, 3, bind, ""},
		{"on, an id at the limit is refused", true, false, hwid, false, 1, 1, none, mismatch},
		{"on, an id above a lowered limit is refused", true, false, hwid, false, 3, 1, none, mismatch},
		{"on, a known id", true, false, hwid, true, 1, 1, known, ""},
		{"on, a known id below the limit does not bind again", true, false, hwid, true, 1, 3, known, ""},
		{"on, a known id above a lowered limit stays good", true, false, hwid, true, 3, 1, known, ""},
		{"on, a limit of 0 binds nothing", true, false, hwid, false, 0, 0, none, mismatch},

		{"forced, no id, unbound user", true, true, "", false, 0, 1, none, required},
		{"forced, no id, bound user", true, true, "", false, 1, 1, none, required},
		{"forced, no id, bound user with room", true, true, "", false, 1, 3, none, required},
		{"forced, the first id binds by itself", true, true, hwid, false, 0, 1, bind, ""},
		{"forced, the last id within the limit binds", true, true, hwid, false, 2, 3, bind, ""},
		{"forced, an id at the limit is refused", true, true, hwid, false, 1, 1, none, mismatch},
		{"forced, an id above a lowered limit is refused", true, true, hwid, false, 3, 1, none, mismatch},
		{"forced, a known id", true, true, hwid, true, 1, 1, known, ""},
		{"forced, a known id above a lowered limit stays good", true, true, hwid, true, 3, 1, known, ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			r := latchkey.DeviceRule{Enabled: tt.enabled, Force: tt.force, MinLen: 20, Limit: tt.limit}
			decision, err := r.Decide(tt.hwid, tt.known, tt.count)
			if decision != tt.decision || latchkey.CodeOf(err) != tt.code {
				t.Errorf("got %d, %q; want %d, %q", decision, latchkey.CodeOf(err), tt.decision, tt.code)
			}
		})
	}
}

func FuzzNormalizeHWID(f *testing.F) {
	for _, s := range []string{"machine-id\n", " a b ", "", strings.Repeat("\u00e9", 128), "a\xff", "\u2003a\u0085"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		hwid, err := latchkey.NormalizeHWID(text)
		if err != nil {
			wantInvalid(t, err, "hwid")
			return
		}
		again, err := latchkey.NormalizeHWID(hwid.Reveal())
		if err != nil || again != hwid {
			t.Fatalf("%q becomes %q, that becomes %q, %v", text, hwid.Reveal(), again.Reveal(), err)
		}
		if len(hwid) > latchkey.MaxHWIDLength || !utf8.ValidString(hwid.Reveal()) || !strings.Contains(text, hwid.Reveal()) {
			t.Fatalf("%q becomes %q", text, hwid.Reveal())
		}
	})
}
