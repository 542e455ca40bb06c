package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// ChatPath names a chat channel of an app.
type ChatPath struct {
	AppPath
	Chat string `path:"chat" doc:"Id of the chat channel."`
}

func chat(v *service.ChannelView) api.Chat {
	return api.Chat{ID: v.ID, Name: v.Name, Delay: v.Delay, History: v.History, MinLevel: v.MinLevel, Messages: v.Messages,
		CreatedAt: api.At(v.CreatedAt), UpdatedAt: api.At(v.UpdatedAt)}
}

func chatMessage(m *latchkey.ChatMessage) api.ChatMessage {
	return api.ChatMessage{ID: m.ID, UserID: m.UserID, Author: m.Author, LicenseNamed: m.LicenseNamed, Text: m.Text, SentAt: api.At(m.SentAt)}
}

func chatMute(v *service.MuteView) api.ChatMute {
	return api.ChatMute{ID: v.ID, UserID: v.UserID, Username: v.Username, LicenseNamed: v.LicenseNamed, Until: api.At(v.Until),
		Reason: v.Reason, CreatedAt: api.At(v.CreatedAt), CreatedBy: v.CreatedBy}
}

func (s *surface) listChats(ctx context.Context, in *listNamedInput) (api.ChatList, error) {
	list, err := s.svc.ListChannels(ctx, in.App, in.filter())
	return api.ChatList{Chats: each(list.Items, chat), Next: list.Next}, err
}

type createChatInput struct {
	AppPath
	Body api.CreateChat
}

func (s *surface) createChat(ctx context.Context, in *createChatInput) (service.ChannelView, error) {
	return s.svc.CreateChannel(ctx, in.App, service.ChannelEdit{
		Name: &in.Body.Name, Delay: in.Body.Delay, History: in.Body.History, MinLevel: in.Body.MinLevel})
}

func (s *surface) getChat(ctx context.Context, in *ChatPath) (service.ChannelView, error) {
	return s.svc.Channel(ctx, in.App, in.Chat)
}

type updateChatInput struct {
	ChatPath
	Body api.UpdateChat
}

func (s *surface) updateChat(ctx context.Context, in *updateChatInput) (service.ChannelView, error) {
	return s.svc.UpdateChannel(ctx, in.App, in.Chat, service.ChannelEdit{
		Name: in.Body.Name, Delay: in.Body.Delay, History: in.Body.History, MinLevel: in.Body.MinLevel})
}

func (s *surface) deleteChat(ctx context.Context, in *ChatPath) error {
	return s.svc.DeleteChannel(ctx, in.App, in.Chat)
}

type listChatMessagesInput struct {
	ChatPath
	PageQuery
}

func (s *surface) listChatMessages(ctx context.Context, in *listChatMessagesInput) (api.ChatMessageList, error) {
	list, err := s.svc.ListChatMessages(ctx, in.App, in.Chat, in.page())
	return api.ChatMessageList{Messages: each(list.Items, chatMessage), Next: list.Next}, err
}

type sendChatMessageInput struct {
	ChatPath
	Body api.SendChatMessage
}

func (s *surface) sendChatMessage(ctx context.Context, in *sendChatMessageInput) (latchkey.ChatMessage, error) {
	return s.svc.SendChatMessage(ctx, in.App, in.Chat, in.Body.Author, in.Body.Text)
}

func (s *surface) clearChat(ctx context.Context, in *ChatPath) (api.Change, error) {
	c, err := s.svc.ClearChannel(ctx, in.App, in.Chat)
	return change(c), err
}

type chatMessageInput struct {
	ChatPath
	Message string `path:"message" doc:"Id of the message."`
}

func (s *surface) deleteChatMessage(ctx context.Context, in *chatMessageInput) error {
	return s.svc.DeleteChatMessage(ctx, in.App, in.Chat, in.Message)
}

type listChatMutesInput struct {
	AppPath
	Search string `query:"search" maxLength:"254" doc:"A user's whole name or license key: only this user's mute."`
	PageQuery
}

func (s *surface) listChatMutes(ctx context.Context, in *listChatMutesInput) (api.ChatMuteList, error) {
	list, err := s.svc.ListMutes(ctx, in.App, in.Search, in.page())
	return api.ChatMuteList{Mutes: each(list.Items, chatMute), Next: list.Next}, err
}

type muteUserInput struct {
	AppPath
	Body api.MuteUser
}

func (s *surface) muteUser(ctx context.Context, in *muteUserInput) (service.MuteView, error) {
	return s.svc.MuteUser(ctx, in.App, service.NewMute{UserID: in.Body.UserID, Until: in.Body.Until.Time, Reason: in.Body.Reason})
}

type chatMuteInput struct {
	AppPath
	Mute string `path:"mute" doc:"Id of the mute."`
}

func (s *surface) unmute(ctx context.Context, in *chatMuteInput) error {
	return s.svc.Unmute(ctx, in.App, in.Mute)
}

type liftMutesInput struct {
	BulkInput
	Body api.LiftMutes
}

func (s *surface) liftMutes(_ context.Context, in *liftMutesInput) (writer, error) {
	sel := service.MuteSelection{IDs: in.Body.IDs, All: in.Body.All, Search: in.Body.Search}
	return s.bulk(&in.BulkInput, service.BulkCall{DryRun: in.Body.DryRun, Repeat: in.Repeat}, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.LiftMutes(ctx, in.App, sel, call)
	}, func(c *service.BulkChange) any { return api.MutesLifted{Change: change(c.Change), DryRun: c.DryRun} }), nil
}
