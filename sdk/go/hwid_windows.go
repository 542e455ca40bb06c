package latchkey

import (
	"encoding/binary"
	"syscall"
	"unicode/utf16"
)

// keyWow6464Key reads the 64-bit registry from 32-bit programs too, so that both
// find the same id.
const keyWow6464Key = 0x0100

// installationID reads the id that Windows makes when it is installed.
func installationID() (string, error) {
	path, err := syscall.UTF16PtrFromString(`SOFTWARE\Microsoft\Cryptography`)
	if err != nil {
		return "", errNoMachineID
	}
	name, err := syscall.UTF16PtrFromString("MachineGuid")
	if err != nil {
		return "", errNoMachineID
	}
	var key syscall.Handle
	if err := syscall.RegOpenKeyEx(syscall.HKEY_LOCAL_MACHINE, path, 0, syscall.KEY_READ|keyWow6464Key, &key); err != nil {
		return "", errNoMachineID
	}
	defer func() { _ = syscall.RegCloseKey(key) }() // it was only read
	var kind uint32
	value := make([]byte, 256)
	size := uint32(len(value))
	if err := syscall.RegQueryValueEx(key, name, nil, &kind, &value[0], &size); err != nil || kind != syscall.REG_SZ || int(size) > len(value) {
		return "", errNoMachineID
	}
	var units []uint16
	for i := 0; i+1 < int(size); i += 2 {
		if u := binary.LittleEndian.Uint16(value[i:]); u != 0 {
			units = append(units, u)
		}
	}
	return string(utf16.Decode(units)), nil
}
