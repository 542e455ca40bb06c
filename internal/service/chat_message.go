package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// ListChatMessages lists what was said in a channel, newest first; chat.not_found.
func (s *Service) ListChatMessages(ctx context.Context, appID, channelID string, p Page) (list List[latchkey.ChatMessage], err error) {
	k, err := s.keyset(p, false, "chat-messages", appID, channelID)
	if err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermChatsRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		if _, err := tx.Channel(ctx, appID, channelID); err != nil {
			return err
		}
		messages, err := tx.ChatMessages(ctx, appID, channelID, k)
		if err != nil {
			return err
		}
		list, err = page(s, messages, k, func(m *latchkey.ChatMessage) string { return m.ID }, "chat-messages", appID, channelID)
		return err
	})
	return list, err
}

// SendChatMessage says something as the seller, under a name of the seller's
// choice; "" is [latchkey.DefaultChatAuthor]. Neither delay nor level apply.
// Errors: chat.not_found, request.invalid.
func (s *Service) SendChatMessage(ctx context.Context, appID, channelID, author, text string) (m latchkey.ChatMessage, err error) {
	if author == "" {
		author = latchkey.DefaultChatAuthor
	}
	if err := latchkey.CheckName("author", author); err != nil {
		return m, err
	}
	if err := latchkey.CheckChatText(text); err != nil {
		return m, err
	}
	err = s.change(ctx, latchkey.PermChatsWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		c, err := tx.LockChannel(ctx, appID, channelID)
		if err != nil {
			return err
		}
		m = latchkey.ChatMessage{Author: author, Text: text}
		if err := s.say(ctx, tx, &c, &m, now); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "chat.send", m.ID, map[string]any{"channel": channelID, "author": author})
		return made(ctx, m)
	})
	return m, err
}

// say stores a message in its channel, which is locked, and lets the oldest go.
// Each message has a moment of its own, so that ids keep the order of talk.
func (s *Service) say(ctx context.Context, tx *store.Tx, c *latchkey.Channel, m *latchkey.ChatMessage, now time.Time) error {
	last, err := tx.LastChatMessage(ctx, c.AppID, c.ID)
	if err != nil {
		return err
	}
	m.AppID, m.ChannelID, m.SentAt = c.AppID, c.ID, now
	if !now.After(last) {
		m.SentAt = last.Add(time.Millisecond)
	}
	if m.ID, err = s.newID(latchkey.KindChatMessage, m.SentAt); err != nil {
		return err
	}
	if err := tx.InsertChatMessage(ctx, m); err != nil {
		return err
	}
	return tx.TrimChannel(ctx, c.AppID, c.ID, c.History)
}

// DeleteChatMessage deletes one message. Errors: chat.not_found,
// chat.message_not_found.
func (s *Service) DeleteChatMessage(ctx context.Context, appID, channelID, id string) error {
	return s.change(ctx, latchkey.PermChatsWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		if _, err := tx.Channel(ctx, appID, channelID); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "chat.delete_message", id, map[string]any{"channel": channelID})
		return tx.DeleteChatMessage(ctx, appID, channelID, id)
	})
}

// ClearChannel deletes everything said in a channel; chat.not_found.
func (s *Service) ClearChannel(ctx context.Context, appID, channelID string) (change Change, err error) {
	err = s.change(ctx, latchkey.PermChatsWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		if _, err := tx.LockChannel(ctx, appID, channelID); err != nil {
			return err
		}
		n, err := tx.ClearChannel(ctx, appID, channelID)
		change = Change{Matched: n, Changed: n}
		audit(ctx, tx, now, appID, "chat.clear", channelID, map[string]any{"messages": n})
		return err
	})
	return change, err
}
