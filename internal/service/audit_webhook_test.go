package service_test

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	reference "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestAuditWebhook(t *testing.T) {
	tell(t, []story{
		{"it is set, shown without its address, and removed", auditWebhookSet},
		{"it begins now, at the start, or where the one before was", auditWebhookFrom},
		{"the log is delivered in order, and what is tried again is the same", auditWebhookDelivers},
		{"a secret that is replaced signs for a day beside the new one", auditWebhookSecret},
		{"who is gone, or takes nothing for three days, is stopped until told to go on", auditWebhookStops},
		{"nothing of a webhook that was changed or removed is sent or counted", auditWebhookChanged},
		{"of many servers one delivers", auditWebhookRace},
		{"a server that dies loses nothing", auditWebhookDies},
		{"who may set it may read the log, and has typed the password", auditWebhookMay},
		{"a test is signed, has no events, and is not in the log", auditWebhookTest},
	})
}

// auditClaims takes this app's webhook, if it is due.
func (s *scene) auditClaims() []*service.AuditClaim {
	s.Helper()
	all, _, err := s.Service.ClaimAuditDeliveries(s.Context(), 100, 100)
	s.must(err)
	var own []*service.AuditClaim
	for _, c := range all {
		if c.AppID == s.app.ID {
			own = append(own, c)
		}
	}
	return own
}

// auditPost is the message that is due now, nil if none is.
func (s *scene) auditPost() (*service.AuditClaim, *service.AuditPost) {
	s.Helper()
	claims := s.auditClaims()
	if len(claims) == 0 {
		return nil, nil
	}
	p, over, err := s.Service.AuditPost(s.Context(), claims[0])
	s.must(err)
	if over {
		s.Fatal("it is over before it began")
	}
	return claims[0], &p
}

// deliverAudit delivers everything that is due and returns its events.
func (s *scene) deliverAudit() (actions []string) {
	s.Helper()
	for {
		c, p := s.auditPost()
		if c == nil {
			return actions
		}
		for _, e := range p.Events {
			actions = append(actions, e.Action)
		}
		s.must(s.Service.EndAuditDelivery(s.Context(), c, latchkey.DeliveryResult{}))
		s.Clock.Advance(time.Second)
	}
}

func (s *scene) setAuditWebhook(from service.AuditFrom) service.AuditWebhookView {
	s.Helper()
	v, err := s.Service.SetAuditWebhook(s.Ctx(), s.app.ID, receiver, from)
	s.must(err)
	return v
}

func (s *scene) removeAuditWebhook() {
	s.Helper()
	s.must(s.Service.DeleteAuditWebhook(s.Ctx(), s.app.ID))
}

func auditWebhookSet(s *scene) {
	for what, err := range map[string]error{
		"show":   drop(s.Service.AuditWebhook(s.Ctx(), s.app.ID)),
		"rotate": drop(s.Service.RotateAuditWebhookSecret(s.Ctx(), s.app.ID)),
		"resume": drop(s.Service.ResumeAuditWebhook(s.Ctx(), s.app.ID)),
		"test":   drop(s.Service.TestAuditWebhook(s.Ctx(), s.app.ID)),
		"remove": s.Service.DeleteAuditWebhook(s.Ctx(), s.app.ID),
	} {
		if latchkey.CodeOf(err) != latchkey.CodeAuditWebhookNotSet {
			s.Errorf("%s: %v", what, err)
		}
	}
	for _, bad := range []latchkey.Secret{"", "receiver", "http://receiver.example.com/x", "https://127.0.0.1/x", "https://[::1]/x", "https://u:p@receiver.example.com/x", "https://receiver.example.com/x#y", "https://receiver.example.com:22/"} {
		_, err := s.Service.SetAuditWebhook(s.Ctx(), s.app.ID, bad, "")
		s.refused(err, latchkey.CodeInvalid)
		s.blames(err, "url")
	}
	_, err := s.Service.SetAuditWebhook(s.Ctx(), s.app.ID, receiver, "yesterday")
	s.blames(err, "from")
	before := int64(len(s.actions()))
	set := s.setAuditWebhook("")
	if !strings.HasPrefix(set.Secret.Reveal(), "whsec_") {
		s.Error("no secret is shown")
	}
	set.Secret = ""
	want := service.AuditWebhookView{Host: "receiver.example.com", CreatedAt: s.Clock.Now(), Delivered: before, Last: before}
	if !cmp.Equal(want, set) {
		s.Errorf("(-want +got):\n%s", cmp.Diff(want, set))
	}
	got, err := s.Service.AuditWebhook(s.Ctx(), s.app.ID)
	s.must(err)
	want.Last++ // the event that tells of it
	if !cmp.Equal(want, got) || got.Behind() != 1 {
		s.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
	}
	s.removeAuditWebhook()
	if got := s.actions()[:2]; !cmp.Equal(got, []string{"audit_webhook.delete", "audit_webhook.set"}) {
		s.Errorf("audit: %v", got)
	}
	events, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: service.MaxLimit}})
	s.must(err)
	text, err := json.Marshal(events)
	s.must(err)
	if strings.Contains(string(text), "very-secret") || strings.Contains(string(text), "whsec_") {
		s.Error("the audit log has the address or the secret")
	}
}

func auditWebhookFrom(s *scene) {
	s.Licenses(s.app.ID, 1, "1d")
	s.setAuditWebhook("")
	if got := s.deliverAudit(); !cmp.Equal(got, []string{"audit_webhook.set"}) {
		s.Errorf("a first one begins with %v", got)
	}
	s.Licenses(s.app.ID, 1, "1d")
	s.setAuditWebhook("")
	if got := s.deliverAudit(); !cmp.Equal(got, []string{"license.create", "audit_webhook.set"}) {
		s.Errorf("another goes on with %v", got)
	}
	s.Licenses(s.app.ID, 1, "1d")
	s.setAuditWebhook(service.AuditFromNow)
	if got := s.deliverAudit(); !cmp.Equal(got, []string{"audit_webhook.set"}) {
		s.Errorf("one that begins now: %v", got)
	}
	s.setAuditWebhook(service.AuditFromStart)
	if got := s.deliverAudit(); len(got) != len(s.actions()) || got[0] != "app.create" {
		s.Errorf("one that begins at the start: %v", got)
	}
	s.removeAuditWebhook()
}

func auditWebhookDelivers(s *scene) {
	for range 250 {
		s.Licenses(s.app.ID, 1, "1d")
	}
	s.setAuditWebhook(service.AuditFromStart)
	total := int64(len(s.actions()))
	previous := strings.Repeat("00", 32)
	var ids []string
	for next := int64(1); next <= total; {
		c, p := s.auditPost()
		if c == nil {
			s.Fatalf("nothing is due at event %d of %d", next, total)
		}
		if again := s.auditClaims(); len(again) != 0 {
			s.Error("two have it at once")
		}
		if p.First != next || p.Previous != previous || len(p.Events) > latchkey.MaxAuditBatch || p.URL != receiver {
			s.Fatalf("message %s: %d events after %s, want to go on at %d", p.ID(), len(p.Events), p.Previous, next)
		}
		hash, err := hex.DecodeString(previous)
		s.must(err)
		for _, e := range p.Events {
			if e.Seq != next || e.ChainHash([32]byte(hash), e.Stored) != e.Hash {
				s.Fatalf("event %d does not continue the chain", e.Seq)
			}
			hash, next = e.Hash[:], next+1
		}
		// The log grows meanwhile: what is tried again is the same all the same.
		if len(ids) < 2 {
			s.Licenses(s.app.ID, 1, "1d")
			total++
		}
		s.must(s.Service.EndAuditDelivery(s.Context(), c, result(latchkey.DeliveryUnreachable)))
		if again := s.auditClaims(); len(again) != 0 {
			s.Error("it does not wait after a failure")
		}
		v, err := s.Service.AuditWebhook(s.Ctx(), s.app.ID)
		s.must(err)
		if v.Error != "a reason" || !v.FailingSince.Equal(s.Clock.Now()) || !v.NextAt.After(s.Clock.Now()) || v.Delivered != p.First-1 || v.Behind() != total-p.First+1 {
			s.Errorf("after a failure %+v", v)
		}
		s.Clock.Advance(time.Minute)
		c, again := s.auditPost()
		if !c.Failing() || again.ID() != p.ID() || !cmp.Equal(p.AuditMessage, again.AuditMessage) {
			s.Errorf("again: %s, was %s", again.ID(), p.ID())
		}
		s.must(s.Service.EndAuditDelivery(s.Context(), c, latchkey.DeliveryResult{}))
		if v, err = s.Service.AuditWebhook(s.Ctx(), s.app.ID); v.Error != "" || v.Delivered != p.Last || !v.DeliveredAt.Equal(s.Clock.Now()) || !v.FailingSince.IsZero() || !v.NextAt.IsZero() {
			s.Errorf("after a success %+v (%v)", v, err)
		}
		previous = p.Hash
		ids = append(ids, p.ID())
		s.Clock.Advance(time.Second)
	}
	if len(ids) < 3 || len(ids) > 5 {
		s.Errorf("messages %v", ids)
	}
	// Deliveries left nothing in the log that would be delivered in turn.
	if got := int64(len(s.actions())); got != total {
		s.Errorf("the log has %d events, want %d", got, total)
	}
	s.removeAuditWebhook()
}

func auditWebhookSecret(s *scene) {
	first := s.setAuditWebhook("").Secret
	s.Clock.Advance(time.Hour)
	second, err := s.Service.RotateAuditWebhookSecret(s.Ctx(), s.app.ID)
	s.must(err)
	signedBy := func() (list [2]bool) {
		s.Licenses(s.app.ID, 1, "1d")
		c, p := s.auditPost()
		body := []byte(`{"a":1}`)
		h, err := p.Header(body)
		s.must(err)
		for i, secret := range []latchkey.Secret{first, second.Secret} {
			library, err := reference.NewWebhook(secret.Reveal())
			s.must(err)
			list[i] = library.VerifyIgnoringTimestamp(body, h) == nil
		}
		s.must(s.Service.EndAuditDelivery(s.Context(), c, latchkey.DeliveryResult{}))
		s.Clock.Advance(time.Second)
		return list
	}
	if got := signedBy(); got != [2]bool{true, true} {
		s.Errorf("at first signed by the old and the new: %v", got)
	}
	s.Clock.Advance(24 * time.Hour)
	if got := signedBy(); got != [2]bool{false, true} {
		s.Errorf("after a day signed by the old and the new: %v", got)
	}
	first = second.Secret
	if second.Secret = s.setAuditWebhook("").Secret; first == second.Secret {
		s.Error("another URL has the same secret")
	}
	if got := signedBy(); got != [2]bool{false, true} {
		s.Errorf("to another URL signed by the old and the new: %v", got)
	}
	s.removeAuditWebhook()
}

func auditWebhookTest(s *scene) {
	type got struct {
		header http.Header
		body   []byte
	}
	arrived := make(chan got, 1)
	status := http.StatusNoContent
	base := s.listen(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			s.Error(err)
		}
		arrived <- got{r.Header, body}
		w.WriteHeader(status)
	})
	set, err := s.Service.SetAuditWebhook(s.Ctx(), s.app.ID, latchkey.Secret(base+"/audit"), "")
	s.must(err)
	before := s.actions()
	test, err := s.Service.TestAuditWebhook(s.Ctx(), s.app.ID)
	s.must(err)
	if test.Status != status {
		s.Errorf("status %d", test.Status)
	}
	message := <-arrived
	library, err := reference.NewWebhook(set.Secret.Reveal())
	s.must(err)
	s.must(library.VerifyIgnoringTimestamp(message.body, message.header))
	if want := `{"type":"audit.test","timestamp":"` + s.Clock.Now().UTC().Format(time.RFC3339Nano) + `","data":{"app_id":"` + s.app.ID + `"}}`; string(message.body) != want {
		s.Errorf("sent %s, want %s", message.body, want)
	}
	status = http.StatusFound
	if test, err := s.Service.TestAuditWebhook(s.Ctx(), s.app.ID); err != nil || test.Status != status {
		s.Errorf("of a redirect %+v (%v)", test, err)
	}
	<-arrived
	if diff := cmp.Diff(before, s.actions()); diff != "" {
		s.Errorf("a test is in the log (-before +after):\n%s", diff)
	}
	s.removeAuditWebhook()
}

func auditWebhookMay(s *scene) {
	key := service.WithActor(outside(), service.Actor{Kind: service.ActorAPIKey, ID: "key_x", AccountID: s.Owner.Account.ID, Permissions: permissionsBut(latchkey.PermAuditRead)})
	_, err := s.Service.SetAuditWebhook(key, s.app.ID, receiver, "")
	s.refused(err, latchkey.CodeForbidden)
	s.setAuditWebhook("")
	stale := service.ActorFrom(s.Ctx())
	stale.SessionID, stale.ConfirmedUntil = "ses_x", s.Clock.Now()
	ctx := service.WithActor(outside(), stale)
	for what, err := range map[string]error{
		"set":    drop(s.Service.SetAuditWebhook(ctx, s.app.ID, receiver, "")),
		"rotate": drop(s.Service.RotateAuditWebhookSecret(ctx, s.app.ID)),
		"remove": s.Service.DeleteAuditWebhook(ctx, s.app.ID),
	} {
		if latchkey.CodeOf(err) != latchkey.CodeConfirmation {
			s.Errorf("%s: %v", what, err)
		}
	}
	s.must(drop(s.Service.AuditWebhook(ctx, s.app.ID)))
	s.must(drop(s.Service.ResumeAuditWebhook(ctx, s.app.ID)))
	s.removeAuditWebhook()
}
