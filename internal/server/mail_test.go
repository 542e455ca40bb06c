package server

import (
	"context"
	"crypto/rand"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/mail"
	"github.com/latchkey-dev/latchkey/internal/pgtest"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// postOffice is a real SMTP server on loopback, without TLS.
type postOffice struct {
	port  int
	mails chan letter

	mu     sync.Mutex
	refuse error // what the next recipient is answered
}

type letter struct{ to, text string }

func newPostOffice(t *testing.T) *postOffice {
	t.Helper()
	o := &postOffice{mails: make(chan letter, 100)}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &counter{office: o}, nil }))
	srv.ErrorLog = log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	o.port = l.Addr().(*net.TCPAddr).Port
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return o
}

func (o *postOffice) config() mail.Config {
	return mail.Config{Host: "127.0.0.1", Port: o.port, Security: mail.NoTLS, From: "Latchkey <no-reply@example.com>"}
}

// next waits for a mail.
func (o *postOffice) next(t *testing.T) letter {
	t.Helper()
	select {
	case l := <-o.mails:
		return l
	case <-time.After(20 * time.Second):
		t.Fatal("no mail came")
		return letter{}
	}
}

// counter is one connection.
type counter struct {
	office *postOffice
	to     string
}

func (*counter) Mail(string, *smtp.MailOptions) error { return nil }

func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.office.mu.Lock()
	defer c.office.mu.Unlock()
	c.to = to
	return c.office.refuse
}

func (c *counter) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err == nil {
		c.office.mails <- letter{c.to, string(text)}
	}
	return err
}

func (*counter) Reset()        {}
func (*counter) Logout() error { return nil }

func TestTestMail(t *testing.T) {
	office := newPostOffice(t)
	must(t, TestMail(t.Context(), Config{Mail: office.config()}, "ann@example.com"))
	if got := office.next(t); got.to != "ann@example.com" || !strings.Contains(got.text, "This mail was sent by") {
		t.Errorf("the mail: %+v", got)
	}
	if err := TestMail(t.Context(), Config{}, "ann@example.com"); latchkey.CodeOf(err) != latchkey.CodeMailOff {
		t.Errorf("without a server: %v", err)
	}
}

// A mail whose cause was committed arrives, also if the server was down
// meanwhile; what the receiver refuses is shown to the seller.
func TestMailsAreDelivered(t *testing.T) {
	for engine, database := range map[string]string{"sqlite": "sqlite", "postgres": pgtest.New(t)} {
		t.Run(engine, func(t *testing.T) {
			office := newPostOffice(t)
			c := Config{Database: database, DataDir: t.TempDir(), Mail: office.config()}
			s := newServer(t, c)
			owner, err := s.data.Service.Init(t.Context(), "owner@example.com", "a long enough password")
			must(t, err)
			ctx := service.WithActor(t.Context(), service.Actor{Kind: service.ActorAccount, ID: owner.Account.ID, AccountID: owner.Account.ID})
			app, _, err := s.data.Service.CreateApp(ctx, "demo")
			must(t, err)
			promiseMail(t, s.data.DB, app.ID, "early@example.com")
			stop := s.delivering(t.Context())
			if got := office.next(t); got.to != "early@example.com" || !strings.Contains(got.text, "Subject: Hello") || !strings.Contains(got.text, "the text") {
				t.Errorf("the mail: %+v", got)
			}
			promiseMail(t, s.data.DB, app.ID, "late@example.com")
			if got := office.next(t); got.to != "late@example.com" {
				t.Errorf("the mail: %+v", got)
			}
			office.mu.Lock()
			office.refuse = &smtp.SMTPError{Code: 550, Message: "no such person"}
			office.mu.Unlock()
			promiseMail(t, s.data.DB, app.ID, "nobody@example.com")
			failed := waitFor(t, func() []latchkey.Delivery {
				list, err := s.data.Service.ListDeliveries(ctx, app.ID, service.DeliveryFilter{State: latchkey.DeliveryFailed})
				must(t, err)
				return list.Items
			})
			stop()
			if failed[0].Error != "mail.refused 550" || failed[0].Attempts != 1 {
				t.Errorf("failed: %+v", failed)
			}
			if waiting, gone, ok := s.deliveryLoad(); !ok || waiting != 0 || gone != 1 {
				t.Errorf("the metrics say %d, %d", waiting, gone)
			}
		})
	}
}

// waitFor asks until there is something.
func waitFor[T any](t *testing.T, ask func() []T) []T {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if got := ask(); len(got) > 0 {
			return got
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it did not happen")
		}
	}
}

func promiseMail(t *testing.T, db *store.DB, appID, to string) {
	t.Helper()
	now := time.Now()
	id, err := latchkey.NewID(latchkey.KindOutbox, now, rand.Reader)
	must(t, err)
	d := latchkey.Delivery{ID: id, AppID: appID, Queue: "mail", Kind: latchkey.DeliveryMail, DueAt: now, CreatedAt: now, GiveUpAt: now.Add(time.Hour),
		Payload: []byte(`{"to":"` + to + `","subject":"Hello","text":"the text"}`)}
	must(t, db.Write(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Enqueue(context.Background(), &d, 100)
		return err
	}))
}

// The address that an account had is told that it has another one, whether or
// not the server has an app.
func TestTheOldAddressIsTold(t *testing.T) {
	for engine, database := range map[string]string{"sqlite": "sqlite", "postgres": pgtest.New(t)} {
		t.Run(engine, func(t *testing.T) {
			office := newPostOffice(t)
			s := newServer(t, Config{Database: database, DataDir: t.TempDir(), Mail: office.config()})
			svc := s.data.Service
			_, err := svc.Init(t.Context(), "before@example.com", "a long enough password")
			must(t, err)
			in, err := svc.SignIn(t.Context(), "before@example.com", "a long enough password", "")
			must(t, err)
			actor, err := svc.AuthenticateSession(t.Context(), in.Token)
			must(t, err)
			ctx := service.WithOrigin(service.WithActor(t.Context(), actor), service.Origin{IP: "203.0.113.7"})
			change := func(to string) {
				t.Helper()
				_, err := svc.ChangeEmail(ctx, to, "a long enough password")
				must(t, err)
			}
			change("after@example.com")
			change("after@example.com") // which changes nothing
			change("last@example.com")
			stop := s.delivering(t.Context())
			first, second := office.next(t), office.next(t)
			stop()
			if first.to != "before@example.com" || second.to != "after@example.com" {
				t.Errorf("told were %s and %s", first.to, second.to)
			}
			for _, want := range []string{"Subject: The mail address of your Latchkey account was changed", "203.0.113.7"} {
				if !strings.Contains(first.text, want) {
					t.Errorf("the mail does not say %q:\n%s", want, first.text)
				}
			}
			for _, never := range []string{"after@example.com", "://", "www."} {
				if strings.Contains(first.text, never) {
					t.Errorf("the mail says %q:\n%s", never, first.text)
				}
			}
			if waiting, failed, ok := s.deliveryLoad(); !ok || waiting != 0 || failed != 0 {
				t.Errorf("%d wait, %d failed", waiting, failed)
			}
		})
	}
}

// Without a mail server nothing is promised that cannot be kept.
func TestNobodyIsToldWithoutMail(t *testing.T) {
	s := newServer(t, Config{DataDir: t.TempDir()})
	_, err := s.data.Service.Init(t.Context(), "before@example.com", "a long enough password")
	must(t, err)
	in, err := s.data.Service.SignIn(t.Context(), "before@example.com", "a long enough password", "")
	must(t, err)
	actor, err := s.data.Service.AuthenticateSession(t.Context(), in.Token)
	must(t, err)
	_, err = s.data.Service.ChangeEmail(service.WithActor(t.Context(), actor), "after@example.com", "a long enough password")
	must(t, err)
	if waiting, failed, ok := s.deliveryLoad(); !ok || waiting != 0 || failed != 0 {
		t.Errorf("%d wait, %d failed", waiting, failed)
	}
}
