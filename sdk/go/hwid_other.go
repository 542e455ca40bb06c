//go:build !linux && !darwin && !windows

package latchkey

func installationID() (string, error) { return "", errNoMachineID }
