package cli

import (
	"context"
	"net/url"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func chatMessageTable(list ...api.ChatMessage) *table {
	t := &table{header: []string{"SENT", "ID", "AUTHOR", "TEXT"}}
	for _, m := range list {
		t.add(when(m.SentAt), m.ID, m.Author, m.Text)
	}
	return t
}

type chatsMessages struct {
	chatArg
	pageFlags
}

func (m *chatsMessages) Run(ctx context.Context, c *call) error {
	path, err := m.chatPath(ctx, c, "/apps/%s/chats/%s/messages")
	if err != nil {
		return err
	}
	list, next, err := listAll(ctx, c, path, nil, m.pageFlags,
		func(p api.ChatMessageList) ([]api.ChatMessage, string) { return p.Messages, p.Next })
	if err != nil {
		return err
	}
	return c.show(api.ChatMessageList{Messages: list, Next: next}, chatMessageTable(list...))
}

type chatsSend struct {
	chatArg
	Text   string `arg:"" help:"What to say."`
	Author string `help:"The name to speak under; System if not given." placeholder:"NAME"`
}

func (s *chatsSend) Run(ctx context.Context, c *call) error {
	path, err := s.chatPath(ctx, c, "/apps/%s/chats/%s/messages")
	if err != nil {
		return err
	}
	var sent api.ChatMessage
	if err := c.create(ctx, path, api.SendChatMessage{Text: s.Text, Author: s.Author}, &sent); err != nil {
		return err
	}
	return c.show(sent, chatMessageTable(sent))
}

type chatsDeleteMessage struct {
	chatArg
	Message string `arg:"" help:"Id."`
}

func (d *chatsDeleteMessage) Run(ctx context.Context, c *call) error {
	path, err := d.chatPath(ctx, c, "/apps/%s/chats/%s/messages/%s", d.Message)
	if err != nil {
		return err
	}
	if err := c.delete(ctx, path, nil, nil); err != nil {
		return err
	}
	return c.did("Message " + d.Message + " deleted.")
}

type chatsClear struct {
	chatArg
	yesFlag
}

func (d *chatsClear) Run(ctx context.Context, c *call) error {
	path, err := d.chatPath(ctx, c, "/apps/%s/chats/%s/messages")
	if err != nil {
		return err
	}
	if err := d.confirm(c, "Delete everything said in "+d.Chat+"?"); err != nil {
		return err
	}
	var change api.Change
	if err := c.delete(ctx, path, nil, &change); err != nil {
		return err
	}
	return c.changed(change, "messages deleted")
}

func muteTable(list ...api.ChatMute) *table {
	t := &table{header: []string{"USERNAME", "ID", "UNTIL", "REASON"}}
	for _, m := range list {
		t.add(m.Username, m.ID, when(m.Until), m.Reason)
	}
	return t
}

type chatsMutes struct {
	appFlag
	pageFlags
	Search string `help:"Only the mute of the user of exactly this name or license key." placeholder:"TEXT"`
}

func (m *chatsMutes) Run(ctx context.Context, c *call) error {
	path, err := m.path(ctx, c, "/apps/%s/chat-mutes")
	if err != nil {
		return err
	}
	list, next, err := c.mutes(ctx, path, m.Search, m.pageFlags)
	if err != nil {
		return err
	}
	return c.show(api.ChatMuteList{Mutes: list, Next: next}, muteTable(list...))
}

func (c *call) mutes(ctx context.Context, path, search string, flags pageFlags) ([]api.ChatMute, string, error) {
	query := url.Values{}
	if search != "" {
		query.Set("search", search)
	}
	return listAll(ctx, c, path, query, flags, func(p api.ChatMuteList) ([]api.ChatMute, string) { return p.Mutes, p.Next })
}

type chatsMute struct {
	userArg
	For    string     `help:"For how long, such as 30d, 12h or lifetime." placeholder:"DURATION" xor:"end" required:""`
	Until  *time.Time `help:"Until when (RFC 3339)." placeholder:"TIME" xor:"end" required:""`
	Reason string     `help:"Why; for you alone." placeholder:"TEXT"`
}

func (m *chatsMute) Run(ctx context.Context, c *call) error {
	app, err := c.appID(ctx, m.App)
	if err != nil {
		return err
	}
	in := api.MuteUser{Reason: m.Reason}
	if m.Until != nil {
		in.Until = api.At(*m.Until)
	} else {
		d, err := latchkey.ParseDuration(m.For)
		if err != nil {
			return err
		}
		in.Until = api.At(d.AddTo(time.Now()))
	}
	if in.UserID, err = c.userID(ctx, app, m.User); err != nil {
		return err
	}
	var made api.ChatMute
	if err := c.create(ctx, route("/apps/%s/chat-mutes", app), in, &made); err != nil {
		return err
	}
	return c.show(made, muteTable(made))
}

type chatsUnmute struct{ userArg }

func (u *chatsUnmute) Run(ctx context.Context, c *call) error {
	path, err := u.path(ctx, c, "/apps/%s/chat-mutes")
	if err != nil {
		return err
	}
	list, _, err := c.mutes(ctx, path, "", pageFlags{Limit: 1 << 30})
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.UserID == u.User || m.ID == u.User || isNamed(api.User{Username: m.Username, LicenseNamed: m.LicenseNamed}, u.User) {
			if err := c.delete(ctx, path+"/"+m.ID, nil, nil); err != nil {
				return err
			}
			return c.did(m.Username + " may speak again.")
		}
	}
	return latchkey.Fail(latchkey.CodeChatMuteNotFound)
}
