package service_test

import (
	"context"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// TestRenamedLicenseUser: a customer who signs in by a license alone goes on
// doing so after the seller has given them a name.
func TestRenamedLicenseUser(t *testing.T) {
	e := servicetest.New(t)
	app := e.App("renamed")
	client := e.Client(app)
	in := service.ClientSignIn{Key: e.Licenses(app.ID, 1, "30d")[0].Key.Reveal(), HWID: hwid(0)}
	signIn := func() string {
		t.Helper()
		customer, err := e.Service.ClientLicense(context.Background(), client, e.Session(client), in)
		if err != nil {
			t.Fatal(err)
		}
		return customer.Username
	}
	if got := signIn(); got != in.Key {
		t.Fatalf("the user is named %q, want the license", got)
	}
	users, err := e.Service.ListUsers(e.Ctx(), app.ID, service.UserFilter{})
	if err != nil {
		t.Fatal(err)
	}
	name := "ann"
	if _, err := e.Service.UpdateUser(e.Ctx(), app.ID, users.Items[0].ID, service.UserEdit{Username: &name}); err != nil {
		t.Fatal(err)
	}
	if got := signIn(); got != name {
		t.Errorf("signed in as %q, want %q", got, name)
	}
}
