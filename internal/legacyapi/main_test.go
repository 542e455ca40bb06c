package legacyapi_test

import (
	"testing"

	"github.com/latchkey-dev/latchkey/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
