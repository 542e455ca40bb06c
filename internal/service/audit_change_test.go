package service_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestAuditOfEdits(t *testing.T) {
	tell(t, []story{
		{"every edit leaves what it changed", editsLeaveChanges},
		{"an edit tells what was and what is, and of secrets only that they changed", editsTell},
		{"an edit that changes nothing tells of no change", editsOfNothing},
	})
}

// changesOf are the changes that an app's newest event tells, as JSON.
func (s *scene) changesOf(chain string) string {
	s.Helper()
	list, err := s.Service.ListAuditEvents(s.Ctx(), chain, service.AuditFilter{Page: service.Page{Limit: 1}})
	s.must(err)
	b, err := json.Marshal(list.Items[0].Details[latchkey.AuditChanged])
	s.must(err)
	return string(b)
}

// editsLeaveChanges also finds the edits that somebody adds later.
func editsLeaveChanges(s *scene) {
	ann := other(s, s.Env, "edits@example.com")
	x := furnish(s, s.As(ann))
	seen := 0
	for _, u := range useCases() {
		if !strings.HasPrefix(u.method, "Update") && u.method != "SetUserVariable" && u.method != "ReplaceFile" {
			continue
		}
		s.must(u.call(s.As(ann), s.Service, x))
		list, err := s.Service.ListAuditEvents(s.As(ann), x.app, service.AuditFilter{Page: service.Page{Limit: 1}})
		s.must(err)
		if changes, ok := list.Items[0].Details[latchkey.AuditChanged].(map[string]any); !ok || len(changes) == 0 {
			s.Errorf("%s left %v", u.method, list.Items[0].Details)
		}
		seen++
	}
	if seen < 11 {
		s.Errorf("only %d edits were tried", seen)
	}
	s.must(s.DB.VerifyAudit(s.Context()))
}

func editsTell(s *scene) {
	ctx, app := s.Ctx(), s.app.ID
	tier := s.tier()
	license := s.Licenses(app, 1, "1d")[0]
	user := s.user("hidden-name", "hidden password")
	variable, err := s.Service.CreateVariable(ctx, app, service.NewVariable{Name: "motd", Value: "hidden-before"})
	s.must(err)
	file, err := s.Service.LinkFile(ctx, app, service.NewFile{Name: "a.exe", Link: "https://files.example.com/hidden-before"})
	s.must(err)
	hook, err := s.Service.CreateWebhook(ctx, app, service.NewWebhook{Name: "orders", URL: "https://hooks.example.com/hidden-before"})
	s.must(err)
	channel, err := s.Service.CreateChannel(ctx, app, service.ChannelEdit{Name: point("hall")})
	s.must(err)
	entry, err := s.Service.CreateAccess(ctx, app, latchkey.Blacklist, service.NewAccess{Kind: "ip", Value: "192.0.2.2", Reason: "spam"})
	s.must(err)
	_, err = s.Service.SetUserVariable(ctx, app, user.ID, service.SetVariable{Name: "plan", Value: "hidden-before"})
	s.must(err)
	until := s.Clock.Now().Add(time.Hour)
	text := func(key latchkey.MessageKey, text string) service.AppEdit {
		return service.AppEdit{Messages: map[latchkey.MessageKey]*string{key: &text}}
	}
	update := func(e service.AppEdit) error { return drop(s.Service.UpdateApp(ctx, app, e)) }
	for _, c := range []struct {
		what string
		edit func() error
		want string
	}{
		{"settings", func() error {
			return update(service.AppEdit{Version: point("2.0"), DevicesPerUser: point(int64(3)), AllowedCountries: &[]string{}, HashCheck: point(false)})
		}, `{"devices_per_user":{"after":3,"before":1},"version":{"after":"2.0","before":"1.0"}}`},
		{"a list of settings", func() error {
			return update(service.AppEdit{AcceptProtocols: &[]latchkey.Protocol{latchkey.ProtocolNative}})
		}, `{"accept_protocols":{"after":["native"],"before":["native","1.3","1.2","1.1","1.0"]}}`},
		{"a text", func() error { return update(text(latchkey.MsgAppDisabled, "We are closed.")) }, `{"messages.appdisabled":{"after":"We are closed.","before":null}}`},
		{"another text", func() error { return update(text(latchkey.MsgAppDisabled, "Come back.")) }, `{"messages.appdisabled":{"after":"Come back.","before":"We are closed."}}`},
		{"a subscription", func() error {
			return drop(s.Service.UpdateSubscription(ctx, app, tier.ID, point("gold"), point(int64(5))))
		}, `{"level":{"after":5,"before":1},"name":{"after":"gold","before":"default"}}`},
		{"a license", func() error {
			return drop(s.Service.UpdateLicense(ctx, app, license.ID, latchkey.LicenseEdit{Level: point(int64(5)), Note: point("hidden-note"), Duration: point(s.length("2d"))}))
		}, `{"duration":{"after":"2d","before":"1d"},"level":{"after":5,"before":1},"note":{"hidden":true}}`},
		{"a user", func() error {
			return drop(s.Service.UpdateUser(ctx, app, user.ID, service.UserEdit{Username: point("hidden-after"), Email: point("hidden@example.com"), Password: point(latchkey.Secret("hidden other password")),
				HWIDAffected: point(false), DeviceLimit: point(point(int64(2)))}))
		}, `{"device_limit":{"after":2,"before":null},"email":{"hidden":true},"hwid_affected":{"after":false,"before":true},"password":{"hidden":true},"username":{"hidden":true}}`},
		{"a variable", func() error {
			return drop(s.Service.UpdateVariable(ctx, app, variable.ID, service.VariableEdit{Value: point(latchkey.Secret("hidden-after")), MinLevel: point(int64(2))}))
		}, `{"min_level":{"after":2,"before":0},"value":{"hidden":true}}`},
		{"a user's variable", func() error {
			return drop(s.Service.SetUserVariable(ctx, app, user.ID, service.SetVariable{Name: "plan", Value: "hidden-after", ReadOnly: true}))
		}, `{"read_only":{"after":true,"before":false},"value":{"hidden":true}}`},
		{"a file", func() error {
			return drop(s.Service.UpdateFile(ctx, app, file.ID, service.FileEdit{Name: point("b.exe"), Link: point(latchkey.Secret("https://files.example.com/hidden-after"))}))
		}, `{"link":{"hidden":true},"name":{"after":"b.exe","before":"a.exe"}}`},
		{"a webhook", func() error {
			return drop(s.Service.UpdateWebhook(ctx, app, hook.ID, service.WebhookEdit{URL: point(latchkey.Secret("https://hooks.example.com/hidden-after")), ShowAnswer: point(true)}))
		}, `{"show_answer":{"after":true,"before":false},"url":{"hidden":true}}`},
		{"a channel", func() error {
			return drop(s.Service.UpdateChannel(ctx, app, channel.ID, service.ChannelEdit{Delay: point(int64(9)), Name: point("den")}))
		}, `{"delay":{"after":9,"before":0},"name":{"after":"den","before":"hall"}}`},
		{"a blacklist entry", func() error {
			return drop(s.Service.UpdateAccess(ctx, app, latchkey.Blacklist, entry.ID, service.AccessEdit{Reason: point("fraud"), ExpiresAt: &until}))
		}, `{"expires_at":{"after":"2026-03-01T13:00:00Z","before":null},"reason":{"after":"fraud","before":"spam"}}`},
		{"an audit webhook", func() error {
			return drop(s.Service.SetAuditWebhook(ctx, app, "https://one.example.com/hidden-before", ""))
		}, `{"host":{"after":"one.example.com","before":""},"url":{"hidden":true}}`},
		{"a log webhook", func() error { return drop(s.Service.SetLogWebhook(ctx, app, "https://one.example.com/hidden-before")) }, `{"host":{"after":"one.example.com","before":""},"url":{"hidden":true}}`},
		{"another log webhook", func() error { return drop(s.Service.SetLogWebhook(ctx, app, "https://two.example.com/hidden-after")) }, `{"host":{"after":"two.example.com","before":"one.example.com"},"url":{"hidden":true}}`},
	} {
		s.must(c.edit())
		if got := s.changesOf(app); got != c.want {
			s.Errorf("%s: the log has %s, want %s", c.what, got, c.want)
		}
	}
	list, err := s.Service.ListAuditEvents(ctx, app, service.AuditFilter{Page: service.Page{Limit: service.MaxLimit}})
	s.must(err)
	for _, ev := range list.Items {
		b, err := json.Marshal(ev.Details)
		s.must(err)
		if strings.Contains(string(b), "hidden-") || strings.Contains(string(b), "hidden@") || strings.Contains(string(b), "hidden other") {
			s.Errorf("a secret is in the log: %s", b)
		}
	}
	key, _ := s.newKey(service.NewAPIKey{Name: "bans", Permissions: []latchkey.Permission{latchkey.PermLicensesBan}})
	s.must(drop(s.Service.UpdateAPIKey(ctx, key.ID, service.APIKeyEdit{Name: point("reads"), Permissions: &[]latchkey.Permission{latchkey.PermLicensesRead}, AppIDs: &[]string{app}})))
	want := `{"apps":{"after":["` + app + `"],"before":null},"name":{"after":"reads","before":"bans"},"permissions":{"after":["licenses.read"],"before":["licenses.ban"]}}`
	if got := s.changesOf(""); got != want && got != strings.Replace(want, "null", "[]", 1) {
		s.Errorf("an API key: the log has %s", got)
	}
}

func editsOfNothing(s *scene) {
	s.must(drop(s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{Version: point("1.0"), Name: point(s.app.Name)})))
	if got := s.changesOf(s.app.ID); got != "null" {
		s.Errorf("the log has %s", got)
	}
	s.must(drop(s.Service.PauseApp(s.Ctx(), s.app.ID)))
	if got := s.changesOf(s.app.ID); got != "null" {
		s.Errorf("a pause: the log has %s", got)
	}
}
