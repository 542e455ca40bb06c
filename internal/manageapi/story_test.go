package manageapi

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
)

func TestAnAppFromCreationToDeletion(t *testing.T) {
	w := newWorld(t)
	made := ask[api.AppCreated](w, "POST", "/apps", `{"name":"Demo"}`, 201)
	w.ids = map[string]string{"app": made.ID}
	if len(made.Secret) != 64 || len(made.SellerKey) != 32 || len(made.ClientPublicKey) != 64 || len(made.OwnerID) != 10 || made.Version != "1.0" {
		t.Errorf("created: %+v", made)
	}
	found := ask[api.AppList](w, "GET", "/apps?name=Demo", "", 200)
	if diff := cmp.Diff([]api.App{made.App}, found.Apps); diff != "" {
		t.Error(diff)
	}
	edited := ask[api.App](w, "PATCH", "/apps/{app}",
		`{"name":"Demo 2","settings":{"version":"1.1","accept_protocols":["native","1.2"],"devices_per_user":3},"messages":{"keynotfound":"No such key"}}`, 200)
	if edited.Name != "Demo 2" || edited.Version != "1.1" || edited.Settings.DevicesPerUser != 3 || edited.Messages["keynotfound"] != "No such key" {
		t.Errorf("edited: %+v", edited)
	}
	if back := ask[api.App](w, "PATCH", "/apps/{app}", `{"messages":{"keynotfound":null}}`, 200); len(back.Messages) != 0 || back.Name != "Demo 2" {
		t.Errorf("null did not put the default back: %+v", back.Messages)
	}
	if paused := ask[api.App](w, "POST", "/apps/{app}/pause", "", 200); paused.PausedAt.IsZero() {
		t.Error("not paused")
	}
	if resumed := ask[api.App](w, "POST", "/apps/{app}/resume", "", 200); !resumed.PausedAt.IsZero() {
		t.Error("not resumed")
	}
	rotated := ask[api.AppSecrets](w, "POST", "/apps/{app}/credentials/rotate", `{"kinds":["seller_key"]}`, 200)
	shown := ask[api.AppSecrets](w, "GET", "/apps/{app}/credentials", "", 200)
	if rotated.SellerKey == made.SellerKey || shown.SellerKey != rotated.SellerKey || shown.Secret != made.Secret || shown.CompatPublicKey != made.CompatPublicKey {
		t.Errorf("rotation: %+v", shown)
	}
	for _, c := range shown.Credentials {
		if (c.Kind == "client_key" || c.Kind == "compat_key") && c.Value != "" {
			t.Errorf("%s shows its private half", c.Kind)
		}
	}
	clone := ask[api.AppCreated](w, "POST", "/apps/{app}/clone", `{"name":"Clone"}`, 201)
	if clone.Settings.Version != "1.1" || clone.Secret == made.Secret {
		t.Errorf("clone: %+v", clone)
	}
	if p := w.checkProblem(w.send(w.as(w.key, "DELETE", "/apps/{app}?confirm=Demo", "")), "delete"); p.Code != "app.confirmation_required" {
		t.Errorf("deletion without its name: %s", p.Code)
	}
	ask[struct{}](w, "DELETE", "/apps/{app}?confirm=Demo%202", "", 204)
	if a := w.send(w.as(w.key, "GET", "/apps/{app}", "")); a.status != 404 {
		t.Errorf("deleted app: %d", a.status)
	}
}

func TestALicenseFromCreationToDeletion(t *testing.T) {
	w := newWorld(t)
	w.settle()
	batch := ask[api.LicensesCreated](w, "POST", "/apps/{app}/licenses", `{"amount":3,"duration":"5w","note":"spring","lowercase":true,"mask":"`+strings.Repeat("*", 20)+`"}`, 201)
	first := batch.Licenses[0]
	if len(batch.Licenses) != 3 || first.Status != "not_used" || first.Duration != "5w" || first.Level != 1 || first.Key != strings.ToLower(first.Key) {
		t.Fatalf("created: %+v", batch)
	}
	w.ids["license"] = first.ID
	if l := ask[api.License](w, "POST", "/apps/{app}/licenses/{license}/extend", `{"duration":"1w"}`, 200); l.Duration != "6w" {
		t.Errorf("extended to %s", l.Duration)
	}
	if l := ask[api.License](w, "PATCH", "/apps/{app}/licenses/{license}", `{"note":""}`, 200); l.Note != "" || l.Duration != "6w" {
		t.Errorf("edited: %+v", l)
	}
	if l := ask[api.License](w, "POST", "/apps/{app}/licenses/{license}/ban", `{"reason":"refund"}`, 200); l.Status != "banned" || l.BanReason != "refund" || l.BannedAt.IsZero() {
		t.Errorf("banned: %+v", l)
	}
	if l := ask[api.License](w, "POST", "/apps/{app}/licenses/{license}/unban", "", 200); l.Status != "not_used" {
		t.Errorf("unbanned: %+v", l)
	}
	user := ask[api.User](w, "POST", "/apps/{app}/users/{user}/redeem", `{"key":" `+first.Key+` "}`, 200)
	if len(user.Subscriptions) != 1 || user.Subscriptions[0].LicenseKey != first.Key || user.Subscriptions[0].Status != "active" {
		t.Errorf("redeemed: %+v", user.Subscriptions)
	}
	if l := ask[api.License](w, "GET", "/apps/{app}/licenses/{license}", "", 200); l.Status != "used" || l.UsedBy != user.ID || l.UsedByName != "ann" {
		t.Errorf("used: %+v", l)
	}
	if p := w.checkProblem(w.send(w.as(w.key, "POST", "/apps/{app}/licenses/{license}/extend", `{"duration":"1w"}`)), "extend"); p.Code != "license.used" {
		t.Errorf("a used license was extended: %s", p.Code)
	}
	if c := ask[api.LicensesChanged](w, "POST", "/apps/{app}/licenses/extend", `{"all":true,"duration":"1d"}`, 200); c.Changed != 3 {
		t.Errorf("bulk extension: %+v", c)
	}
	if c := ask[api.LicensesChanged](w, "POST", "/apps/{app}/licenses/delete", `{"all":true,"status":"not_used"}`, 200); c.Changed != 3 {
		t.Errorf("bulk deletion: %+v", c)
	}
	ask[struct{}](w, "DELETE", "/apps/{app}/licenses/{license}?user_too=true", "", 204)
	if list := ask[api.UserList](w, "GET", "/apps/{app}/users", "", 200); len(list.Users) != 0 {
		t.Errorf("users left: %+v", list.Users)
	}
}

func TestAUserFromCreationToDeletion(t *testing.T) {
	w := newWorld(t)
	w.settle()
	user := ask[api.User](w, "PATCH", "/apps/{app}/users/{user}", `{"email":"Ann@Example.com","device_limit":3}`, 200)
	if user.Email != "ann@example.com" || user.DeviceLimit == nil || *user.DeviceLimit != 3 || user.PasswordState != "set" {
		t.Errorf("edited: %+v", user)
	}
	if user = ask[api.User](w, "PATCH", "/apps/{app}/users/{user}", `{"device_limit":null}`, 200); user.DeviceLimit != nil || user.Email == "" {
		t.Errorf("null did not put the app's limit back: %+v", user)
	}
	before := user.Subscriptions[0].ExpiresAt
	if c := ask[api.UsersChanged](w, "POST", "/apps/{app}/users/time", `{"ids":["`+user.ID+`"],"duration":"1d"}`, 200); c.Changed != 1 {
		t.Errorf("time: %+v", c)
	}
	user = ask[api.User](w, "GET", "/apps/{app}/users/{user}", "", 200)
	if got := user.Subscriptions[0].ExpiresAt.Sub(before.Time).Hours(); got != 24 || *user.Subscriptions[0].SecondsLeft != 31*86_400 {
		t.Errorf("a day more is %v hours, %d seconds left", got, *user.Subscriptions[0].SecondsLeft)
	}
	const subscription = "/apps/{app}/users/{user}/subscriptions/{subscription}"
	if user = ask[api.User](w, "POST", subscription+"/pause", "", 200); user.Subscriptions[0].Status != "paused" {
		t.Errorf("paused: %+v", user.Subscriptions)
	}
	if user = ask[api.User](w, "POST", subscription+"/resume", "", 200); user.Subscriptions[0].Status != "active" {
		t.Errorf("resumed: %+v", user.Subscriptions)
	}
	if user = ask[api.User](w, "POST", "/apps/{app}/users/{user}/ban", `{"reason":"fraud"}`, 200); user.BanReason != "fraud" || user.BannedAt.IsZero() {
		t.Errorf("banned: %+v", user)
	}
	if list := ask[api.UserList](w, "GET", "/apps/{app}/users?banned=true&search=ann", "", 200); len(list.Users) != 1 {
		t.Errorf("banned users: %+v", list)
	}
	ask[api.User](w, "POST", "/apps/{app}/users/{user}/unban", "", 200)
	if user = ask[api.User](w, "DELETE", subscription, "", 200); len(user.Subscriptions) != 0 {
		t.Errorf("removed: %+v", user.Subscriptions)
	}
	ask[struct{}](w, "DELETE", "/apps/{app}/users/{user}", "", 204)
	events := ask[api.AuditEventList](w, "GET", "/apps/{app}/audit-events?limit=1", "", 200)
	if len(events.AuditEvents) != 1 || events.AuditEvents[0].Action != "user.delete" || events.AuditEvents[0].ActorKind != "api_key" ||
		events.AuditEvents[0].TargetID != user.ID || !strings.HasPrefix(events.AuditEvents[0].RequestID, "req_") || events.AuditEvents[0].IP != "127.0.0.1" {
		t.Errorf("audit: %+v", events.AuditEvents)
	}
}

func TestAChatFromCreationToDeletion(t *testing.T) {
	w := newWorld(t)
	w.settle()
	chat := ask[api.Chat](w, "POST", "/apps/{app}/chats", `{"name":"attic","delay":5}`, 201)
	if chat.Name != "attic" || chat.Delay != 5 || chat.History != 100 || chat.MinLevel != 0 {
		t.Errorf("created: %+v", chat)
	}
	if p := w.checkProblem(w.send(w.as(w.key, "POST", "/apps/{app}/chats", `{"name":"attic"}`)), "again"); p.Code != "chat.exists" {
		t.Errorf("a second of the name: %s", p.Code)
	}
	w.ids["chat"] = chat.ID
	if chat = ask[api.Chat](w, "PATCH", "/apps/{app}/chats/{chat}", `{"delay":0,"min_level":2}`, 200); chat.Delay != 0 || chat.MinLevel != 2 || chat.Name != "attic" {
		t.Errorf("edited: %+v", chat)
	}
	said := ask[api.ChatMessage](w, "POST", "/apps/{app}/chats/{chat}/messages", `{"text":"hello","author":"Support"}`, 201)
	ask[api.ChatMessage](w, "POST", "/apps/{app}/chats/{chat}/messages", `{"text":"again"}`, 201)
	list := ask[api.ChatMessageList](w, "GET", "/apps/{app}/chats/{chat}/messages", "", 200)
	if len(list.Messages) != 2 || list.Messages[1] != said || said.Author != "Support" || said.UserID != "" || list.Messages[0].Author != "System" {
		t.Errorf("said %+v, heard %+v", said, list.Messages)
	}
	ask[struct{}](w, "DELETE", "/apps/{app}/chats/{chat}/messages/"+said.ID, "", 204)
	if c := ask[api.Change](w, "DELETE", "/apps/{app}/chats/{chat}/messages", "", 200); c.Changed != 1 {
		t.Errorf("cleared: %+v", c)
	}
	mute := ask[api.ChatMute](w, "POST", "/apps/{app}/chat-mutes", `{"user_id":"`+w.ids["user"]+`","until":"2030-01-01T00:00:00Z","reason":"spam"}`, 201)
	if mutes := ask[api.ChatMuteList](w, "GET", "/apps/{app}/chat-mutes", "", 200).Mutes; len(mutes) != 1 || mutes[0] != mute || mute.Username != "ann" || mute.Reason != "spam" {
		t.Errorf("muted %+v, listed %+v", mute, mutes)
	}
	ask[struct{}](w, "DELETE", "/apps/{app}/chat-mutes/"+mute.ID, "", 204)
	ask[struct{}](w, "DELETE", "/apps/{app}/chats/{chat}", "", 204)
	if p := w.checkProblem(w.send(w.as(w.key, "GET", "/apps/{app}/chats/{chat}", "")), "gone"); p.Code != "chat.not_found" {
		t.Errorf("deleted: %s", p.Code)
	}
}
