package e2e_test

import "syscall"

// processAttributes puts a process into a group of its own, which a signal can
// reach whole, and ends it with the tests, however they end.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
