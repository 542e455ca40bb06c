package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func session(v *service.SessionView) api.Session {
	return api.Session{ID: v.ID, UserID: v.UserID, Username: v.Username, LicenseNamed: v.LicenseNamed, DeviceID: v.DeviceID,
		Protocol: string(v.Protocol), IP: v.IP, CreatedAt: api.At(v.CreatedAt), SignedInAt: api.At(v.SignedInAt),
		LastSeenAt: api.At(v.LastSeenAt), ExpiresAt: api.At(v.ExpiresAt)}
}

type listSessionsInput struct {
	AppPath
	User   string `query:"user" maxLength:"64" doc:"Id of a user: only this user's."`
	Search string `query:"search" maxLength:"254" doc:"A user's whole name or license key: only this user's."`
	Sort   string `query:"sort" enum:"-created,created" doc:"-created, newest first, if left out."`
	PageQuery
}

func (s *surface) listSessions(ctx context.Context, in *listSessionsInput) (api.SessionList, error) {
	list, err := s.svc.ListSessions(ctx, in.App, service.SessionFilter{UserID: in.User, Search: in.Search, Sort: in.Sort, Page: in.page()})
	return api.SessionList{Sessions: each(list.Items, session), Next: list.Next}, err
}

func (s *surface) getSession(ctx context.Context, in *sessionInput) (service.SessionView, error) {
	return s.svc.Session(ctx, in.App, in.Session)
}

type killSessionsInput struct {
	AppPath
	User string `query:"user" maxLength:"64" doc:"Id of a user: only this user's."`
}

func (s *surface) killSessions(ctx context.Context, in *killSessionsInput) (api.Change, error) {
	c, err := s.svc.KillSessions(ctx, in.App, in.User)
	return change(c), err
}

type sessionInput struct {
	AppPath
	Session string `path:"session" doc:"Id of the session."`
}

func (s *surface) killSession(ctx context.Context, in *sessionInput) error {
	return s.svc.KillSession(ctx, in.App, in.Session)
}
