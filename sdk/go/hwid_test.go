package latchkey_test

import (
	"strings"
	"testing"

	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

// TestMachineID takes whatever this computer has: an id that differs from one
// application to the next, or the advice to bring one.
func TestMachineID(t *testing.T) {
	one, err := latchkey.MachineID(testApp)
	if err != nil {
		if !strings.Contains(err.Error(), "WithHWID") {
			t.Error(err)
		}
		return
	}
	other, _ := latchkey.MachineID(otherApp)
	again, _ := latchkey.MachineID(testApp)
	if len(one) != 64 || strings.Trim(one, "0123456789abcdef") != "" || one != again || one == other {
		t.Errorf("%s, %s, %s", one, again, other)
	}
}
