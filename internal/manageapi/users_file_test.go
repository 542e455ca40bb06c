package manageapi

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/api"
)

// What one application exports another imports: a user is the same there, but
// for ids, what only this server can know, and the password.
func TestUsersMoveAsFiles(t *testing.T) {
	w := newWorld(t)
	w.settle()
	sub := ask[api.SubscriptionList](w, "GET", "/apps/{app}/subscriptions", "", 200).Subscriptions[0]
	ask[api.User](w, "POST", "/apps/{app}/users", `{"username":"Ann, \"=x\"","password":"secret","email":"a@b.c","subscription_id":"`+sub.ID+`","duration":"30d","hwid_affected":false}`, 201)
	bob := ask[api.User](w, "POST", "/apps/{app}/users", `{"username":"bob","subscription_id":"`+sub.ID+`","duration":"lifetime"}`, 201)
	ask[api.User](w, "PATCH", "/apps/{app}/users/"+bob.ID, `{"device_limit":3}`, 200)
	ask[api.User](w, "POST", "/apps/{app}/users/"+bob.ID+"/ban", `{"reason":"cheats, \n'often'"}`, 200)
	before := ask[api.UserList](w, "GET", "/apps/{app}/users", "", 200)
	for _, format := range []string{"csv", "json", "ndjson"} {
		t.Run(format, func(t *testing.T) {
			w := *w
			w.t = t
			file := string(w.send(w.as(w.key, "GET", "/apps/{app}/users/export?format="+format, "")).body)
			if strings.Contains(file, "argon2") || strings.Contains(file, "secret") {
				t.Errorf("the export holds a password:\n%s", file)
			}
			other := ask[api.AppCreated](&w, "POST", "/apps", `{"name":"For `+format+`"}`, 201)
			if format == "ndjson" {
				file = strings.ReplaceAll(file, "\n", "\r\n")
			}
			report := ask[api.ImportReport](&w, "POST", "/apps/"+other.ID+"/users/import?format="+format, file, 200)
			if report.Imported != int64(len(before.Users)) || len(report.SkippedRows) > 0 {
				t.Fatalf("%+v of\n%s", report, file)
			}
			after := ask[api.UserList](&w, "GET", "/apps/"+other.ID+"/users", "", 200)
			diff := cmp.Diff(before.Users, after.Users, cmpopts.IgnoreFields(api.User{}, "ID", "PasswordState", "PasswordUntil", "UpdatedAt", "CreatedBy", "LicenseID", "LastIP", "BannedWith"),
				cmpopts.IgnoreFields(api.Holding{}, "ID", "SubscriptionID", "SecondsLeft", "CreatedAt", "UpdatedAt", "LicenseID", "LicenseKey"), cmpopts.IgnoreFields(api.Device{}, "ID"),
				cmpopts.SortSlices(func(a, b api.User) bool { return a.Username < b.Username })) // all were made at once
			if diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
		})
	}
}
