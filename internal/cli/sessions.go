package cli

import (
	"context"
	"net/url"

	"github.com/latchkey-dev/latchkey/api"
)

type sessionsCommand struct {
	remoteFlags
	List    sessionsList    `cmd:"" help:"List open sessions."`
	Show    sessionsShow    `cmd:"" help:"Show an open session."`
	Kill    sessionsKill    `cmd:"" help:"End one session."`
	KillAll sessionsKillAll `cmd:"" help:"End all sessions of an application or a user."`
}

type sessionsList struct {
	appFlag
	pageFlags
	User   string `help:"Only this user's, by name or id." placeholder:"NAME"`
	Search string `help:"Only those of the user of exactly this name or license key; none if there is no such user." placeholder:"TEXT"`
	Sort   string `help:"-created for newest first, created for oldest first." enum:"created,-created" default:"-created"`
}

func (s *sessionsList) Run(ctx context.Context, c *call) error {
	app, err := c.appID(ctx, s.App)
	if err != nil {
		return err
	}
	query := url.Values{"sort": {s.Sort}}
	if s.User != "" {
		id, err := c.userID(ctx, app, s.User)
		if err != nil {
			return err
		}
		query.Set("user", id)
	}
	if s.Search != "" {
		query.Set("search", s.Search)
	}
	list, next, err := listAll(ctx, c, route("/apps/%s/sessions", app), query, s.pageFlags,
		func(p api.SessionList) ([]api.Session, string) { return p.Sessions, p.Next })
	if err != nil {
		return err
	}
	return c.show(api.SessionList{Sessions: list, Next: next}, sessionTable(list...))
}

func sessionTable(list ...api.Session) *table {
	t := &table{header: []string{"ID", "USERNAME", "IP", "PROTOCOL", "SIGNED IN", "LAST SEEN", "EXPIRES"}}
	for _, v := range list {
		t.add(v.ID, v.Username, v.IP, v.Protocol, when(v.SignedInAt), when(v.LastSeenAt), when(v.ExpiresAt))
	}
	return t
}

type sessionsShow struct {
	appFlag
	Session string `arg:"" help:"Id."`
}

func (s *sessionsShow) Run(ctx context.Context, c *call) error {
	path, err := s.path(ctx, c, "/apps/%s/sessions/%s", s.Session)
	if err != nil {
		return err
	}
	var v api.Session
	if err := c.get(ctx, path, nil, &v); err != nil {
		return err
	}
	return c.show(v, sessionTable(v))
}

type sessionsKill struct {
	appFlag
	Session string `arg:"" help:"Id."`
}

func (s *sessionsKill) Run(ctx context.Context, c *call) error {
	path, err := s.path(ctx, c, "/apps/%s/sessions/%s", s.Session)
	if err != nil {
		return err
	}
	if err := c.delete(ctx, path, nil, nil); err != nil {
		return err
	}
	return c.did("Session " + s.Session + " ended.")
}

type sessionsKillAll struct {
	appFlag
	yesFlag
	User string `help:"Only this user's, by name or id." placeholder:"NAME"`
}

func (s *sessionsKillAll) Run(ctx context.Context, c *call) error {
	app, err := c.appID(ctx, s.App)
	if err != nil {
		return err
	}
	query, whose := url.Values{}, s.App
	if s.User != "" {
		id, err := c.userID(ctx, app, s.User)
		if err != nil {
			return err
		}
		query.Set("user", id)
		whose = s.User
	}
	if err := s.confirm(c, "End all sessions of "+whose+"?"); err != nil {
		return err
	}
	var change api.Change
	if err := c.delete(ctx, route("/apps/%s/sessions", app), query, &change); err != nil {
		return err
	}
	return c.changed(change, "sessions ended")
}
