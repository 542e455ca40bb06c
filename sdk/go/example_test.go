package latchkey_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/latchkey-dev/latchkey/latchkeytest"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

// thisComputer stands for what the SDK finds out by itself, so that the
// examples run wherever they are run.
var thisComputer = latchkey.WithHWID("0f8a4c1be6d0473f8a66c0b1d2e3f405")

// demo starts a server with one application, for as long as an example runs. A
// real program has the values of its application's page in its source.
func demo() *latchkeytest.Server {
	server, err := latchkeytest.Start()
	if err != nil {
		panic(err)
	}
	return server
}

// stop ends it.
func stop(server *latchkeytest.Server) {
	if err := server.Close(); err != nil {
		panic(err)
	}
}

// signedIn is a program into which somebody has signed in.
func signedIn(app *latchkeytest.App) *latchkey.Client {
	client, err := latchkey.New(app.Config(), thisComputer)
	if err == nil {
		_, err = client.License(context.Background(), app.License("30d"))
	}
	if err != nil {
		panic(err)
	}
	return client
}

// A program that asks for a license and does not go on without one.
func Example() {
	server := demo()
	defer stop(server)
	app := server.App
	app.VariableOfLevel(1, "recipe", "flour and water")
	key := app.License("30d") // as a customer has bought it

	client, err := latchkey.New(app.Config(), thisComputer)
	if err != nil {
		fmt.Println(err)
		return
	}
	user, err := client.License(context.Background(), key)
	if err != nil {
		fmt.Println("not licensed:", err)
		return
	}
	fmt.Println("hello; your license has level", user.Level())

	// What the program needs to work, so that it is of no use without the server.
	recipe, err := client.Variable(context.Background(), "recipe")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the recipe is", recipe)
	// Output:
	// hello; your license has level 1
	// the recipe is flour and water
}

// Refusals are told apart by their code.
func ExampleError() {
	server := demo()
	defer stop(server)
	server.App.SetVersion("2.0", "https://example.com/new")

	client, err := latchkey.New(server.App.Config()) // of version 1.0
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Init(context.Background())
	var refused *latchkey.Error
	if errors.As(err, &refused) && refused.Code == latchkey.CodeAppVersion {
		fmt.Println("please update:", refused.DownloadURL)
	}
	// Output: please update: https://example.com/new
}

// A new customer takes a name and a password for a license.
func ExampleClient_Register() {
	server := demo()
	defer stop(server)

	client, err := latchkey.New(server.App.Config(), thisComputer)
	if err != nil {
		fmt.Println(err)
		return
	}
	user, err := client.Register(context.Background(), latchkey.Registration{Username: "ada", Password: "her password", License: server.App.License("lifetime")})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Username, "for a lifetime:", user.Subscriptions[0].ExpiresAt.IsZero())
	// Output: ada for a lifetime: true
}

// A user name and a password, with a second factor where the customer has one.
func ExampleClient_Login() {
	server := demo()
	defer stop(server)
	server.App.User("ada", "her password", "30d")

	client, err := latchkey.New(server.App.Config(), thisComputer)
	if err != nil {
		fmt.Println(err)
		return
	}
	user, err := client.Login(context.Background(), "ada", "her password")
	if errors.Is(err, latchkey.ErrTwoFactor) {
		user, err = client.TwoFactor(context.Background(), "123456") // as the customer types it
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Username, "has level", user.Level())
	// Output: ada has level 1
}

// Setting up a second factor, and signing in with it.
func ExampleClient_EnrollTwoFactor() {
	server := demo()
	defer stop(server)
	server.App.User("ada", "her password", "30d")
	ctx := context.Background()

	client, err := latchkey.New(server.App.Config(), thisComputer)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.Login(ctx, "ada", "her password"); err != nil {
		fmt.Println(err)
		return
	}
	enrollment, err := client.EnrollTwoFactor(ctx, "her password")
	if err != nil {
		fmt.Println(err)
		return
	}
	// The program shows enrollment.URI as a QR code, and the customer types what
	// the authenticator app shows.
	recovery, err := client.ConfirmTwoFactor(ctx, server.Code(enrollment.Secret))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(recovery), "recovery codes, to be kept on paper")

	server.Advance(time.Minute) // a code is good once
	_, err = client.Login(ctx, "ada", "her password")
	fmt.Println("asks for a code:", errors.Is(err, latchkey.ErrTwoFactor))
	user, err := client.TwoFactor(ctx, server.Code(enrollment.Secret))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Username, "is signed in")
	// Output:
	// 10 recovery codes, to be kept on paper
	// asks for a code: true
	// ada is signed in
}

// Every few minutes a program asks whether its user may still be there.
func ExampleClient_Check() {
	server := demo()
	defer stop(server)
	client := signedIn(server.App)

	if _, err := client.Check(context.Background()); err == nil {
		fmt.Println("go on")
	}
	server.Advance(31 * 24 * time.Hour)
	_, err := client.Check(context.Background())
	fmt.Println("a month later:", latchkey.CodeOf(err))
	// Output:
	// go on
	// a month later: session.not_found
}

// A program that may go on for three days when the server cannot be reached.
func ExampleWithOffline() {
	server := demo()
	config, key := server.App.Config(), server.App.License("30d")
	folder, err := os.MkdirTemp("", "latchkey")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()

	signIn := func() string {
		client, err := latchkey.New(config, thisComputer, latchkey.WithRetries(0),
			latchkey.WithOffline(filepath.Join(folder, "license"), 72*time.Hour))
		if err != nil {
			return err.Error()
		}
		user, err := client.License(context.Background(), key)
		if err == nil {
			return fmt.Sprint("signed in with level ", user.Level())
		}
		if !errors.Is(err, latchkey.ErrUnavailable) {
			return err.Error()
		}
		grace, err := client.Offline()
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint("offline with level ", grace.User.Level())
	}
	fmt.Println(signIn())
	stop(server)
	fmt.Println(signIn())
	// Output:
	// signed in with level 1
	// offline with level 1
}

// A file that is on disk whole and proven, or not at all.
func ExampleClient_DownloadFile() {
	server := demo()
	defer stop(server)
	id := server.App.FileOfLevel(1, "level-2.dat", []byte("a dark forest"))
	client := signedIn(server.App)
	folder, err := os.MkdirTemp("", "latchkey")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()

	path := filepath.Join(folder, "level-2.dat")
	file, err := client.DownloadFile(context.Background(), id, path)
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := os.ReadFile(path)
	fmt.Printf("%s, %d bytes: %s, %v\n", file.Name, file.Size, content, err)
	// Output: level-2.dat, 13 bytes: a dark forest, <nil>
}

// The server calls an address that the program never learns.
func ExampleClient_Webhook() {
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s has been ordered", r.URL.Query().Get("item"))
	}))
	defer shop.Close()
	server := demo()
	defer stop(server)
	id := server.App.Webhook("orders", shop.URL+"/?key=a-secret-of-the-seller")
	client := signedIn(server.App)

	answer, err := client.Webhook(context.Background(), latchkey.WebhookCall{ID: id, Params: map[string]string{"item": "a-lamp"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Status, answer.Body)
	// Output: 200 a-lamp has been ordered
}

// Settings that follow a customer from one computer to the next.
func ExampleClient_SetUserVariable() {
	server := demo()
	defer stop(server)
	client := signedIn(server.App)

	if err := client.SetUserVariable(context.Background(), "theme", "dark"); err != nil {
		fmt.Println(err)
		return
	}
	theme, err := client.UserVariable(context.Background(), "theme")
	fmt.Println(theme, err)
	// Output: dark <nil>
}
