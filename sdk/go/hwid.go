package latchkey

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
)

// MachineID returns a hardware id of this computer for one application: 64 hex
// digits. It is made of the id that the operating system keeps for the
// installation (machine-id on Linux, MachineGuid on Windows, the platform's
// UUID on macOS), hashed with the application's id, so that it tells nothing
// about the computer and differs from that of every other application.
//
// It stays the same until the operating system is installed anew, is the same
// for all users of the computer and in copies of a virtual machine, and is, as
// every hardware id, what the program says it is. A program that knows better
// uses [WithHWID].
func MachineID(appID string) (string, error) {
	raw, err := installationID()
	if err != nil {
		return "", err
	}
	raw = strings.ToLower(strings.TrimSpace(raw))
	if len(raw) < 16 || strings.Trim(raw, "0-") == "" || raw == "uninitialized" {
		return "", errNoMachineID
	}
	sum := sha256.Sum256(frame("latchkey-hwid-v1", appID, raw))
	return hex.EncodeToString(sum[:]), nil
}

var errNoMachineID = errors.New("latchkey: the operating system has no id for this computer; use WithHWID")
