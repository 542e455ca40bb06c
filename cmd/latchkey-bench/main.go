// Command latchkey-bench measures a Latchkey server; see BENCHMARKS.md.
package main

import (
	"os"

	"github.com/latchkey-dev/latchkey/internal/bench"
)

func main() { os.Exit(bench.Main(os.Args[1:], os.Stdout, os.Stderr)) }
