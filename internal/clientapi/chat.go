package clientapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api/client"
)

// chatMessages tells the last messages of a channel.
func (a *api) chatMessages(ctx context.Context, c *call) (any, error) {
	said, err := a.svc.ClientChatMessages(ctx, c.app, c.session, c.get("channel"))
	if err != nil {
		return nil, err
	}
	out := &client.ChatMessages{Messages: make([]client.ChatMessage, len(said))}
	for i, m := range said {
		out.Messages[i] = client.ChatMessage{ID: m.ID, Author: m.Author, Text: m.Text, SentAt: m.SentAt.UnixMilli()}
	}
	return out, nil
}

// chatSend says something in a channel.
func (a *api) chatSend(ctx context.Context, c *call) (any, error) {
	return nil, a.svc.ClientChatSend(ctx, c.app, c.session, c.get("channel"), c.get("text"))
}
