//go:build !linux

package e2e_test

import "syscall"

// processAttributes puts a process into a group of its own, which a signal can
// reach whole.
func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
