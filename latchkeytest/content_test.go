package latchkeytest_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/latchkeytest"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

func TestWhatASellerKeepsForPrograms(t *testing.T) {
	app := latchkeytest.New(t).App
	c, ctx := program(t, app), t.Context()
	app.Subscription("gold", 2)
	key := app.License("30d")

	app.Variable("motd", "hello")
	app.VariableOfLevel(0, "recipe", "flour")
	app.VariableOfLevel(2, "treasure", "gold")
	everybody, customers, rich := app.File("a.txt", []byte("for everybody")), app.FileOfLevel(0, "b.txt", []byte("for customers")), app.FileOfLevel(2, "c.txt", []byte("for the rich"))
	variable := func(name string) error { _, err := c.Variable(ctx, name); return err }
	fetch := func(id string) (string, error) {
		var b bytes.Buffer
		_, err := c.WriteFile(ctx, id, &b)
		return b.String(), err
	}
	file := func(id string) error { _, err := fetch(id); return err }
	refused(t, "a variable for everybody", variable("motd"), "")
	refused(t, "a file for everybody", file(everybody), "")
	refused(t, "a variable for customers", variable("recipe"), latchkey.CodeSessionNotSignedIn)
	refused(t, "a file for customers", file(customers), latchkey.CodeSessionNotSignedIn)
	_, err := c.License(ctx, key)
	refused(t, "signed in", err, "")
	refused(t, "a customer's variable", variable("recipe"), "")
	refused(t, "a customer's file", file(customers), "")
	refused(t, "a variable of a higher level", variable("treasure"), latchkey.CodeSubscriptionTooLow)
	refused(t, "a file of a higher level", file(rich), latchkey.CodeSubscriptionTooLow)
	refused(t, "an upgrade", c.Upgrade(ctx, "", app.LicenseOfLevel(2, "1d")), "")
	refused(t, "the higher level", errors.Join(variable("treasure"), file(rich)), "")
	app.ReplaceFile(everybody, []byte("something else"))
	if got, err := fetch(everybody); err != nil || got != "something else" {
		t.Errorf("%q, %v", got, err)
	}

	refused(t, "a variable of their own", c.SetUserVariable(ctx, "score", "17"), "")
	app.SetUserVariable(key, "rank", "captain")
	if got := app.UserVariables(key); !maps.Equal(got, map[string]string{"score": "17", "rank": "captain"}) {
		t.Errorf("%v", got)
	}
	refused(t, "the seller's own", c.SetUserVariable(ctx, "rank", "admiral"), latchkey.CodeVariableReadOnly)
	refused(t, "two lines", errors.Join(c.Log(ctx, "one", ""), c.Log(ctx, "two", "ADA-PC")), "")
	if got := app.Logged(); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("%q", got)
	}
	refused(t, "a new password", c.ForgotPassword(ctx, "ada", "ada@example.com"), "")
}

func TestWebhooksOfATest(t *testing.T) {
	app := latchkeytest.New(t).App
	c, ctx := program(t, app), t.Context()
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Method+" "+r.URL.RawQuery)
	}))
	t.Cleanup(shop.Close)
	order, rare := app.Webhook("order", shop.URL+"/?key=secret"), app.WebhookOfLevel(0, "rare", shop.URL)
	got, err := c.Webhook(ctx, latchkey.WebhookCall{ID: order, Params: map[string]string{"item": "7"}})
	if err != nil || got.Status != 200 || got.Body != "GET key=secret&item=7" {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = c.Webhook(ctx, latchkey.WebhookCall{ID: rare})
	refused(t, "one for customers", err, latchkey.CodeSessionNotSignedIn)
}

func TestComputersAndAddressesOnTheBlacklist(t *testing.T) {
	app := latchkeytest.New(t).App
	c, ctx := program(t, app), t.Context()
	_, err := c.License(ctx, app.License("30d"))
	refused(t, "at first", err, "")
	check := func() error { _, err := c.Check(ctx); return err }
	for what, list := range map[string]func(){
		"the computer": func() { app.BlacklistHWID(computer) }, "the address": func() { app.BlacklistIP("127.0.0.1") },
	} {
		list()
		refused(t, what, check(), latchkey.CodeClientBlacklisted)
		app.ClearBlacklist()
		refused(t, what+" no longer", check(), "")
	}
}

func TestSecondFactorsOfATest(t *testing.T) {
	server := latchkeytest.New(t)
	c, ctx := program(t, server.App), t.Context()
	server.App.User("ada", "secret", "30d")
	_, err := c.Login(ctx, "ada", "secret")
	refused(t, "without a second factor", err, "")
	e, err := c.EnrollTwoFactor(ctx, "secret")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.ConfirmTwoFactor(ctx, server.Code(e.Secret))
	refused(t, "the first code", err, "")
	server.Advance(30 * time.Second)
	if _, err = c.Login(ctx, "ada", "secret"); !errors.Is(err, latchkey.ErrTwoFactor) {
		t.Fatal(err)
	}
	_, err = c.TwoFactor(ctx, server.Code(e.Secret))
	refused(t, "the next one", err, "")
}

func TestMessagesOfTheSeller(t *testing.T) {
	app := latchkeytest.New(t).App
	app.SetMessage("keynotfound", "Kein solcher Schlüssel.")
	_, err := program(t, app).License(t.Context(), "NOTHING")
	if e := (*latchkey.Error)(nil); !errors.As(err, &e) || e.Message != "Kein solcher Schlüssel." {
		t.Errorf("%v", err)
	}
}

func TestTokensOfATest(t *testing.T) {
	app := latchkeytest.New(t).App
	token := app.Token(app.License("30d"))
	app.RequireTokens()
	comes := func(token, hash string) error {
		config := app.Config()
		config.Token, config.Hash = token, hash
		c, err := latchkey.New(config, latchkey.WithHWID(computer))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Init(t.Context())
		return err
	}
	one, another := strings.Repeat("1", 64), strings.Repeat("2", 64)
	refused(t, "without a token", comes("", one), latchkey.CodeTokenRequired)
	refused(t, "without a hash", comes(token, ""), latchkey.CodeTokenHashRequired)
	refused(t, "a made-up token", comes("lkt_nothing", one), latchkey.CodeTokenInvalid)
	refused(t, "the token", comes(token, one), "")
	refused(t, "in another file", comes(token, another), latchkey.CodeTokenHashMismatch)
}
