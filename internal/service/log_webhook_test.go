package service_test

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

const channel = "https://discord.com/api/webhooks/1/very-secret"

func logWebhook(s *scene) {
	_, err := s.Service.LogWebhook(s.Ctx(), s.app.ID)
	s.refused(err, latchkey.CodeLogWebhookNotSet)
	s.refused(s.Service.DeleteLogWebhook(s.Ctx(), s.app.ID), latchkey.CodeLogWebhookNotSet)
	for _, bad := range []string{"", "discord", "http://discord.com/x", "https://127.0.0.1/x", "https://u:p@discord.com/x", "https://discord.com/x#y"} {
		_, err := s.Service.SetLogWebhook(s.Ctx(), s.app.ID, latchkey.Secret(bad))
		s.refused(err, latchkey.CodeInvalid)
	}
	ses := s.signedIn("30d")
	s.must(s.report(ses, "kept only", ""))
	view, err := s.Service.SetLogWebhook(s.Ctx(), s.app.ID, channel)
	s.must(err)
	if want := (service.LogWebhookView{Host: "discord.com", CreatedAt: s.Clock.Now()}); view != want {
		s.Errorf("%+v, want %+v", view, want)
	}
	s.must(s.report(ses, "posted too", "PC"))
	if got := said(s.logs(service.LogFilter{})); strings.Count(got, ",") != 1 {
		s.Errorf("kept: %s", got)
	}
	c := s.claim()
	d, err := s.Service.NextDelivery(s.Context(), c, latchkey.DeliveryResult{})
	s.must(err)
	line, err := s.Service.PostedLine(s.Context(), d)
	s.must(err)
	user := s.users()[0]
	if line.Message != "posted too" || line.Device != "PC" || line.IP != address || line.App != s.app.Name || line.Webhook.URL != channel ||
		!strings.Contains(line.User, user.ID) || strings.Contains(line.User, user.Name) {
		s.Errorf("%+v", line)
	}
	if n := s.next(c, latchkey.DeliveryResult{}); n != "" {
		s.Errorf("%s is posted as well", n)
	}
	// What waits is dropped with the webhook.
	s.must(s.report(ses, "never posted", ""))
	s.must(s.Service.DeleteLogWebhook(s.Ctx(), s.app.ID))
	s.must(s.report(ses, "nor this", ""))
	if list := s.deliveries(""); len(list) != 0 {
		s.Errorf("deliveries: %+v", list)
	}
	if _, err := s.Service.PostedLine(s.Context(), d); latchkey.CodeOf(err) != latchkey.CodeLogWebhookNotSet {
		s.Errorf("a line is posted nowhere: %v", err)
	}
	// A queue that is full takes no more; lines are kept all the same.
	s.Change(func(c *service.Config) { c.Limits.LogPerMinute = -1 })
	defer s.Change(func(c *service.Config) { c.Limits.LogPerMinute = 0 })
	_, err = s.Service.SetLogWebhook(s.Ctx(), s.app.ID, channel)
	s.must(err)
	s.reportMany(1_010, ses, "many")
	if waiting, _, err := s.Service.DeliveryLoad(s.Context()); waiting != 1_000 || err != nil {
		s.Errorf("%d wait (%v)", waiting, err)
	}
	s.must(s.Service.DeleteLogWebhook(s.Ctx(), s.app.ID))
	events, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: service.MaxLimit}})
	s.must(err)
	text, err := json.Marshal(events)
	s.must(err)
	if strings.Contains(string(text), "very-secret") {
		s.Error("the audit log has the address")
	}
}

func logWebhookStop(s *scene) {
	ses := s.start()
	_, err := s.Service.SetLogWebhook(s.Ctx(), s.app.ID, channel)
	s.must(err)
	s.must(s.report(ses, "one", ""))
	s.must(s.report(ses, "two", ""))
	c := s.claim()
	d, err := s.Service.NextDelivery(s.Context(), c, latchkey.DeliveryResult{})
	s.must(err)
	line, err := s.Service.PostedLine(s.Context(), d)
	s.must(err)
	s.must(s.Service.StopLogWebhook(s.Context(), &line.Webhook, "status 404"))
	if more := s.next(c, result(latchkey.DeliveryRefused)); more != "" {
		s.Errorf("then %s", more)
	}
	s.must(s.report(ses, "three", ""))
	if list := s.deliveries(""); len(list) != 0 {
		s.Errorf("deliveries: %+v", list)
	}
	view, err := s.Service.LogWebhook(s.Ctx(), s.app.ID)
	s.must(err)
	if view.Error != "status 404" || !view.StoppedAt.Equal(s.Clock.Now()) {
		s.Errorf("%+v", view)
	}
	if got := s.actions()[0]; got != "log_webhook.stop" {
		s.Errorf("audit: %s", got)
	}
	s.Clock.Advance(time.Second)
	_, err = s.Service.SetLogWebhook(s.Ctx(), s.app.ID, channel)
	s.must(err)
	s.must(s.Service.StopLogWebhook(s.Context(), &line.Webhook, "status 404")) // of the one before
	s.must(s.report(ses, "four", ""))
	if ids := s.drain(); len(ids) != 1 {
		s.Errorf("%d are posted", len(ids))
	}
}
