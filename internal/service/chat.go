package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// ChannelView is a channel with how many messages it keeps at the moment.
type ChannelView struct {
	latchkey.Channel
	Messages int64
}

func channelView(ctx context.Context, tx *store.Tx, c latchkey.Channel) (ChannelView, error) {
	n, err := tx.ChatMessageCount(ctx, c.AppID, c.ID)
	return ChannelView{Channel: c, Messages: n}, err
}

// ChannelEdit is what to change of a channel, or to set of a new one; nil
// leaves a field.
type ChannelEdit struct {
	Name     *string
	Delay    *int64 // seconds
	History  *int64
	MinLevel *int64 // 0: none
}

func (e *ChannelEdit) apply(c *latchkey.Channel) error {
	set(&c.Name, e.Name)
	set(&c.Delay, e.Delay)
	set(&c.History, e.History)
	set(&c.MinLevel, e.MinLevel)
	return c.Check()
}

func (e *ChannelEdit) details() map[string]any {
	details := map[string]any{}
	for name, value := range map[string]*int64{"delay": e.Delay, "history": e.History, "min_level": e.MinLevel} {
		if value != nil {
			details[name] = *value
		}
	}
	if e.Name != nil {
		details["name"] = *e.Name
	}
	return details
}

// CreateChannel adds a chat channel. Errors: chat.exists, request.invalid.
func (s *Service) CreateChannel(ctx context.Context, appID string, in ChannelEdit) (view ChannelView, err error) {
	err = s.change(ctx, latchkey.PermChatsWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		view = ChannelView{Channel: latchkey.Channel{AppID: appID, History: latchkey.DefaultChatHistory, CreatedAt: now, UpdatedAt: now}}
		if err := in.apply(&view.Channel); err != nil {
			return err
		}
		var err error
		if view.ID, err = s.newID(latchkey.KindChannel, now); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "chat.create", view.ID, in.details())
		if err := tx.InsertChannel(ctx, &view.Channel); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}

// ListChannels lists an app's chat channels: by created (oldest first, the usual
// order), -created, name or -name.
func (s *Service) ListChannels(ctx context.Context, appID string, f NamedFilter) (list List[ChannelView], err error) {
	q, binding, err := s.named(f, []string{"created", "-created", "name", "-name"}, "chats", appID)
	if err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermChatsRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		channels, err := tx.Channels(ctx, appID, q)
		if err != nil {
			return err
		}
		cut, err := page(s, channels, q.Keyset, func(c *latchkey.Channel) string { return q.Place(c.ID, c.Name) }, binding...)
		if err != nil {
			return err
		}
		list = List[ChannelView]{Items: make([]ChannelView, len(cut.Items)), Next: cut.Next}
		ids := make([]string, len(cut.Items))
		for i := range ids {
			ids[i] = cut.Items[i].ID
		}
		counts, err := tx.ChatMessageCounts(ctx, appID, ids)
		for i, c := range cut.Items {
			list.Items[i] = ChannelView{Channel: c, Messages: counts[c.ID]}
		}
		return err
	})
	return list, err
}

// Channel returns one; chat.not_found.
func (s *Service) Channel(ctx context.Context, appID, id string) (view ChannelView, err error) {
	err = s.read(ctx, latchkey.PermChatsRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		c, err := tx.Channel(ctx, appID, id)
		if err != nil {
			return err
		}
		view, err = channelView(ctx, tx, c)
		return err
	})
	return view, err
}

// lockedChannel is a channel that a call changes, as its caller expects it.
func (s *Service) lockedChannel(ctx context.Context, tx *store.Tx, appID, id string) (latchkey.Channel, error) {
	c, err := tx.LockChannel(ctx, appID, id)
	if err != nil {
		return c, err
	}
	return c, s.expected(ctx, func() (Tagged, error) { return ChannelView{Channel: c}, nil })
}

// UpdateChannel applies an edit, all or nothing. Messages beyond a shorter
// history go at once. Errors: chat.not_found, chat.exists, request.invalid.
func (s *Service) UpdateChannel(ctx context.Context, appID, id string, edit ChannelEdit) (view ChannelView, err error) {
	err = s.change(ctx, latchkey.PermChatsWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		c, err := s.lockedChannel(ctx, tx, appID, id)
		if err != nil {
			return err
		}
		before := channelFields(&c)
		if err := edit.apply(&c); err != nil {
			return err
		}
		c.UpdatedAt = now
		if err := tx.UpdateChannel(ctx, &c); err != nil {
			return err
		}
		if err := tx.TrimChannel(ctx, appID, id, c.History); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "chat.update", id, edited(edit.details(), before, channelFields(&c)))
		if view, err = channelView(ctx, tx, c); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}

// DeleteChannel deletes a channel with everything said in it; chat.not_found.
func (s *Service) DeleteChannel(ctx context.Context, appID, id string) error {
	return s.change(ctx, latchkey.PermChatsWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		c, err := s.lockedChannel(ctx, tx, appID, id)
		if err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "chat.delete", id, map[string]any{"name": c.Name})
		return tx.DeleteChannel(ctx, appID, id)
	})
}
