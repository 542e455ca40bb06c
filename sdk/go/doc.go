// Package latchkey lets a program sign its customers in against a Latchkey
// server, and proves every answer before it is used.
//
// A [Client] stands for one run of the program. It is given the server's
// address, the application's id, and the application's public key, all from the
// application's page:
//
//	client, err := latchkey.New(latchkey.Config{
//		BaseURL:    "https://license.example.com",
//		AppID:      "app_06fs4kkq8vxg7m1x2ndn0k3b1r",
//		PublicKeys: []string{"8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"},
//		Version:    "1.0",
//	})
//	…
//	user, err := client.License(ctx, key)
//
// An error means: not signed in. It is one of three kinds. [*Error] is a
// refusal that the server has signed; its Code says which. [ErrUnavailable]
// means that no answer came. [ErrUnverified] means that something answered that
// could not prove to be the server. Whether a program may go on without the
// server is decided by [WithOffline] and [Client.Offline], never by an error.
//
// What no check can do: a customer can patch the check out of the program.
// What they cannot fake is what only the server has, so let the program need
// something that it gets after signing in: a variable, a file.
//
// The protocol is docs/client-protocol.md in the repository. Programs are tested
// against the real server with the package latchkeytest. This package uses the
// standard library only.
package latchkey
