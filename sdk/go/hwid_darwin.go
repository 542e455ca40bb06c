package latchkey

import (
	"context"
	"os/exec"
	"strings"
	"time"
)

// installationID asks the I/O registry for the platform's UUID. The program is
// named by its whole path, so that nobody's PATH decides what is run.
func installationID() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice").Output()
	if err != nil {
		return "", errNoMachineID
	}
	for line := range strings.SplitSeq(string(out), "\n") {
		if name, value, ok := strings.Cut(line, "="); ok && strings.Trim(name, ` "`) == "IOPlatformUUID" {
			return strings.Trim(value, ` "`), nil
		}
	}
	return "", errNoMachineID
}
