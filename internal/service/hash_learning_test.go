package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestHashLearning(t *testing.T) {
	tell(t, []story{
		{"the first hash that a program sends becomes the one that is allowed", learnsHash},
		{"of programs at once one is the first", learnRace},
	})
}

func (s *scene) startsWith(hash string) error {
	_, err := s.Service.ClientInit(outside(), s.client(), service.ClientInit{Protocol: latchkey.Protocol13, Hash: hash})
	return err
}

func learnsHash(s *scene) {
	const md5, other = "0123456789ABCDEF0123456789ABCDEF", "ffffffffffffffffffffffffffffffff"
	s.edit(service.AppEdit{HashCheck: point(true)})
	s.refused(s.startsWith(md5), latchkey.CodeAppHash) // off unless the seller says so
	s.edit(service.AppEdit{HashLearn: point(true)})
	events := len(s.actions())
	for _, none := range []string{"", "short", strings.Repeat("z", 32)} {
		s.refused(s.startsWith(none), latchkey.CodeAppHash)
	}
	_, err := s.Service.ClientInit(outside(), s.client(), service.ClientInit{Protocol: latchkey.Protocol13, Version: "old", Hash: other})
	s.refused(err, latchkey.CodeAppVersion)
	s.must(s.startsWith(md5))
	s.must(s.startsWith(strings.ToLower(md5)))
	s.refused(s.startsWith(other), latchkey.CodeAppHash)
	app, err := s.Service.App(s.Ctx(), s.app.ID)
	s.must(err)
	if diff := cmp.Diff([]string{strings.ToLower(md5)}, app.Settings.Hashes); diff != "" {
		s.Error(diff)
	}
	list, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{})
	s.must(err)
	if ev := list.Items[0]; ev.Action != "app.learn_hash" || ev.Details["hash"] != strings.ToLower(md5) || ev.IP != address || len(s.actions()) != events+1 {
		s.Errorf("event %+v", ev)
	}
	s.edit(service.AppEdit{Hashes: &[]string{}}) // the next version may be learned
	s.must(s.startsWith(other))
	s.refused(s.startsWith(md5), latchkey.CodeAppHash)
}

func learnRace(s *scene) {
	s.edit(service.AppEdit{HashCheck: point(true), HashLearn: point(true)})
	for round := range raceRounds() {
		client := s.client() // all have seen the list empty
		errs := together(8, func(i int) error {
			_, err := s.Service.ClientInit(outside(), client, service.ClientInit{Protocol: latchkey.Protocol13, Hash: fmt.Sprintf("%032d", 8*round+i)})
			return err
		})
		if diff := cmp.Diff(map[latchkey.Code]int{"": 1, latchkey.CodeAppHash: 7}, tally(errs)); diff != "" {
			s.Errorf("answers (-want +got):\n%s", diff)
		}
		s.Clock.Advance(time.Second)
		s.edit(service.AppEdit{Hashes: &[]string{}})
	}
}
