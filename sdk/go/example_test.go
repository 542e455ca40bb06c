package latchkey_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

// demo stands for a server with one application. A real program has the values
// of its application's page in its source.
func demo() (config latchkey.Config, s *server) {
	s = unstarted()
	s.Server = httptest.NewServer(s)
	return latchkey.Config{BaseURL: s.URL, AppID: testApp, PublicKeys: []string{publicHex(testKey(1))}, Version: "1.0"}, s
}

// A program that asks for a license and does not go on without one.
func Example() {
	config, server := demo()
	defer server.Close()

	client, err := latchkey.New(config, latchkey.WithHWID("this computer's own name"))
	if err != nil {
		fmt.Println(err)
		return
	}
	user, err := client.License(context.Background(), "SUN-AAAA-BBBB-CCCC-0001")
	if err != nil {
		fmt.Println("not licensed:", err)
		return
	}
	fmt.Println("hello,", user.Username)

	// What the program needs to work, so that it is of no use without the server.
	recipe, err := client.Variable(context.Background(), "recipe")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the recipe is", recipe)
	// Output:
	// hello, ada
	// the recipe is hello
}

// Refusals are told apart by their code.
func ExampleError() {
	config, server := demo()
	defer server.Close()
	server.refuse[client.PathInit] = client.Error{Code: "app.version_mismatch", DownloadURL: "https://example.com/new"}

	c, err := latchkey.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.Init(context.Background())
	var refused *latchkey.Error
	if errors.As(err, &refused) && refused.Code == latchkey.CodeAppVersion {
		fmt.Println("please update:", refused.DownloadURL)
	}
	// Output: please update: https://example.com/new
}

// A user name and a password, with a second factor where the customer has one.
func ExampleClient_Login() {
	config, server := demo()
	defer server.Close()
	server.replies[client.PathLogin] = `{"stage":"two_factor","session":"…","session_expires_at":1767226200000}`

	c, err := latchkey.New(config, latchkey.WithHWID("this computer's own name"))
	if err != nil {
		fmt.Println(err)
		return
	}
	user, err := c.Login(context.Background(), "ada", "her password")
	if errors.Is(err, latchkey.ErrTwoFactor) {
		user, err = c.TwoFactor(context.Background(), "123456")
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Username, "has level", user.Level())
	// Output: ada has level 1
}

// A program that may go on for three days when the server cannot be reached.
func ExampleWithOffline() {
	config, server := demo()
	folder, err := os.MkdirTemp("", "latchkey")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()

	signIn := func() string {
		c, err := latchkey.New(config, latchkey.WithHWID("0f8a4c1be6d0473f8a66c0b1d2e3f405"), latchkey.WithRetries(0),
			latchkey.WithOffline(filepath.Join(folder, "license"), 72*time.Hour))
		if err != nil {
			return err.Error()
		}
		user, err := c.License(context.Background(), "SUN-AAAA-BBBB-CCCC-0001")
		if err == nil {
			return "signed in: " + user.Username
		}
		if !errors.Is(err, latchkey.ErrUnavailable) {
			return err.Error()
		}
		grace, err := c.Offline()
		if err != nil {
			return err.Error()
		}
		return "offline: " + grace.User.Username
	}
	server.now = time.Now()
	fmt.Println(signIn())
	server.Close()
	fmt.Println(signIn())
	// Output:
	// signed in: ada
	// offline: ada
}

// A file that is on disk whole and proven, or not at all.
func ExampleClient_DownloadFile() {
	config, server := demo()
	defer server.Close()
	folder, err := os.MkdirTemp("", "latchkey")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()

	c, err := latchkey.New(config, latchkey.WithHWID("this computer's own name"))
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := c.DownloadFile(context.Background(), "fil_1", filepath.Join(folder, "level-2.dat"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.Name, file.Size, "bytes")
	// Output: a.bin 18 bytes
}
