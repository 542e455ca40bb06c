package legacyapi

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// chatGet tells the last messages of a channel. One that there is not has none.
func (a *api) chatGet(ctx context.Context, c *call) (answer, error) {
	list, err := a.svc.ClientChatMessages(ctx, c.app, c.session, c.get("channel"))
	if err != nil && latchkey.CodeOf(err) != latchkey.CodeChatNotFound {
		return answer{}, err
	}
	said := make(messages, len(list))
	for i, m := range list {
		said[i] = newChatMessage(m)
	}
	return answer{Message: textChatRead, Messages: said}, nil
}

func newChatMessage(m service.ChatMessage) chatMessage {
	return chatMessage{Author: m.Author, Message: m.Text, Timestamp: m.SentAt.Unix()}
}

// chatSend says something in a channel.
func (a *api) chatSend(ctx context.Context, c *call) (answer, error) {
	text := c.get("message")
	err := a.svc.ClientChatSend(ctx, c.app, c.session, c.get("channel"), text)
	e, isOurs := errors.AsType[*latchkey.Error](err)
	refused := isOurs && e.Code == latchkey.CodeInvalid && e.Field == "text"
	switch {
	case refused && strings.TrimSpace(text) == "":
		return answer{}, refusal{textChatBlank}
	case refused && utf8.RuneCountInString(text) > latchkey.MaxChatMessage:
		return answer{}, refusal{textChatLong}
	case err != nil:
		return answer{}, err
	}
	return answer{Message: textChatSent}, nil
}
