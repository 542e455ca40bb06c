package cli

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkey-dev/latchkey/api"
)

type appsUpdate struct {
	appArg
	Name                *string           `help:"New name."`
	Version             *string           `help:"Version that programs must have."`
	DownloadURL         *string           `name:"download-url" help:"Where outdated programs are sent."`
	AcceptProtocols     *[]string         `help:"Versions of the client API to answer: native, 1.3, 1.2, 1.1, 1.0." placeholder:"LIST"`
	DeviceRule          *bool             `help:"Bind users to their devices." negatable:""`
	ForceHWID           *bool             `name:"force-hwid" help:"Refuse sign-ins without a hardware id." negatable:""`
	MinHWIDLength       *int64            `name:"min-hwid-length" help:"Minimum length of a hardware id." placeholder:"N"`
	DevicesPerUser      *int64            `help:"Devices that a user may have." placeholder:"N"`
	HWIDResetCooldown   *int64            `name:"hwid-reset-cooldown" help:"Seconds between two resets by a user." placeholder:"N"`
	SessionLength       *int64            `help:"Length of a session in seconds." placeholder:"N"`
	OneSessionPerUser   *bool             `help:"A new sign-in ends the user's other sessions." negatable:""`
	MinUsernameLength   *int64            `help:"Minimum length of a user name." placeholder:"N"`
	HashCheck           *bool             `help:"Refuse programs whose file hash is not listed." negatable:""`
	Hashes              *[]string         `help:"File hashes of programs, in hex." placeholder:"LIST"`
	ForceEncryption     *bool             `help:"Refuse an init without an encryption key." negatable:""`
	MinKeyBits          *int64            `help:"Minimum strength of a license mask, in bits." placeholder:"N"`
	VPNBlock            *bool             `name:"vpn-block" help:"Refuse addresses of VPNs, proxies and hosting providers." negatable:""`
	AllowedCountries    *[]string         `help:"Countries that programs may be used in, such as DE,FR; empty for all." placeholder:"LIST"`
	TokenSystem         *bool             `help:"Refuse an init without a token." negatable:""`
	LeakedPasswordCheck *bool             `help:"Refuse passwords that are known from data breaches." negatable:""`
	HashLearn           *bool             `help:"While no hash is listed, list the first one that a program sends." negatable:""`
	BanDevices          *bool             `help:"A ban by the program blacklists the devices of the user." negatable:""`
	BanIP               *bool             `name:"ban-ip" help:"A ban by the program blacklists the address of the user." negatable:""`
	IPLogging           *bool             `name:"ip-logging" help:"Keep the addresses of users." negatable:""`
	IPRetention         *int64            `name:"ip-retention" help:"Days for which addresses of users are kept." placeholder:"DAYS"`
	LogRetention        *int64            `help:"Days for which log lines of programs are kept." placeholder:"DAYS"`
	CustomerPanel       *bool             `help:"Give customers a page of their own." negatable:""`
	PanelButton         []string          `help:"Button on that page, which calls the customer's running program by its value; once for each, all anew." placeholder:"TEXT=VALUE" sep:"none"`
	NoPanelButtons      bool              `help:"Take all buttons from that page."`
	DeviceResetApproval *bool             `help:"A reset by a user waits until it is approved." negatable:""`
	Message             map[string]string `help:"Text that customers see." placeholder:"NAME=TEXT" mapsep:"none"`
	ResetMessage        []string          `help:"Message to put back to its default." placeholder:"NAME"`
}

func (a *appsUpdate) Run(ctx context.Context, c *call) error {
	update, err := a.update()
	if err != nil {
		return err
	}
	path, err := a.path(ctx, c, "/apps/%s")
	if err != nil {
		return err
	}
	var app api.App
	if err := c.patch(ctx, path, update, &app); err != nil {
		return err
	}
	return c.show(app, appCard(app))
}

func (a *appsUpdate) update() (api.UpdateApp, error) {
	u := api.UpdateApp{Name: a.Name}
	settings := api.UpdateSettings{
		Version: a.Version, DownloadURL: a.DownloadURL, AcceptProtocols: a.AcceptProtocols, DeviceRule: a.DeviceRule,
		ForceHWID: a.ForceHWID, MinHWIDLength: a.MinHWIDLength, DevicesPerUser: a.DevicesPerUser,
		HWIDResetCooldown: a.HWIDResetCooldown, SessionLength: a.SessionLength, OneSessionPerUser: a.OneSessionPerUser,
		MinUsernameLength: a.MinUsernameLength, HashCheck: a.HashCheck, Hashes: a.Hashes,
		ForceEncryption: a.ForceEncryption, MinKeyBits: a.MinKeyBits,
		VPNBlock:            a.VPNBlock,
		AllowedCountries:    a.AllowedCountries,
		TokenSystem:         a.TokenSystem,
		LeakedPasswordCheck: a.LeakedPasswordCheck,
		HashLearn:           a.HashLearn,
		BanDevices:          a.BanDevices,
		BanIP:               a.BanIP,
		IPLogging:           a.IPLogging,
		IPRetention:         a.IPRetention,
		LogRetention:        a.LogRetention,
		CustomerPanel:       a.CustomerPanel,
		DeviceResetApproval: a.DeviceResetApproval,
	}
	if len(a.PanelButton) > 0 || a.NoPanelButtons {
		buttons, err := a.panelButtons()
		if err != nil {
			return u, err
		}
		settings.PanelButtons = &buttons
	}
	if settings != (api.UpdateSettings{}) {
		u.Settings = &settings
	}
	if len(a.Message)+len(a.ResetMessage) > 0 {
		u.Messages = map[string]api.Nullable[string]{}
	}
	for name, text := range a.Message {
		u.Messages[name] = api.Value(text)
	}
	for _, name := range a.ResetMessage {
		u.Messages[name] = api.Null[string]()
	}
	if reflect.DeepEqual(u, api.UpdateApp{}) {
		return u, usageError("Say what to change; --help lists it.")
	}
	return u, nil
}

func (a *appsUpdate) panelButtons() ([]api.PanelButton, error) {
	if len(a.PanelButton) > 0 && a.NoPanelButtons {
		return nil, usageError("Name buttons, or take all away with --no-panel-buttons.")
	}
	list := []api.PanelButton{}
	for _, b := range a.PanelButton {
		at := strings.LastIndexByte(b, '=') // a text may have one, a value has none
		if at < 0 {
			return nil, usageError("A button is TEXT=VALUE, such as --panel-button Start=start.")
		}
		list = append(list, api.PanelButton{Text: b[:at], Value: b[at+1:]})
	}
	return list, nil
}

// appCard is one app with all of its settings.
func appCard(a api.App) *table {
	s := a.Settings
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	t := &table{header: []string{"FIELD", "VALUE"}}
	for _, row := range [][2]string{
		{"name", a.Name}, {"id", a.ID}, {"owner id", a.OwnerID}, {"state", appState(a)}, {"created", when(a.CreatedAt)},
		{"version", s.Version}, {"download url", s.DownloadURL}, {"accept protocols", strings.Join(s.AcceptProtocols, ",")},
		{"device rule", strconv.FormatBool(s.DeviceRule)}, {"force hwid", strconv.FormatBool(s.ForceHWID)},
		{"min hwid length", number(s.MinHWIDLength)}, {"devices per user", number(s.DevicesPerUser)},
		{"hwid reset cooldown", number(s.HWIDResetCooldown) + " s"}, {"session length", number(s.SessionLength) + " s"},
		{"one session per user", strconv.FormatBool(s.OneSessionPerUser)}, {"min username length", number(s.MinUsernameLength)},
		{"hash check", strconv.FormatBool(s.HashCheck)}, {"hashes", strings.Join(s.Hashes, ",")},
		{"force encryption", strconv.FormatBool(s.ForceEncryption)}, {"min key bits", number(s.MinKeyBits)},
		{"vpn block", strconv.FormatBool(s.VPNBlock)},
		{"allowed countries", strings.Join(s.AllowedCountries, ",")},
		{"token system", strconv.FormatBool(s.TokenSystem)},
		{"leaked password check", strconv.FormatBool(s.LeakedPasswordCheck)},
		{"hash learn", strconv.FormatBool(s.HashLearn)},
		{"ban devices", strconv.FormatBool(s.BanDevices)},
		{"ban ip", strconv.FormatBool(s.BanIP)},
		{"ip logging", strconv.FormatBool(s.IPLogging)},
		{"ip retention", number(s.IPRetention) + " days"},
		{"log retention", number(s.LogRetention) + " days"},
		{"customer panel", strconv.FormatBool(s.CustomerPanel)},
		{"panel buttons", panelButtonText(s.PanelButtons)},
		{"device reset approval", strconv.FormatBool(s.DeviceResetApproval)},
	} {
		t.add(row[0], row[1])
	}
	addKeys(t, "client public key", a.ClientPublicKey, a.NextClientKey)
	addKeys(t, "compat public key", a.CompatPublicKey, a.NextCompatKey)
	for _, name := range slices.Sorted(maps.Keys(a.Messages)) {
		t.add("message "+name, a.Messages[name])
	}
	return t
}

// addKeys tells of both keys while one takes over from the other.
func addKeys(t *table, name, current string, next *api.NextKey) {
	if next == nil {
		t.add(name, current)
		return
	}
	t.add(name+", new", next.PublicKey+", valid from "+when(next.ActiveFrom))
	t.add(name+", old", current+", until "+when(next.OldUntil))
}

func panelButtonText(list []api.PanelButton) string {
	texts := make([]string, len(list))
	for i, b := range list {
		texts[i] = b.Text + "=" + b.Value
	}
	return strings.Join(texts, ", ")
}

type appsCredentials struct{ appArg }

func (a *appsCredentials) Run(ctx context.Context, c *call) error {
	path, err := a.path(ctx, c, "/apps/%s/credentials")
	if err != nil {
		return err
	}
	var secrets api.AppSecrets
	if err := c.get(ctx, path, nil, &secrets); err != nil {
		return err
	}
	return c.show(secrets, credentialTable(secrets))
}

// credentialTable shows every generation. While an old one stays in force, there
// are two of a kind, and only their state tells which goes into new programs.
func credentialTable(s api.AppSecrets) *table {
	t := &table{header: []string{"KIND", "VALUE OR PUBLIC KEY", "STATE", "FROM", "UNTIL"}}
	replaced := map[string]bool{}
	for _, cr := range s.Credentials {
		replaced[cr.Kind] = replaced[cr.Kind] || !cr.RetiresAt.IsZero()
	}
	for _, cr := range s.Credentials {
		state := "current"
		switch {
		case !cr.RetiresAt.IsZero():
			state = "old"
		case replaced[cr.Kind]:
			state = "new"
		}
		t.add(cr.Kind, cr.Value+cr.PublicKey, state, when(cr.ActiveFrom), when(cr.RetiresAt))
	}
	return t
}

type appsRotate struct {
	appArg
	yesFlag
	Kinds   []string `help:"What to replace: secret, seller_key, client_key, compat_key." required:"" placeholder:"LIST"`
	Overlap int64    `help:"Seconds for which the old ones stay in force." default:"0" placeholder:"N"`
}

// Validate refuses an overlap in the past.
func (a *appsRotate) Validate() error {
	if a.Overlap < 0 {
		return errors.New("an overlap is 0 or more seconds")
	}
	return nil
}

func (a *appsRotate) Run(ctx context.Context, c *call) error {
	path, err := a.path(ctx, c, "/apps/%s/credentials/rotate")
	if err != nil {
		return err
	}
	if err := a.confirm(c, "Programs with the old credentials stop working after the overlap. Replace them?"); err != nil {
		return err
	}
	var secrets api.AppSecrets
	if err := c.create(ctx, path, api.RotateCredentials{Kinds: a.Kinds, Overlap: a.Overlap}, &secrets); err != nil {
		return err
	}
	return c.show(secrets, credentialTable(secrets))
}
