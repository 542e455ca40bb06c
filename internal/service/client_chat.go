package service

import (
	"context"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// defaultChatPerMinute is what a person can type, and a channel can bear.
const defaultChatPerMinute = 30

// newChatLimit counts the messages of each user; n is as in [Limits].
func newChatLimit(now func() time.Time, n int) *ratelimit.Buckets {
	if n < 0 {
		return nil
	}
	if n == 0 {
		n = defaultChatPerMinute
	}
	return ratelimit.New(now, ratelimit.PerMinute(n))
}

// ChatMessage is a message as a customer sees it.
type ChatMessage struct {
	ID     string
	Author string
	Text   string
	SentAt time.Time
}

// ClientChatMessages returns the last messages of a channel, by its name,
// oldest first. Errors: those of [Service.ClientCheck], chat.not_found,
// subscription.level_too_low.
func (s *Service) ClientChatMessages(ctx context.Context, app *ClientApp, ses *ClientSession, channel string) ([]ChatMessage, error) {
	c, err := s.signedIn(ctx, app, ses)
	if err != nil {
		return nil, err
	}
	var messages []latchkey.ChatMessage
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		found, err := tx.ChannelByName(ctx, app.ID, channel)
		if err != nil {
			return err
		}
		if err := c.reaches(true, found.MinLevel); err != nil {
			return err
		}
		shown := min(latchkey.ShownChatMessages, int(found.History))
		messages, err = tx.ChatMessages(ctx, app.ID, found.ID, store.Keyset{Limit: shown})
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Reverse(messages)
	out := make([]ChatMessage, len(messages))
	for i := range messages {
		m := &messages[i]
		out[i] = ChatMessage{ID: m.ID, Author: m.AuthorFor(c.UserID), Text: m.Text, SentAt: m.SentAt}
	}
	return out, nil
}

// ClientChatSend says something in a channel, by its name. Errors, in this
// order: those of [Service.ClientCheck], request.rate_limited, chat.not_found,
// subscription.level_too_low, chat.too_fast with the time to wait, chat.muted
// with its end, request.invalid (text). What is refused costs no turn in
// the channel, but counts for the limit of all: it costs the server as much.
func (s *Service) ClientChatSend(ctx context.Context, app *ClientApp, ses *ClientSession, channel, text string) error {
	c, err := s.signedIn(ctx, app, ses)
	if err != nil {
		return err
	}
	if d := s.chatter.Take(ratelimit.Key{Text: c.UserID}); !d.Allowed {
		return ratelimit.Refuse(d.Wait)
	}
	return s.write(ctx, func(tx *store.Tx) error {
		now := s.now()
		found, err := tx.ChannelByName(ctx, app.ID, channel)
		if err != nil {
			return err
		}
		if err := c.reaches(true, found.MinLevel); err != nil {
			return err
		}
		// First the user, then the channel, as every call that locks both.
		if _, err := tx.LockUser(ctx, app.ID, c.UserID); err != nil {
			if latchkey.CodeOf(err) == latchkey.CodeUserNotFound {
				return latchkey.Fail(latchkey.CodeSessionNotFound)
			}
			return err
		}
		if found, err = tx.LockChannel(ctx, app.ID, found.ID); err != nil {
			return err
		}
		if err := maySpeak(ctx, tx, &found, c.UserID, now); err != nil {
			return err
		}
		if err := latchkey.CheckChatText(text); err != nil {
			return err
		}
		return s.say(ctx, tx, &found, &latchkey.ChatMessage{UserID: c.UserID, Text: text}, now)
	})
}

// maySpeak takes a user's turn in a channel. A refusal afterwards gives it back
// with the transaction.
func maySpeak(ctx context.Context, tx *store.Tx, c *latchkey.Channel, userID string, now time.Time) error {
	if c.Delay > 0 {
		taken, wait, err := tx.TakeChatTurn(ctx, c, userID, now)
		if err != nil {
			return err
		}
		if !taken {
			e := latchkey.Fail(latchkey.CodeChatTooFast)
			e.RetryAfter = wait
			return e
		}
	}
	m, err := tx.MuteOf(ctx, c.AppID, userID, now)
	switch latchkey.CodeOf(err) {
	case latchkey.CodeChatMuteNotFound:
		return nil
	case "":
		return m.Refuse()
	}
	return err
}
