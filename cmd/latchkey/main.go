// Command latchkey is the server and its command line in one program.
package main

import (
	"os"

	"github.com/latchkey-dev/latchkey/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
