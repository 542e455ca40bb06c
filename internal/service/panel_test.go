package service_test

import (
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// What the calls of customers' pages answer is told over HTTP, in
// internal/panelapi; here is what happens at once, and on both engines.
func TestPanel(t *testing.T) {
	tell(t, []story{
		{"a customer comes in, does what there is to do, and goes", panelVisit},
		{"of many resets of devices at once one is made", panelResetRace},
		{"of many sign-ins with one code at once one succeeds", panelCodeRace},
		{"a password that is set at the first sign-in may be set here", panelFirstPassword},
		{"sessions that are over are swept", panelSweep},
	})
}

func (s *scene) withPanel() *service.ClientApp {
	s.Helper()
	_, err := s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{CustomerPanel: point(true)})
	s.must(err)
	app, err := s.Service.PanelApp(s.Context(), s.app.OwnerID, s.app.Name)
	s.must(err)
	return app
}

func (s *scene) visit(app *service.ClientApp, name, password, code string) (service.PanelSession, error) {
	s.Helper()
	return s.Service.PanelSignIn(from(address), app, service.PanelSignIn{UserAgent: "a browser",
		ClientSignIn: service.ClientSignIn{Username: name, Password: latchkey.Secret(password), Code: code}})
}

func panelVisit(s *scene) {
	app := s.withPanel()
	s.annWith("mumble frotz")
	ses, err := s.login("ann", "mumble frotz", machine)
	s.must(err)
	p, err := s.visit(app, "ann", "mumble frotz", "")
	s.must(err)
	card, err := s.Service.PanelCard(from(address), app, p.Token)
	s.must(err)
	if card.Name != "ann" || len(card.Devices) != 1 || len(card.Holdings) != 1 {
		s.Errorf("%+v", card)
	}
	list, err := s.Service.PanelSessions(from(address), app, p.Token)
	s.must(err)
	if len(list.Programs) != 1 || len(list.Pages) != 1 || list.Pages[0].IP != address || list.Pages[0].UserAgent != "a browser" {
		s.Errorf("%+v", list)
	}
	card, err = s.Service.PanelRedeem(from(address), app, p.Token, s.key("30d"))
	s.must(err)
	if left := card.Holdings[0].TimeLeft(s.Clock.Now()); left != 60*24*time.Hour {
		s.Errorf("%s are left", left)
	}
	renewed, err := s.Service.PanelChangePassword(from(address), app, p.Token, "mumble frotz", "frotz mumble")
	s.must(err)
	s.refused(s.call(ses), latchkey.CodeSessionNotFound)
	_, err = s.Service.PanelCard(from(address), app, p.Token)
	s.refused(err, latchkey.CodeAuthInvalid)
	s.must(s.Service.PanelSignOut(from(address), app, renewed))
	_, err = s.Service.OpenPanel(from(address), app, renewed)
	s.refused(err, latchkey.CodeAuthInvalid)
	_, err = s.login("ann", "frotz mumble", machine)
	s.must(err)
	signIns, err := s.Service.ListSignIns(s.Ctx(), s.app.ID, s.named("ann").ID, service.Page{})
	s.must(err)
	if len(signIns.Items) != 3 {
		s.Errorf("%d sign-ins", len(signIns.Items))
	}
}

func panelResetRace(s *scene) {
	app := s.withPanel()
	s.annWith("mumble frotz")
	for range raceRounds() {
		_, err := s.login("ann", "mumble frotz", machine)
		s.must(err)
		tokens := make([]latchkey.Secret, 10)
		for i := range tokens {
			p, err := s.visit(app, "ann", "mumble frotz", "")
			s.must(err)
			tokens[i] = p.Token
		}
		errs := together(len(tokens), func(i int) error {
			_, _, err := s.Service.PanelResetDevices(from(address), app, tokens[i])
			return err
		})
		if got := tally(errs); got[""] != 1 || got[latchkey.CodeAuthInvalid] != len(tokens)-1 {
			s.Errorf("%v", got)
		}
		s.Clock.Advance(7 * 24 * time.Hour)
	}
}

func panelCodeRace(s *scene) {
	app := s.withPanel()
	s.annWith("mumble frotz")
	ses, err := s.login("ann", "mumble frotz", machine)
	s.must(err)
	a := s.secondFactor(ses)
	for range raceRounds() {
		s.Clock.Advance(16 * time.Minute)
		code := a.code(0)
		errs := together(5, func(int) error {
			_, err := s.visit(app, "ann", "mumble frotz", code)
			return err
		})
		if got := tally(errs); got[""] != 1 {
			s.Errorf("%v", got)
		}
	}
}

func panelFirstPassword(s *scene) {
	app := s.withPanel()
	u := s.annWith("")
	if u.PasswordState != latchkey.PasswordFirstSignIn {
		s.Fatalf("%+v", u)
	}
	_, err := s.visit(app, "ann", "mumble frotz", "")
	s.must(err)
	_, err = s.visit(app, "ann", "frotz mumble", "")
	s.refused(err, latchkey.CodePasswordWrong)
}

func panelSweep(s *scene) {
	app := s.withPanel()
	s.annWith("mumble frotz")
	p, err := s.visit(app, "ann", "mumble frotz", "")
	s.must(err)
	s.Clock.Advance(latchkey.PanelSessionMax)
	_, err = s.Service.SweepSessions(s.Context())
	s.must(err)
	_, err = s.Service.OpenPanel(from(address), app, p.Token)
	s.refused(err, latchkey.CodeAuthInvalid)
}
