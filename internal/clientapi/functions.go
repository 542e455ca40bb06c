package clientapi

import (
	"context"
	"strings"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
)

// function is one call of the API.
type function struct {
	client.Function
	fields  []field
	guessed ratelimit.Guessed // what could be found out by trying
	subject string            // the field that holds it
	run     func(*api, context.Context, *call) (any, error)
}

// row is a function as the table has it.
type row struct {
	path    string
	fields  string // as the protocol's table has them; "?" marks what may be left out
	run     func(*api, context.Context, *call) (any, error)
	guessed ratelimit.Guessed
	subject string
}

// rows is the one table of what this server answers. Stages and repetitions are
// those of [client.Functions]; what a handler returns is written by appendBody.
func rows() []row {
	return []row{
		{path: client.PathInit, fields: "version? hash? token?", run: (*api).init},
		{path: client.PathKeys, run: (*api).keys},
		{path: client.PathLicense, fields: "session license hwid?", run: (*api).license, guessed: ratelimit.LicenseKey, subject: "license"},
		{path: client.PathLogin, fields: "session username password hwid?", run: (*api).login, guessed: ratelimit.UserName, subject: "username"},
		{path: client.PathRegister, fields: "session username password license email? hwid?", run: (*api).register, guessed: ratelimit.UserName, subject: "username"},
		{path: client.PathTwoFactorVerify, fields: "session code", run: (*api).verify},
		{path: client.PathTwoFactorEnroll, fields: "session password", run: (*api).enroll, guessed: ratelimit.UserName, subject: "session"},
		{path: client.PathTwoFactorConfirm, fields: "session code", run: (*api).confirm},
		{path: client.PathTwoFactorDisable, fields: "session code", run: (*api).disable},
		{path: client.PathForgot, fields: "session username email", run: (*api).forgot},
		{path: client.PathLog, fields: "session message device_name?", run: (*api).log},
		{path: client.PathUpgrade, fields: "session license username?", run: (*api).upgrade, guessed: ratelimit.LicenseKey, subject: "license"},
		{path: client.PathRename, fields: "session username", run: (*api).rename, guessed: ratelimit.UserName},
		{path: client.PathBan, fields: "session reason?", run: (*api).ban},
		{path: client.PathCheck, fields: "session", run: (*api).check},
		{path: client.PathLogout, fields: "session", run: (*api).logout},
		{path: client.PathVariable, fields: "session name", run: (*api).variable},
		{path: client.PathUserVariable, fields: "session name", run: (*api).userVariable},
		{path: client.PathSetUserVariable, fields: "session name value", run: (*api).setUserVariable},
		{path: client.PathFileInfo, fields: "session file", run: (*api).fileInfo},
		{path: client.PathFileContent, fields: "session file sha256 offset length", run: (*api).fileContent},
		{path: client.PathWebhook, fields: "session webhook params? body? content_type?", run: (*api).webhook},
		{path: client.PathBlacklist, fields: "session hwid?", run: (*api).blacklisted},
		{path: client.PathOnline, fields: "session", run: (*api).online},
		{path: client.PathStats, fields: "session", run: (*api).stats},
		{path: client.PathChatMessages, fields: "session channel", run: (*api).chatMessages},
		{path: client.PathChatSend, fields: "session channel text", run: (*api).chatSend},
	}
}

// functions returns the functions by their paths.
func functions() map[string]*function {
	rules := fieldRules()
	byPath := map[string]*function{}
	for _, r := range rows() {
		f := &function{run: r.run, guessed: r.guessed, subject: r.subject}
		for name := range strings.FieldsSeq(r.fields) {
			name, optional := strings.CutSuffix(name, "?")
			rule := rules[name]
			rule.name, rule.optional = name, optional
			f.fields = append(f.fields, rule)
		}
		byPath[r.path] = f
	}
	for _, known := range client.Functions() {
		if f := byPath[known.Path]; f != nil {
			f.Function = known
		}
	}
	return byPath
}
