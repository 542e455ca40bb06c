package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// logQueue is where an app's lines wait to be posted.
const logQueue = "log_webhook"

// LogPost is the payload of a delivery of a log line: the line as it was, so
// that it is posted also if it has been trimmed meanwhile.
type LogPost struct {
	LineID  string    `json:"line_id"`
	UserID  string    `json:"user_id,omitempty"`
	Device  string    `json:"device,omitempty"`
	IP      string    `json:"ip,omitempty"`
	Message string    `json:"message"`
	At      time.Time `json:"at"`
}

func logPost(l *latchkey.LogLine) LogPost {
	return LogPost{LineID: l.ID, UserID: l.UserID, Device: l.Device, IP: l.IP, Message: l.Message, At: l.CreatedAt}
}

// LogWebhookView is a webhook as its seller sees it: not its address.
type LogWebhookView struct {
	Host      string
	CreatedAt time.Time
	StoppedAt time.Time
	Error     string
}

func logWebhookView(h *latchkey.LogWebhook) LogWebhookView {
	return LogWebhookView{Host: hostOf(h.URL), CreatedAt: h.CreatedAt, StoppedAt: h.StoppedAt, Error: h.Error}
}

// hostOf is what is shown of an address that is a secret; "" if it is none.
func hostOf(address latchkey.Secret) string {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// SetLogWebhook has the app's log lines posted to a Discord channel's webhook.
// What waits for the one before goes there. Error: request.invalid.
func (s *Service) SetLogWebhook(ctx context.Context, appID string, address latchkey.Secret) (view LogWebhookView, err error) {
	if _, err := require(ctx, latchkey.PermLogsWrite); err != nil {
		return view, err
	}
	if err := s.egress.CheckURL(address.Reveal()); err != nil {
		if e, ok := errors.AsType[*egress.Error](err); ok {
			return view, e.Invalid("url")
		}
		return view, err
	}
	err = s.change(ctx, latchkey.PermLogsWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		was, err := tx.LogWebhook(ctx, appID)
		if err != nil && latchkey.CodeOf(err) != latchkey.CodeLogWebhookNotSet {
			return err
		}
		h := latchkey.LogWebhook{AppID: appID, URL: address, CreatedAt: now}
		if err := tx.PutLogWebhook(ctx, &h); err != nil {
			return err
		}
		view = logWebhookView(&h)
		audit(ctx, tx, now, appID, "log_webhook.set", appID, edited(map[string]any{"host": view.Host}, logWebhookFields(&was), logWebhookFields(&h)))
		return tx.HurryQueue(ctx, appID, logQueue, now)
	})
	return view, err
}

// LogWebhook says where the app's log lines are posted; log_webhook.not_set.
func (s *Service) LogWebhook(ctx context.Context, appID string) (view LogWebhookView, err error) {
	err = s.read(ctx, latchkey.PermLogsRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		h, err := tx.LogWebhook(ctx, appID)
		view = logWebhookView(&h)
		return err
	})
	return view, err
}

// DeleteLogWebhook has the app's log lines posted no more, those neither that
// wait for it; log_webhook.not_set.
func (s *Service) DeleteLogWebhook(ctx context.Context, appID string) error {
	return s.change(ctx, latchkey.PermLogsWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		audit(ctx, tx, now, appID, "log_webhook.delete", appID, nil)
		if err := tx.DeleteLogWebhook(ctx, appID); err != nil {
			return err
		}
		return tx.DeleteQueue(ctx, appID, logQueue)
	})
}

// PostedLine is a log line about to be posted.
type PostedLine struct {
	LogPost
	App     string // its name
	User    string // as the seller knows them; a license key is not shown
	Webhook latchkey.LogWebhook
}

// PostedLine returns what a delivery of a log line posts, and where.
// log_webhook.not_set if that is nowhere any more.
func (s *Service) PostedLine(ctx context.Context, d *latchkey.Delivery) (p PostedLine, err error) {
	if err := json.Unmarshal(d.Payload, &p.LogPost); err != nil {
		return p, fmt.Errorf("read delivery %s: %w", d.ID, err)
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		app, err := tx.App(ctx, d.AppID)
		if err != nil {
			return err
		}
		p.App = app.Name
		if p.Webhook, err = tx.LogWebhook(ctx, d.AppID); err != nil {
			return err
		}
		if !p.Webhook.StoppedAt.IsZero() {
			return latchkey.Fail(latchkey.CodeLogWebhookNotSet)
		}
		p.User, err = postedUser(ctx, tx, d.AppID, p.UserID)
		return err
	})
	return p, err
}

// postedUser is a user's name for other people's eyes.
func postedUser(ctx context.Context, tx *store.Tx, appID, userID string) (string, error) {
	if userID == "" {
		return "", nil
	}
	user, err := tx.User(ctx, appID, userID)
	switch {
	case latchkey.CodeOf(err) == latchkey.CodeUserNotFound:
		return userID, nil
	case err != nil:
		return "", err
	case user.LicenseNamed:
		return "license …" + latchkey.Secret(user.Name).Last4() + " (" + userID + ")", nil
	}
	return user.Name, nil
}

// StopLogWebhook posts nothing more to a receiver that wants no more, and drops
// what waits for it: the seller sees why, and may set another one.
func (s *Service) StopLogWebhook(ctx context.Context, h *latchkey.LogWebhook, why string) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		stopped, err := tx.StopLogWebhook(ctx, h, latchkey.DeliveryError(why), now)
		if err != nil || !stopped {
			return err
		}
		audit(ctx, tx, now, h.AppID, "log_webhook.stop", h.AppID, map[string]any{"error": latchkey.DeliveryError(why)})
		return tx.DeleteQueue(ctx, h.AppID, logQueue)
	})
}
