package service_test

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// chat are the ids of a channel, what was said in it, and a mute.
type chat struct{ channel, message, mute string }

// furnishChat makes one of each in the scene's app, as an account.
func (s *scene) furnishChat(ctx context.Context) chat {
	s.Helper()
	c, err := s.Service.CreateChannel(ctx, s.app.ID, service.ChannelEdit{Name: point("lobby")})
	s.must(err)
	m, err := s.Service.SendChatMessage(ctx, s.app.ID, c.ID, "", "hello")
	s.must(err)
	users, err := s.Service.ListUsers(ctx, s.app.ID, service.UserFilter{})
	s.must(err)
	mute, err := s.Service.MuteUser(ctx, s.app.ID, service.NewMute{UserID: users.Items[0].ID, Until: s.Clock.Now().Add(time.Hour)})
	s.must(err)
	return chat{channel: c.ID, message: m.ID, mute: mute.ID}
}

func chatUseCases() []useCase {
	return []useCase{
		{"ListChannels", latchkey.PermChatsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListChannels(ctx, x.app, service.NamedFilter{}))
		}, ""},
		{"Channel", latchkey.PermChatsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.Channel(ctx, x.app, x.channel))
		}, latchkey.CodeChatNotFound},
		{"CreateChannel", latchkey.PermChatsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.CreateChannel(ctx, x.app, service.ChannelEdit{Name: point("attic")}))
		}, ""},
		{"UpdateChannel", latchkey.PermChatsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UpdateChannel(ctx, x.app, x.channel, service.ChannelEdit{Delay: point(int64(5))}))
		}, latchkey.CodeChatNotFound},
		{"ListChatMessages", latchkey.PermChatsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListChatMessages(ctx, x.app, x.channel, service.Page{}))
		}, latchkey.CodeChatNotFound},
		{"SendChatMessage", latchkey.PermChatsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.SendChatMessage(ctx, x.app, x.channel, "", "hi"))
		}, latchkey.CodeChatNotFound},
		{"DeleteChatMessage", latchkey.PermChatsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteChatMessage(ctx, x.app, x.channel, x.message)
		}, latchkey.CodeChatNotFound},
		{"ClearChannel", latchkey.PermChatsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ClearChannel(ctx, x.app, x.channel))
		}, latchkey.CodeChatNotFound},
		{"ListMutes", latchkey.PermChatsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListMutes(ctx, x.app, "", service.Page{}))
		}, ""},
		{"Unmute", latchkey.PermChatsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return s.Unmute(ctx, x.app, x.mute)
		}, latchkey.CodeChatMuteNotFound},
		{"LiftMutes", latchkey.PermChatsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.LiftMutes(ctx, x.app, service.MuteSelection{All: true}, service.BulkCall{}))
		}, ""},
		{"MuteUser", latchkey.PermChatsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.MuteUser(ctx, x.app, service.NewMute{UserID: x.user, Until: latchkey.Never()}))
		}, latchkey.CodeUserNotFound},
		{"DeleteChannel", latchkey.PermChatsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteChannel(ctx, x.app, x.channel)
		}, latchkey.CodeChatNotFound},
	}
}
