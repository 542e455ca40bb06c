package service_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// raceRounds is how many rounds a race runs: few in every test run, more where
// LATCHKEY_RACE_ROUNDS says so.
func raceRounds() int {
	if n, err := strconv.Atoi(os.Getenv("LATCHKEY_RACE_ROUNDS")); err == nil && n > 0 {
		return n
	}
	return 5
}
