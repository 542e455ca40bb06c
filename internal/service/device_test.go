package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

func TestDevices(t *testing.T) {
	tell(t, []story{
		{"the first device binds by itself, and only the very same one is let in", exactDevice},
		{"with force off a user without a device signs in bare, one with a device must name it", forceOff},
		{"with the rule off hardware ids are neither asked for nor bound", ruleOff},
		{"a user whom the rule does not affect signs in from anywhere", notAffected},
		{"the app says how many devices, or the user's own number does", deviceLimits},
		{"the app says how short a hardware id may be", hwidLength},
		{"register binds no hardware id that a sign-in would refuse", registerShort},
		{"a reset device makes room for another", resetDevice},
		{"a reset of a selection counts who had devices", resetSelection},
		{"of 50 devices at once no more than the limit are bound", deviceRace},
		{"50 sign-ins from one device at once bind it once", sameDeviceRace},
	})
}

func exactDevice(s *scene) {
	key := s.key("30d")
	_, err := s.license(key, "\t"+machine+"\r\n")
	s.must(err)
	user := s.named(key)
	if d := user.Devices; len(d) != 1 || d[0].HWID != machine || !d[0].BoundAt.Equal(s.Clock.Now()) {
		s.Errorf("bound to %+v", d)
	}
	if log := s.actions(); log[0] != "device.bind" {
		s.Errorf("the audit log's last event is %s, want device.bind", log[0])
	}
	for _, hwid := range []string{otherMachine, machine[:len(machine)-1], machine[1:], machine + "0", strings.ToUpper(machine), machine[:20]} {
		_, err := s.license(key, hwid)
		s.refused(err, latchkey.CodeDeviceMismatch)
	}
	_, err = s.license(key, "")
	s.refused(err, latchkey.CodeDeviceRequired)
	if diff := cmp.Diff(user.Devices, s.named(key).Devices); diff != "" {
		s.Errorf("devices changed (-before +after):\n%s", diff)
	}
}

func forceOff(s *scene) {
	s.edit(service.AppEdit{ForceHWID: point(false)})
	bare := s.key("30d")
	for range 2 {
		_, err := s.license(bare, "")
		s.must(err)
	}
	if d := s.named(bare).Devices; len(d) != 0 {
		s.Errorf("bound to %d devices, want none", len(d))
	}
	_, err := s.license(bare, machine)
	s.must(err)
	_, err = s.license(bare, "")
	s.refused(err, latchkey.CodeDeviceMismatch) // a blank must not pass
	_, err = s.license(bare, otherMachine)
	s.refused(err, latchkey.CodeDeviceMismatch)
	_, err = s.license(bare, machine)
	s.must(err)
	_, err = s.license(s.key("30d"), "short")
	s.refused(err, latchkey.CodeDeviceShort)
}

func ruleOff(s *scene) {
	s.edit(service.AppEdit{DeviceRule: point(false)})
	key := s.key("30d")
	for _, hwid := range []string{"", machine, otherMachine, "short"} {
		_, err := s.license(key, hwid)
		s.must(err)
	}
	if d := s.named(key).Devices; len(d) != 0 {
		s.Errorf("bound to %d devices, want none", len(d))
	}
	s.edit(service.AppEdit{DeviceRule: point(true)})
	_, err := s.license(key, machine)
	s.must(err)
	_, err = s.license(key, otherMachine)
	s.refused(err, latchkey.CodeDeviceMismatch)
}

func notAffected(s *scene) {
	ann := s.user("ann", "secret")
	_, err := s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, service.UserEdit{HWIDAffected: point(false)})
	s.must(err)
	for _, hwid := range []string{"", machine, otherMachine, "short"} {
		_, err := s.login("ann", "secret", hwid)
		s.must(err)
	}
	_, err = s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, service.UserEdit{HWIDAffected: point(true)})
	s.must(err)
	_, err = s.login("ann", "secret", "")
	s.refused(err, latchkey.CodeDeviceRequired)
}

func machineNo(i int) string { return fmt.Sprintf("hardware-id-number-%04d", i) }

func deviceLimits(s *scene) {
	ann := s.user("ann", "secret")
	bound := func(want int) {
		s.Helper()
		for i := range want {
			_, err := s.login("ann", "secret", machineNo(i))
			s.must(err)
		}
		_, err := s.login("ann", "secret", machineNo(want))
		s.refused(err, latchkey.CodeDeviceMismatch)
		if n := len(s.found(ann.ID).Devices); n != want {
			s.Errorf("bound to %d devices, want %d", n, want)
		}
	}
	bound(1)
	s.edit(service.AppEdit{DevicesPerUser: point(int64(2))})
	bound(2)
	limit := func(n *int64) error {
		_, err := s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, service.UserEdit{DeviceLimit: &n})
		return err
	}
	s.must(limit(point(int64(4))))
	bound(4)
	s.must(limit(nil)) // back to the app's two; devices bound before stay
	_, err := s.login("ann", "secret", machineNo(3))
	s.must(err)
	_, err = s.login("ann", "secret", machineNo(4))
	s.refused(err, latchkey.CodeDeviceMismatch)
	for _, n := range []int64{0, -1, latchkey.MaxDevicesPerUser + 1} {
		s.refused(limit(&n), latchkey.CodeInvalid)
	}
}

func hwidLength(s *scene) {
	key := s.key("30d")
	_, err := s.license(key, strings.Repeat("x", 19))
	s.refused(err, latchkey.CodeDeviceShort)
	_, err = s.license(key, strings.Repeat("x", 257))
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.license(key, strings.Repeat("x", 20)+"\xff")
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{MinHWIDLength: point(int64(7))})
	s.refused(err, latchkey.CodeInvalid)
	s.edit(service.AppEdit{MinHWIDLength: point(int64(8))})
	_, err = s.license(key, "12345678")
	s.must(err)
	_, err = s.license(s.key("30d"), strings.Repeat("x", 256))
	s.must(err)
}

func resetDevice(s *scene) {
	s.edit(service.AppEdit{DevicesPerUser: point(int64(2))})
	key := s.key("30d")
	for i := range 2 {
		_, err := s.license(key, machineNo(i))
		s.must(err)
		s.Clock.Advance(time.Second) // devices are listed in the order of their binding
	}
	user := s.named(key)
	s.refused(s.Service.UnbindDevice(s.Ctx(), s.app.ID, user.ID, "dev_none"), latchkey.CodeDeviceNotFound)
	s.refused(s.Service.UnbindDevice(s.Ctx(), s.app.ID, s.user("ann", "secret").ID, user.Devices[0].ID), latchkey.CodeDeviceNotFound)
	s.must(s.Service.UnbindDevice(s.Ctx(), s.app.ID, user.ID, user.Devices[0].ID))
	_, err := s.license(key, machineNo(5))
	s.must(err)
	_, err = s.license(key, machineNo(0))
	s.refused(err, latchkey.CodeDeviceMismatch)
	_, err = s.license(key, machineNo(1))
	s.must(err)
}

func resetSelection(s *scene) {
	ann, bob, eve := s.user("ann", "secret"), s.user("bob", "secret"), s.user("eve", "secret")
	for _, name := range []string{"ann", "bob"} {
		_, err := s.login(name, "secret", machine)
		s.must(err)
	}
	got, err := s.Service.ResetDevices(s.Ctx(), s.app.ID, service.UserSelection{IDs: []string{ann.ID, eve.ID, "usr_none"}}, service.BulkCall{})
	s.must(err)
	if diff := cmp.Diff(service.Change{Matched: 2, Changed: 1}, got.Change); diff != "" {
		s.Errorf("resetting two (-want +got):\n%s", diff)
	}
	_, err = s.login("ann", "secret", otherMachine)
	s.must(err)
	_, err = s.login("bob", "secret", otherMachine)
	s.refused(err, latchkey.CodeDeviceMismatch)
	got, err = s.Service.ResetDevices(s.Ctx(), s.app.ID, service.UserSelection{All: true}, service.BulkCall{})
	s.must(err)
	if diff := cmp.Diff(service.Change{Matched: 3, Changed: 2}, got.Change); diff != "" {
		s.Errorf("resetting all (-want +got):\n%s", diff)
	}
	if n := len(s.found(bob.ID).Devices); n != 0 {
		s.Errorf("bob is bound to %d devices still", n)
	}
}

func deviceRace(s *scene) { raceDevices(s, []*servicetest.Env{s.Env}) }

// raceDevices has 50 devices of each user sign in at once where 3 are allowed,
// both as the user's first sign-in and as later ones.
func raceDevices(s *scene, servers []*servicetest.Env) {
	s.edit(service.AppEdit{DevicesPerUser: point(int64(3))})
	for round := range raceRounds() {
		key := s.key("30d")
		if round%2 == 0 {
			_, err := s.license(key, machineNo(0))
			s.must(err)
		}
		client := s.client()
		errs := together(50, func(i int) error {
			server := servers[i%len(servers)]
			_, err := server.Service.ClientLicense(outside(), client, server.Session(client), service.ClientSignIn{Key: key, HWID: machineNo(i)})
			return err
		})
		if diff := cmp.Diff(map[latchkey.Code]int{"": 3, latchkey.CodeDeviceMismatch: 47}, tally(errs)); diff != "" {
			s.Errorf("answers (-want +got):\n%s", diff)
		}
		if n := len(s.named(key).Devices); n != 3 {
			s.Errorf("bound to %d devices, want exactly 3", n)
		}
	}
}

func sameDeviceRace(s *scene) {
	s.edit(service.AppEdit{DevicesPerUser: point(int64(3))})
	ann := s.user("ann", "secret")
	client := s.client()
	errs := together(50, func(int) error {
		_, err := s.Service.ClientLogin(outside(), client, s.Session(client), service.ClientSignIn{Username: "ann", Password: "secret", HWID: machine})
		return err
	})
	if diff := cmp.Diff(map[latchkey.Code]int{"": 50}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
	if n := len(s.found(ann.ID).Devices); n != 1 {
		s.Errorf("bound to %d devices, want one row", n)
	}
}

func TestDeviceRaceAcrossServers(t *testing.T) {
	first, second := servicetest.NewPair(t)
	raceDevices(&scene{T: t, Env: first, app: first.App("race")}, []*servicetest.Env{first, second})
}

func registerShort(s *scene) {
	key, short := s.key("30d"), machine[:19] // one less than the app asks for
	for range 2 {                            // again, as if the answer was lost
		_, err := s.register("ann", "secret", key, short)
		s.must(err)
		if d := s.named("ann").Devices; len(d) != 0 {
			s.Errorf("bound to %+v", d)
		}
	}
	_, err := s.login("ann", "secret", short)
	s.refused(err, latchkey.CodeDeviceShort)
	_, err = s.login("ann", "secret", machine)
	s.must(err)
	if d := s.named("ann").Devices; len(d) != 1 || d[0].HWID != machine {
		s.Errorf("bound to %+v", d)
	}
	for _, hwid := range []string{short, otherMachine} { // no way around the device that is bound now
		_, err = s.register("ann", "secret", key, hwid)
		s.refused(err, latchkey.CodeDeviceMismatch)
	}
	_, err = s.register("bob", "secret", s.key("30d"), machine[:20])
	s.must(err)
	if d := s.named("bob").Devices; len(d) != 1 {
		s.Errorf("bound to %+v", d)
	}
}
