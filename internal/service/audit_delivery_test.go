package service_test

import (
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func auditWebhookStops(s *scene) {
	s.setAuditWebhook("")
	stopped := func(why string) {
		s.Helper()
		v, err := s.Service.AuditWebhook(s.Ctx(), s.app.ID)
		s.must(err)
		if !v.StoppedAt.Equal(s.Clock.Now()) || v.Error != why || !v.NextAt.IsZero() {
			s.Errorf("%+v", v)
		}
		if got := s.actions()[0]; got != "audit_webhook.stop" {
			s.Errorf("audit: %s", got)
		}
		s.Clock.Advance(24 * time.Hour)
		if claims := s.auditClaims(); len(claims) != 0 {
			s.Error("it goes on by itself")
		}
		v, err = s.Service.ResumeAuditWebhook(s.Ctx(), s.app.ID)
		s.must(err)
		if !v.StoppedAt.IsZero() || v.Error != "" || v.Behind() == 0 {
			s.Errorf("told to go on: %+v", v)
		}
	}
	c, _ := s.auditPost()
	s.must(s.Service.EndAuditDelivery(s.Context(), c, latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "status 410"}))
	stopped("status 410")
	tries := 0
	for began := s.Clock.Now(); ; s.Clock.Advance(6 * time.Hour) {
		c, _ := s.auditPost()
		if c == nil {
			s.Clock.Advance(-6 * time.Hour)
			break
		}
		if tries++; s.Clock.Now().Sub(began) > 73*time.Hour {
			s.Fatal("it is tried for ever")
		}
		s.must(s.Service.EndAuditDelivery(s.Context(), c, latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "status 500", Wait: time.Hour}))
	}
	if tries != 13 {
		s.Errorf("tried %d times in three days", tries)
	}
	stopped("status 500")
	if got := s.deliverAudit(); !cmp.Equal(got, []string{"audit_webhook.set", "audit_webhook.stop", "audit_webhook.resume", "audit_webhook.stop", "audit_webhook.resume"}) {
		s.Errorf("then delivered: %v", got)
	}
	s.removeAuditWebhook()
}

func auditWebhookChanged(s *scene) {
	s.setAuditWebhook("")
	for what, change := range map[string]func(){
		"another URL": func() { drop(s.Service.SetAuditWebhook(s.Ctx(), s.app.ID, "https://other.example.com/", "")) },
		"removed":     s.removeAuditWebhook,
	} {
		if _, err := s.Service.SetAuditWebhook(s.Ctx(), s.app.ID, receiver, ""); err != nil {
			s.Fatal(err)
		}
		s.Clock.Advance(time.Second)
		before, under := s.auditPost()
		change()
		if _, over, err := s.Service.AuditPost(s.Context(), before); !over || err != nil {
			s.Errorf("%s: a message of the one before is sent (%v)", what, err)
		}
		for _, outcome := range []latchkey.DeliveryOutcome{latchkey.DeliveryMade, latchkey.DeliveryRefused} {
			s.must(s.Service.EndAuditDelivery(s.Context(), before, latchkey.DeliveryResult{Outcome: outcome, Error: "status 410"}))
		}
		v, err := s.Service.AuditWebhook(s.Ctx(), s.app.ID)
		if latchkey.CodeOf(err) == latchkey.CodeAuditWebhookNotSet {
			continue
		}
		s.must(err)
		if v.Delivered >= under.Last || !v.StoppedAt.IsZero() || v.Error != "" {
			s.Errorf("%s: what the one before said counts: %+v", what, v)
		}
		s.removeAuditWebhook()
	}
}

func auditWebhookRace(s *scene) {
	s.setAuditWebhook("")
	var mu sync.Mutex
	var own int
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			claims, _, err := s.Service.ClaimAuditDeliveries(s.Context(), 100, 100)
			if err != nil {
				s.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, c := range claims {
				if c.AppID == s.app.ID {
					own++
				}
			}
		})
	}
	all.Wait()
	if own != 1 {
		s.Errorf("%d have it", own)
	}
	s.removeAuditWebhook()
}

func auditWebhookDies(s *scene) {
	s.setAuditWebhook("")
	dead, under := s.auditPost() // and nothing is heard of it any more
	s.Licenses(s.app.ID, 1, "1d")
	s.Clock.Advance(59 * time.Second)
	if c := s.auditClaims(); len(c) != 0 {
		s.Error("its lease did not last")
	}
	s.Clock.Advance(time.Second)
	c, p := s.auditPost()
	if c == nil || p.ID() != under.ID() {
		s.Fatal("the message is lost, or another one")
	}
	s.must(s.Service.EndAuditDelivery(s.Context(), dead, latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused}))
	s.must(s.Service.EndAuditDelivery(s.Context(), c, latchkey.DeliveryResult{}))
	s.Clock.Advance(time.Second)
	if got := s.deliverAudit(); !cmp.Equal(got, []string{"license.create"}) {
		s.Errorf("then %v", got)
	}
	s.removeAuditWebhook()
}
