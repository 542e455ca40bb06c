package service_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// Customers ask for a reset of their devices where the app says so.
func TestResetRequests(t *testing.T) {
	tell(t, []story{
		{"a request waits, and is approved by a reset", resetApproved},
		{"one that is declined leaves the devices, and the cool-down begins", resetDeclined},
		{"who has no device asks for nothing", resetOfNothing},
		{"it ends with the last device, and not before", resetByUnbinding},
		{"resets of many and of what a filter leaves approve", resetOfMany},
		{"those that wait are approved or declined after the setting is off", resetSettingOff},
		{"a request, its approval and a sign-in at once leave nothing half done", resetRequestRace},
		{"an approval and a decline at once: one of them is", resetDecisionRace},
	})
}

// asksForReset has a customer ask; their app is as before afterwards.
func (s *scene) asksForReset(ctx context.Context, name, password string) {
	s.Helper()
	before := s.app.Settings
	_, err := s.Service.UpdateApp(ctx, s.app.ID, service.AppEdit{CustomerPanel: point(true), DeviceResetApproval: point(true)})
	s.must(err)
	app, err := s.Service.PanelApp(s.Context(), s.app.OwnerID, s.app.Name)
	s.must(err)
	s.must(s.asksReset(app, name, password))
	_, err = s.Service.UpdateApp(ctx, s.app.ID, service.AppEdit{CustomerPanel: &before.CustomerPanel, DeviceResetApproval: &before.DeviceResetApproval})
	s.must(err)
}

// asksReset has a customer come to their page and reset their devices there.
func (s *scene) asksReset(app *service.ClientApp, name, password string) error {
	p, err := s.visit(app, name, password, "")
	if err != nil {
		return err
	}
	_, _, err = s.Service.PanelResetDevices(from(address), app, p.Token)
	return err
}

// askers makes users with a device each, who ask for a reset.
func (s *scene) askers(names ...string) (app *service.ClientApp, list []service.UserView) {
	s.Helper()
	app = s.withPanel()
	s.edit(service.AppEdit{DeviceResetApproval: point(true)})
	for _, name := range names {
		u := s.user(name, "secret")
		_, err := s.login(name, "secret", machine)
		s.must(err)
		s.must(s.asksReset(app, name, "secret"))
		list = append(list, s.found(u.ID))
	}
	return app, list
}

// waiting are the names of those whose request waits.
func (s *scene) waiting() []string {
	s.Helper()
	list, err := s.Service.ListUsers(s.Ctx(), s.app.ID, service.UserFilter{ResetRequested: point(true)})
	s.must(err)
	names := []string{}
	for _, u := range list.Items {
		names = append(names, u.Name)
	}
	slices.Sort(names)
	if n := s.stats().ResetRequests; n != int64(len(names)) {
		s.Errorf("%d wait, the app counts %d", len(names), n)
	}
	return names
}

func (s *scene) wantWaiting(want ...string) {
	s.Helper()
	if diff := cmp.Diff(append([]string{}, want...), s.waiting()); diff != "" {
		s.Errorf("who waits (-want +got):\n%s", diff)
	}
}

func (s *scene) wantEvent(action string, details map[string]any) {
	s.Helper()
	list, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: 1}})
	s.must(err)
	got := list.Items[0]
	if got.Action != action || !cmp.Equal(details, got.Details) {
		s.Errorf("the audit log has %s %v, want %s %v", got.Action, got.Details, action, details)
	}
}

func resetApproved(s *scene) {
	app, list := s.askers("ann", "bob")
	ann := list[0]
	if !ann.ResetRequested.Equal(s.Clock.Now()) || len(ann.Devices) != 1 || !ann.DevicesReset.IsZero() {
		s.Errorf("%+v", ann)
	}
	s.wantEvent("user.request_reset", map[string]any{"devices": 1.0})
	s.wantWaiting("ann", "bob")
	ses, err := s.login("ann", "secret", machine)
	s.must(err) // a request ends nothing
	s.Clock.Advance(time.Hour)
	events := len(s.newest(s.Ctx(), s.app.ID, service.MaxLimit))
	s.must(s.asksReset(app, "ann", "secret"))
	if got := s.found(ann.ID); !got.ResetRequested.Equal(ann.ResetRequested) || len(s.newest(s.Ctx(), s.app.ID, service.MaxLimit)) != events+1 { // the sign-in to the page
		s.Errorf("asked again: %+v", got)
	}
	change, err := s.Service.ResetUserDevices(s.Ctx(), s.app.ID, ann.ID)
	s.must(err)
	if change != (service.Change{Matched: 1, Changed: 1}) {
		s.Errorf("%+v", change)
	}
	s.wantEvent("user.reset_devices", map[string]any{"devices": 1.0, "requested": true})
	s.refused(s.call(ses), latchkey.CodeSessionNotFound)
	s.wantWaiting("bob")
	if got := s.found(ann.ID); !got.DevicesReset.Equal(s.Clock.Now()) || len(got.Devices) != 0 {
		s.Errorf("%+v", got)
	}
	_, err = s.login("ann", "secret", otherMachine)
	s.must(err)
	s.refused(s.asksReset(app, "ann", "secret"), latchkey.CodeDeviceResetSoon)
	s.Clock.Advance(7 * 24 * time.Hour)
	s.must(s.asksReset(app, "ann", "secret"))
	s.wantWaiting("ann", "bob")
	s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, ann.ID))
	s.wantWaiting("bob")
}

func resetDeclined(s *scene) {
	app, list := s.askers("ann")
	id := list[0].ID
	s.Clock.Advance(time.Hour)
	_, err := s.Service.DeclineReset(s.Ctx(), s.app.ID, id, string(make([]byte, 501)))
	s.refused(err, latchkey.CodeInvalid)
	got, err := s.Service.DeclineReset(s.Ctx(), s.app.ID, id, "asks each day")
	s.must(err)
	if !got.ResetRequested.IsZero() || !got.ResetDeclined.Equal(s.Clock.Now()) || len(got.Devices) != 1 || !got.DevicesReset.IsZero() {
		s.Errorf("%+v", got)
	}
	s.wantEvent("user.decline_reset", map[string]any{"reason": "asks each day"})
	s.wantWaiting()
	_, err = s.Service.DeclineReset(s.Ctx(), s.app.ID, id, "")
	s.refused(err, latchkey.CodeResetNotRequested)
	s.refused(s.asksReset(app, "ann", "secret"), latchkey.CodeDeviceResetSoon)
	s.Clock.Advance(7 * 24 * time.Hour)
	s.must(s.asksReset(app, "ann", "secret"))
	s.wantWaiting("ann")
}

func resetOfNothing(s *scene) {
	app, _ := s.askers()
	s.user("ann", "secret")
	s.must(s.asksReset(app, "ann", "secret"))
	s.wantWaiting()
}

func resetByUnbinding(s *scene) {
	s.edit(service.AppEdit{DevicesPerUser: point(int64(2))})
	_, list := s.askers("ann")
	_, err := s.login("ann", "secret", otherMachine)
	s.must(err)
	ann := s.found(list[0].ID)
	s.must(s.Service.UnbindDevice(s.Ctx(), s.app.ID, ann.ID, ann.Devices[0].ID))
	s.wantWaiting("ann")
	s.must(s.Service.UnbindDevice(s.Ctx(), s.app.ID, ann.ID, ann.Devices[1].ID))
	s.wantEvent("user.reset_device", map[string]any{"device": ann.Devices[1].ID, "requested": true})
	s.wantWaiting()
	if got := s.found(ann.ID); !got.DevicesReset.Equal(s.Clock.Now()) {
		s.Errorf("%+v", got)
	}
}

func resetOfMany(s *scene) {
	_, list := s.askers("ann", "bob", "cid")
	s.user("dot", "secret")
	s.must(drop(s.login("dot", "secret", machine)))
	asked := service.UserSelection{Filter: &service.UserFilter{ResetRequested: point(true)}}
	got, err := s.Service.ResetDevices(s.Ctx(), s.app.ID, service.UserSelection{IDs: []string{list[2].ID}}, service.BulkCall{})
	s.must(err)
	if got.Change != (service.Change{Matched: 1, Changed: 1}) || got.Before.ResetRequests != 3 || got.After.ResetRequests != 2 {
		s.Errorf("%+v", got)
	}
	for _, dry := range []bool{true, false} {
		got, err := s.Service.ResetDevices(s.Ctx(), s.app.ID, asked, service.BulkCall{DryRun: dry})
		s.must(err)
		if got.Change != (service.Change{Matched: 2, Changed: 2}) {
			s.Errorf("dry: %v: %+v", dry, got)
		}
	}
	s.wantWaiting()
	if got := s.named("dot"); len(got.Devices) != 1 {
		s.Errorf("%+v", got)
	}
}

func resetSettingOff(s *scene) {
	app, list := s.askers("ann", "bob", "cid")
	s.edit(service.AppEdit{DeviceResetApproval: point(false)})
	s.wantWaiting("ann", "bob", "cid")
	_, err := s.Service.DeclineReset(s.Ctx(), s.app.ID, list[0].ID, "")
	s.must(err)
	_, err = s.Service.ResetUserDevices(s.Ctx(), s.app.ID, list[1].ID)
	s.must(err)
	s.must(s.asksReset(app, "cid", "secret")) // they need nobody any more
	s.wantWaiting()
	if n := len(s.named("cid").Devices); n != 0 {
		s.Errorf("%d devices", n)
	}
}

func resetRequestRace(s *scene) {
	s.edit(service.AppEdit{HWIDResetCooldown: point(int64(0))})
	app, list := s.askers("ann")
	id := list[0].ID
	for range raceRounds() {
		s.Clock.Advance(time.Second)
		errs := together(12, func(i int) error {
			switch i % 3 {
			case 0:
				return s.asksReset(app, "ann", "secret")
			case 1:
				return drop(s.Service.ResetUserDevices(s.Ctx(), s.app.ID, id))
			}
			return drop(s.login("ann", "secret", machine))
		})
		for _, err := range errs { // a page or a session that a reset has ended meanwhile
			if code := latchkey.CodeOf(err); code != "" && code != latchkey.CodeAuthInvalid && code != latchkey.CodeSessionNotFound {
				s.Errorf("answered %v", err)
			}
		}
		got := s.found(id)
		if waits := !got.ResetRequested.IsZero(); waits && len(got.Devices) == 0 {
			s.Errorf("a request waits without a device: %+v", got)
		}
		s.waiting() // and its count
	}
}

func resetDecisionRace(s *scene) {
	s.edit(service.AppEdit{HWIDResetCooldown: point(int64(0))})
	app, list := s.askers("ann")
	id := list[0].ID
	for range raceRounds() {
		errs := together(2, func(i int) error {
			if i == 0 {
				return drop(s.Service.DeclineReset(s.Ctx(), s.app.ID, id, ""))
			}
			return drop(s.Service.ResetUserDevices(s.Ctx(), s.app.ID, id))
		})
		s.must(errs[1])
		got := s.found(id)
		if declined := errs[0] == nil; !declined && latchkey.CodeOf(errs[0]) != latchkey.CodeResetNotRequested ||
			declined == got.DevicesReset.Equal(s.Clock.Now()) || !got.ResetDeclined.IsZero() || len(got.Devices) != 0 {
			s.Errorf("declining answered %v: %+v", errs[0], got)
		}
		s.wantWaiting()
		s.Clock.Advance(time.Second)
		s.must(drop(s.login("ann", "secret", machine)))
		s.must(s.asksReset(app, "ann", "secret"))
	}
}
