package cli

import (
	"context"
	"net/url"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type chatsCommand struct {
	remoteFlags
	List          chatsList          `cmd:"" help:"List an application's chat channels."`
	Create        chatsCreate        `cmd:"" help:"Add a chat channel."`
	Show          chatsShow          `cmd:"" help:"Show a chat channel."`
	Update        chatsUpdate        `cmd:"" help:"Change a chat channel."`
	Delete        chatsDelete        `cmd:"" help:"Delete a chat channel and everything said in it."`
	Messages      chatsMessages      `cmd:"" help:"Show what was said, newest first."`
	Send          chatsSend          `cmd:"" help:"Say something as the seller."`
	DeleteMessage chatsDeleteMessage `cmd:"" help:"Delete one message."`
	Clear         chatsClear         `cmd:"" help:"Delete everything said in a channel."`
	Mutes         chatsMutes         `cmd:"" help:"List the users who are muted."`
	Mute          chatsMute          `cmd:"" help:"Keep a user from writing in all channels."`
	Unmute        chatsUnmute        `cmd:"" help:"Lift a mute."`
	LiftMutes     chatsLiftMutes     `cmd:"" help:"Lift many mutes."`
}

func chatTable(list ...api.Chat) *table {
	t := &table{header: []string{"NAME", "ID", "DELAY", "HISTORY", "MIN LEVEL", "MESSAGES"}}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, c := range list {
		t.add(c.Name, c.ID, number(c.Delay)+" s", number(c.History), either(c.MinLevel == 0, "any", number(c.MinLevel)), number(c.Messages))
	}
	return t
}

type chatsList struct {
	appFlag
	namedFlags
	pageFlags
}

func (l *chatsList) Run(ctx context.Context, c *call) error {
	path, err := l.path(ctx, c, "/apps/%s/chats")
	if err != nil {
		return err
	}
	list, next, err := c.chats(ctx, path, namedQuery(l.Search, l.Sort), l.pageFlags)
	if err != nil {
		return err
	}
	return c.show(api.ChatList{Chats: list, Next: next}, chatTable(list...))
}

func (c *call) chats(ctx context.Context, path string, query url.Values, flags pageFlags) ([]api.Chat, string, error) {
	return listAll(ctx, c, path, query, flags, func(p api.ChatList) ([]api.Chat, string) { return p.Chats, p.Next })
}

type chatsCreate struct {
	appFlag
	Name     string `arg:"" help:"Name, by which programs call it."`
	Delay    *int64 `help:"Seconds between two messages of one user." placeholder:"N"`
	History  *int64 `help:"How many messages are kept." placeholder:"N"`
	MinLevel *int64 `help:"Only for users with a subscription of at least this level." placeholder:"N"`
}

func (n *chatsCreate) Run(ctx context.Context, c *call) error {
	path, err := n.path(ctx, c, "/apps/%s/chats")
	if err != nil {
		return err
	}
	var created api.Chat
	in := api.CreateChat{Name: n.Name, Delay: n.Delay, History: n.History, MinLevel: n.MinLevel}
	if err := c.create(ctx, path, in, &created); err != nil {
		return err
	}
	return c.show(created, chatTable(created))
}

// chatArg names one channel of an app.
type chatArg struct {
	appFlag
	Chat string `arg:"" help:"Channel, by name or id."`
}

// chatPath finds the channel and fills its id, and further elements, into a
// pattern that begins with /apps/%s/chats/%s.
func (a chatArg) chatPath(ctx context.Context, c *call, pattern string, elements ...string) (string, error) {
	app, err := c.appID(ctx, a.App)
	if err != nil {
		return "", err
	}
	id, err := c.chatID(ctx, app, a.Chat)
	if err != nil {
		return "", err
	}
	return route(pattern, append([]string{app, id}, elements...)...), nil
}

func (c *call) chatID(ctx context.Context, appID, nameOrID string) (string, error) {
	if latchkey.IsID(latchkey.KindChannel, nameOrID) {
		return nameOrID, nil
	}
	list, _, err := c.chats(ctx, route("/apps/%s/chats", appID), nil, pageFlags{Limit: 1 << 30})
	if err != nil {
		return "", err
	}
	for _, found := range list {
		if found.Name == nameOrID {
			return found.ID, nil
		}
	}
	return "", latchkey.Fail(latchkey.CodeChatNotFound)
}

type chatsShow struct{ chatArg }

func (s *chatsShow) Run(ctx context.Context, c *call) error {
	path, err := s.chatPath(ctx, c, "/apps/%s/chats/%s")
	if err != nil {
		return err
	}
	var found api.Chat
	if err := c.get(ctx, path, nil, &found); err != nil {
		return err
	}
	return c.show(found, chatTable(found))
}

type chatsUpdate struct {
	chatArg
	Name     *string `help:"New name."`
	Delay    *int64  `help:"Seconds between two messages of one user; 0 for none." placeholder:"N"`
	History  *int64  `help:"How many messages are kept; others go at once." placeholder:"N"`
	MinLevel *int64  `help:"Only for users with a subscription of at least this level; 0 for all." placeholder:"N"`
}

func (u *chatsUpdate) Run(ctx context.Context, c *call) error {
	in := api.UpdateChat{Name: u.Name, Delay: u.Delay, History: u.History, MinLevel: u.MinLevel}
	if in == (api.UpdateChat{}) {
		return usageError("Say what to change: --name, --delay, --history or --min-level.")
	}
	path, err := u.chatPath(ctx, c, "/apps/%s/chats/%s")
	if err != nil {
		return err
	}
	var after api.Chat
	if err := c.patch(ctx, path, in, &after); err != nil {
		return err
	}
	return c.show(after, chatTable(after))
}

type chatsDelete struct {
	chatArg
	yesFlag
}

func (d *chatsDelete) Run(ctx context.Context, c *call) error {
	path, err := d.chatPath(ctx, c, "/apps/%s/chats/%s")
	if err != nil {
		return err
	}
	if err := d.confirm(c, "Delete the channel "+d.Chat+" and everything said in it?"); err != nil {
		return err
	}
	if err := c.delete(ctx, path, nil, nil); err != nil {
		return err
	}
	return c.did("Channel " + d.Chat + " deleted.")
}
