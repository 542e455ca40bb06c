package latchkey_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestSettings_Check(t *testing.T) {
	md5, sha512 := strings.Repeat("0f", 16), strings.Repeat("0f", 64)
	for _, tt := range []struct {
		rule   string
		change func(*latchkey.Settings)
		field  string // "" where nothing is refused
	}{
		{"the defaults are good", func(*latchkey.Settings) {}, ""},

		{"a version of 32 characters", func(s *latchkey.Settings) { s.Version = strings.Repeat("\u00e9", 32) }, ""},
		{"no version of 33", func(s *latchkey.Settings) { s.Version = strings.Repeat("1", 33) }, "version"},
		{"no empty version", func(s *latchkey.Settings) { s.Version = "" }, "version"},
		{"no white space around a version", func(s *latchkey.Settings) { s.Version = "1.0 " }, "version"},
		{"no control in a version", func(s *latchkey.Settings) { s.Version = "1\x000" }, "version"},
		{"no broken UTF-8 in a version", func(s *latchkey.Settings) { s.Version = "1\xff" }, "version"},

		{"an https link", func(s *latchkey.Settings) { s.DownloadURL = "https://example.com/get?v=2#x" }, ""},
		{"an http link", func(s *latchkey.Settings) { s.DownloadURL = "http://example.com" }, ""},
		{"a link of 2,048 bytes", func(s *latchkey.Settings) { s.DownloadURL = "https://e.x/" + strings.Repeat("a", 2036) }, ""},
		{"no link of 2,049", func(s *latchkey.Settings) { s.DownloadURL = "https://e.x/" + strings.Repeat("a", 2037) }, "download_url"},
		{"no script link", func(s *latchkey.Settings) { s.DownloadURL = "javascript:alert(1)" }, "download_url"},
		{"no file link", func(s *latchkey.Settings) { s.DownloadURL = "file:///etc/passwd" }, "download_url"},
		{"no relative link", func(s *latchkey.Settings) { s.DownloadURL = "/get" }, "download_url"},
		{"no link without a scheme", func(s *latchkey.Settings) { s.DownloadURL = "example.com/get" }, "download_url"},
		{"no link without a host", func(s *latchkey.Settings) { s.DownloadURL = "https:///get" }, "download_url"},
		{"no link with a port for a host", func(s *latchkey.Settings) { s.DownloadURL = "https://:443/get" }, "download_url"},
		{"no link with a password", func(s *latchkey.Settings) { s.DownloadURL = "https://a:b@example.com" }, "download_url"},
		{"no broken UTF-8 in a link", func(s *latchkey.Settings) { s.DownloadURL = "https://example.com/\xff" }, "download_url"},
		{"no line end in a link", func(s *latchkey.Settings) { s.DownloadURL = "https://example.com/\nx" }, "download_url"},

		{"every protocol", func(s *latchkey.Settings) { s.AcceptProtocols = latchkey.Protocols() }, ""},
		{"no protocol at all", func(s *latchkey.Settings) { s.AcceptProtocols = nil }, ""},
		{"no unknown protocol", func(s *latchkey.Settings) { s.AcceptProtocols = []latchkey.Protocol{"2.0"} }, "accept_protocols"},
		{"no protocol twice", func(s *latchkey.Settings) {
			s.AcceptProtocols = []latchkey.Protocol{latchkey.Protocol13, latchkey.Protocol13}
		}, "accept_protocols"},

		{"hashes of 32 and 128 digits", func(s *latchkey.Settings) { s.Hashes = []string{md5, sha512} }, ""},
		{"no hash of 31 digits", func(s *latchkey.Settings) { s.Hashes = []string{md5[1:]} }, "hashes"},
		{"no hash of 130 digits", func(s *latchkey.Settings) { s.Hashes = []string{sha512 + "00"} }, "hashes"},
		{"no capital digits", func(s *latchkey.Settings) { s.Hashes = []string{strings.ToUpper(md5)} }, "hashes"},
		{"no other characters", func(s *latchkey.Settings) { s.Hashes = []string{md5[1:] + "g"} }, "hashes"},
		{"no other characters in the middle", func(s *latchkey.Settings) { s.Hashes = []string{md5 + "x" + md5} }, "hashes"},
		{"100 hashes", func(s *latchkey.Settings) { s.Hashes = repeat(md5, 100) }, ""},
		{"no 101 hashes", func(s *latchkey.Settings) { s.Hashes = repeat(md5, 101) }, "hashes"},

		{"a button", buttons("Start the game \u00e9", "Start_1.0-a"), ""},
		{"20 buttons", manyButtons(20), ""},
		{"no 21 buttons", manyButtons(21), "panel_buttons"},
		{"a text of 50 and a value of 64", buttons(strings.Repeat("\u00e9", 50), strings.Repeat("a", 64)), ""},
		{"no text of 51", buttons(strings.Repeat("a", 51), "a"), "panel_buttons"},
		{"no value of 65", buttons("a", strings.Repeat("a", 65)), "panel_buttons"},
		{"no button without a text", buttons("", "a"), "panel_buttons"},
		{"no white space around a text", buttons(" a", "a"), "panel_buttons"},
		{"no control in a text", buttons("a\nb", "a"), "panel_buttons"},
		{"no broken UTF-8 in a text", buttons("a\xff", "a"), "panel_buttons"},
		{"no button without a value", buttons("a", ""), "panel_buttons"},
		{"no value twice", buttons("a", "x", "b", "x"), "panel_buttons"},
		{"no value that signs in", buttons("a", "handshake"), "panel_buttons"},
		{"no way up", buttons("a", ".."), "panel_buttons"},
		{"no second segment", buttons("a", "a/b"), "panel_buttons"},
		{"no query", buttons("a", "a?b"), "panel_buttons"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			s := latchkey.DefaultSettings()
			tt.change(&s)
			err := s.Check()
			if tt.field != "" {
				wantInvalid(t, err, tt.field)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSettings_numbers_have_ranges(t *testing.T) {
	for _, tt := range []struct {
		field     string
		of        func(*latchkey.Settings) *int64
		low, high int64
	}{
		{"min_hwid_length", func(s *latchkey.Settings) *int64 { return &s.MinHWIDLength }, 8, 256},
		{"devices_per_user", func(s *latchkey.Settings) *int64 { return &s.DevicesPerUser }, 1, 1000},
		{"hwid_reset_cooldown", func(s *latchkey.Settings) *int64 { return &s.HWIDResetCooldown }, 0, 365 * 86_400},
		{"session_length", func(s *latchkey.Settings) *int64 { return &s.SessionLength }, 60, 7 * 86_400},
		{"min_username_length", func(s *latchkey.Settings) *int64 { return &s.MinUsernameLength }, 1, 70},
		{"min_key_bits", func(s *latchkey.Settings) *int64 { return &s.MinKeyBits }, 40, 256},
	} {
		t.Run(tt.field, func(t *testing.T) {
			for value, ok := range map[int64]bool{tt.low: true, tt.high: true, tt.low - 1: false, tt.high + 1: false, -1 << 63: false, 1<<63 - 1: false} {
				s := latchkey.DefaultSettings()
				*tt.of(&s) = value
				err := s.Check()
				if ok && err != nil {
					t.Errorf("%d: %v", value, err)
				}
				if !ok {
					wantInvalid(t, err, tt.field)
				}
			}
		})
	}
}

func TestDefaultSettings_are_what_the_product_promises(t *testing.T) {
	want := latchkey.Settings{
		Version: "1.0", AcceptProtocols: []latchkey.Protocol{"native", "1.3"}, DeviceRule: true, ForceHWID: true,
		MinHWIDLength: 20, DevicesPerUser: 1, HWIDResetCooldown: 7 * 86_400, SessionLength: 6 * 3600,
		MinUsernameLength: 1, Hashes: []string{}, MinKeyBits: 64,
		AllowedCountries: []string{}, BanDevices: true, IPLogging: true, IPRetention: 90, LogRetention: 30,
		PanelButtons: []latchkey.PanelButton{},
	}
	if diff := cmp.Diff(want, latchkey.DefaultSettings()); diff != "" {
		t.Error(diff)
	}
}

func TestSettings_CheckProgram(t *testing.T) {
	hash := strings.Repeat("0f", 16)
	checking := latchkey.Settings{Version: "1.2", HashCheck: true, Hashes: []string{strings.Repeat("aa", 16), hash}}
	for _, tt := range []struct {
		rule          string
		settings      latchkey.Settings
		version, hash string
		want          latchkey.Code
	}{
		{"the version and a listed hash", checking, "1.2", hash, ""},
		{"a hash in capitals", checking, "1.2", strings.ToUpper(hash), ""},
		{"a program that names no version", checking, "", hash, ""},
		{"another version", checking, "1.1", hash, latchkey.CodeAppVersion},
		{"a version is compared exactly", checking, "1.2 ", hash, latchkey.CodeAppVersion},
		{"the version comes before the hash", checking, "1.1", "", latchkey.CodeAppVersion},
		{"another hash", checking, "1.2", strings.Repeat("bb", 16), latchkey.CodeAppHash},
		{"no hash", checking, "1.2", "", latchkey.CodeAppHash},
		{"part of a hash", checking, "1.2", hash[:16], latchkey.CodeAppHash},
		{"an empty list matches nothing", latchkey.Settings{Version: "1.2", HashCheck: true}, "1.2", hash, latchkey.CodeAppHash},
		{"without the check any hash is good", latchkey.Settings{Version: "1.2"}, "1.2", "x", ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if got := latchkey.CodeOf(tt.settings.CheckProgram(tt.version, tt.hash)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSettings_Accepts(t *testing.T) {
	s := latchkey.DefaultSettings()
	for p, want := range map[latchkey.Protocol]bool{"native": true, "1.3": true, "1.2": false, "1.1": false, "1.0": false, "": false} {
		if s.Accepts(p) != want {
			t.Errorf("%q: accepted is %v", p, !want)
		}
	}
}

func TestApp_CheckOpen(t *testing.T) {
	for _, tt := range []struct {
		rule string
		app  latchkey.App
		want latchkey.Code
	}{
		{"open", latchkey.App{}, ""},
		{"paused", latchkey.App{PausedAt: now}, latchkey.CodeAppPaused},
		{"disabled", latchkey.App{DisabledAt: now}, latchkey.CodeAppDisabled},
		{"disabled comes before paused", latchkey.App{PausedAt: now, DisabledAt: now}, latchkey.CodeAppDisabled},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if got := latchkey.CodeOf(tt.app.CheckOpen()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestApp_Rule(t *testing.T) {
	app := latchkey.App{Settings: latchkey.DefaultSettings()}
	open := app
	open.Settings.DeviceRule = false
	five := int64(5)
	standard := latchkey.DeviceRule{Enabled: true, Force: true, MinLen: 20, Limit: 1}
	with := func(change func(*latchkey.DeviceRule)) latchkey.DeviceRule {
		r := standard
		change(&r)
		return r
	}
	for _, tt := range []struct {
		rule string
		app  latchkey.App
		user *latchkey.User
		want latchkey.DeviceRule
	}{
		{"before the user is known, the application's", app, nil, standard},
		{"for a user as for the application", app, &latchkey.User{HWIDAffected: true}, standard},
		{"a user may have a limit of their own", app, &latchkey.User{HWIDAffected: true, DeviceLimit: &five}, with(func(r *latchkey.DeviceRule) { r.Limit = 5 })},
		{"a user may be exempt", app, &latchkey.User{}, with(func(r *latchkey.DeviceRule) { r.Enabled = false })},
		{"a user cannot have a rule that the application has not", open, &latchkey.User{HWIDAffected: true}, with(func(r *latchkey.DeviceRule) { r.Enabled = false })},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.app.Rule(tt.user)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCurrent(t *testing.T) {
	first := latchkey.Credential{ID: "crd_1", Kind: latchkey.CredentialSecret, ActiveFrom: created}
	second := latchkey.Credential{ID: "crd_2", Kind: latchkey.CredentialSecret, ActiveFrom: now}
	pending := latchkey.Credential{ID: "crd_3", Kind: latchkey.CredentialSecret, ActiveFrom: now.Add(time.Second)}
	other := latchkey.Credential{ID: "crd_4", Kind: latchkey.CredentialSellerKey, ActiveFrom: now}
	replaced := latchkey.Credential{ID: "crd_5", Kind: latchkey.CredentialSecret, ActiveFrom: now, RetiresAt: now.Add(-time.Hour)}
	retiring := latchkey.Credential{ID: "crd_6", Kind: latchkey.CredentialSecret, ActiveFrom: now, RetiresAt: now.Add(time.Second)}
	retired := latchkey.Credential{ID: "crd_7", Kind: latchkey.CredentialSecret, ActiveFrom: created, RetiresAt: now}
	for _, tt := range []struct {
		rule string
		list []latchkey.Credential
		want string // "" where none is in force
	}{
		{"none", nil, ""},
		{"the only one", []latchkey.Credential{first}, "crd_1"},
		{"the newest that is active", []latchkey.Credential{first, second, pending}, "crd_2"},
		{"in any order", []latchkey.Credential{pending, second, first}, "crd_2"},
		{"one that is yet to become active is not", []latchkey.Credential{pending}, ""},
		{"another kind's is not", []latchkey.Credential{other}, ""},
		{"another kind's does not hide it", []latchkey.Credential{first, other}, "crd_1"},
		{"one that is to retire is in force until then", []latchkey.Credential{pending, retiring, first}, "crd_6"},
		{"one that has retired is not", []latchkey.Credential{retired}, ""},
		{"one that was replaced before it became active never is", []latchkey.Credential{replaced, first}, "crd_1"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got, ok := latchkey.Current(tt.list, latchkey.CredentialSecret, now)
			if got.ID != tt.want || ok != (tt.want != "") {
				t.Errorf("got %q, %v; want %q", got.ID, ok, tt.want)
			}
		})
	}
}

func TestNextInForce(t *testing.T) {
	at := func(from, retires time.Duration) latchkey.Credential {
		c := latchkey.Credential{ActiveFrom: now.Add(from)}
		if retires != 0 {
			c.RetiresAt = now.Add(retires)
		}
		return c
	}
	for _, tt := range []struct {
		rule string
		list []latchkey.Credential
		want time.Duration // 0: nothing is planned
	}{
		{"nothing is planned without credentials", nil, 0},
		{"what is in force for good changes nothing", []latchkey.Credential{at(-time.Hour, 0)}, 0},
		{"what begins or ends this moment has done so", []latchkey.Credential{at(0, 0), at(-time.Hour, -time.Minute)}, 0},
		{"a successor begins", []latchkey.Credential{at(-time.Hour, 0), at(time.Hour, 0)}, time.Hour},
		{"one retires", []latchkey.Credential{at(-time.Hour, time.Minute)}, time.Minute},
		{"the first of several counts", []latchkey.Credential{at(time.Hour, 0), at(-time.Hour, time.Second), at(time.Minute, 0)}, time.Second},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			want := time.Time{}
			if tt.want != 0 {
				want = now.Add(tt.want)
			}
			if got := latchkey.NextInForce(tt.list, now); !got.Equal(want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestCheckPermissions(t *testing.T) {
	for _, tt := range []struct {
		rule string
		list []latchkey.Permission
		ok   bool
	}{
		{"one", []latchkey.Permission{latchkey.PermLicensesRead}, true},
		{"all", latchkey.Permissions(), true},
		{"none", nil, false},
		{"an unknown one", []latchkey.Permission{"licenses.all"}, false},
		{"one twice", []latchkey.Permission{latchkey.PermLicensesRead, latchkey.PermLicensesRead}, false},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			err := latchkey.CheckPermissions(tt.list)
			if tt.ok && err != nil {
				t.Error(err)
			}
			if !tt.ok {
				wantInvalid(t, err, "permissions")
			}
		})
	}
}

func FuzzSettingsCheck(f *testing.F) {
	good, err := json.Marshal(latchkey.DefaultSettings())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"version":"1","download_url":"https://a/%zz","session_length":9223372036854775807}`))
	f.Add([]byte(`{"version":"1","hashes":["` + strings.Repeat("a", 32) + `"],"min_hwid_length":-1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := latchkey.DefaultSettings()
		if json.Unmarshal(body, &s) != nil {
			return
		}
		if err := s.Check(); err != nil {
			wantCode(t, err, latchkey.CodeInvalid)
			return
		}
		stored, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var again latchkey.Settings
		if err := json.Unmarshal(stored, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, again); diff != "" {
			t.Fatalf("accepted settings change when they are stored:\n%s", diff)
		}
		if err := again.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

func repeat(s string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = s
	}
	return list
}

// buttons are those of texts and values in turn.
func buttons(of ...string) func(*latchkey.Settings) {
	return func(s *latchkey.Settings) {
		for i := 0; i < len(of); i += 2 {
			s.PanelButtons = append(s.PanelButtons, latchkey.PanelButton{Text: of[i], Value: of[i+1]})
		}
	}
}

func manyButtons(n int) func(*latchkey.Settings) {
	return func(s *latchkey.Settings) {
		for i := range n {
			buttons("Open", "open"+strconv.Itoa(i))(s)
		}
	}
}
