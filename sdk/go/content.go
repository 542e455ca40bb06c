package latchkey

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
)

// Variable returns the value of one of the application's variables.
func (c *Client) Variable(ctx context.Context, name string) (string, error) {
	token, err := c.anyToken(ctx)
	if err != nil {
		return "", err
	}
	var out client.Variable
	_, err = c.call(ctx, client.PathVariable, client.Name{Session: token, Name: name}, &out)
	return out.Value, c.refusedLater(err)
}

// UserVariable returns the value of one of the user's variables.
func (c *Client) UserVariable(ctx context.Context, name string) (string, error) {
	token, err := c.signedInToken()
	if err != nil {
		return "", err
	}
	var out client.Variable
	_, err = c.call(ctx, client.PathUserVariable, client.Name{Session: token, Name: name}, &out)
	return out.Value, c.refusedLater(err)
}

// SetUserVariable sets one of the user's variables, at most 4 KiB.
func (c *Client) SetUserVariable(ctx context.Context, name, value string) error {
	return c.doSignedIn(ctx, client.PathSetUserVariable, func(token string) any {
		return client.SetVariable{Session: token, Name: name, Value: value}
	})
}

// Log sends the seller a line of at most 1,024 characters. DeviceName is what
// the computer is called; "" leaves it out.
func (c *Client) Log(ctx context.Context, message, deviceName string) error {
	token, err := c.anyToken(ctx)
	if err != nil {
		return err
	}
	return c.do(ctx, client.PathLog, client.Log{Session: token, Message: message, DeviceName: deviceName})
}

// WebhookCall is what to send to a webhook that the seller has set.
type WebhookCall struct {
	ID          string
	Params      map[string]string // appended to the query
	Body        string            // makes it a POST
	ContentType string            // of the body
}

// WebhookAnswer is what the webhook's address answered.
type WebhookAnswer = client.WebhookAnswer

// Webhook has the server call one of the seller's webhooks, once.
func (c *Client) Webhook(ctx context.Context, w WebhookCall) (*WebhookAnswer, error) {
	token, err := c.anyToken(ctx)
	if err != nil {
		return nil, err
	}
	var out client.WebhookAnswer
	in := client.Webhook{Session: token, Webhook: w.ID, Params: w.Params, Body: w.Body, ContentType: w.ContentType}
	if _, err := c.call(ctx, client.PathWebhook, in, &out); err != nil {
		return nil, c.refusedLater(err)
	}
	return &out, nil
}

// ChatMessage is a message of a chat channel.
type ChatMessage struct {
	ID     string
	Author string
	Text   string
	SentAt time.Time
}

// ChatMessages returns the last messages of a channel, oldest first.
func (c *Client) ChatMessages(ctx context.Context, channel string) ([]ChatMessage, error) {
	token, err := c.signedInToken()
	if err != nil {
		return nil, err
	}
	var out client.ChatMessages
	if _, err := c.call(ctx, client.PathChatMessages, client.Channel{Session: token, Channel: channel}, &out); err != nil {
		return nil, c.refusedLater(err)
	}
	var all []ChatMessage
	for _, m := range out.Messages {
		all = append(all, ChatMessage{ID: m.ID, Author: m.Author, Text: m.Text, SentAt: time.UnixMilli(m.SentAt).UTC()})
	}
	return all, nil
}

// ChatSend says something in a channel, at most 2,000 characters.
func (c *Client) ChatSend(ctx context.Context, channel, text string) error {
	return c.doSignedIn(ctx, client.PathChatSend, func(token string) any {
		return client.ChatSend{Session: token, Channel: channel, Text: text}
	})
}

// Blacklisted reports whether this computer or its address is blacklisted.
// Whoever does not get an answer must take it for a yes.
func (c *Client) Blacklisted(ctx context.Context) (bool, error) {
	hwid, err := c.hardwareID()
	if err != nil {
		return true, err
	}
	token, err := c.anyToken(ctx)
	if err != nil {
		return true, err
	}
	var out struct {
		Blacklisted *bool `json:"blacklisted"`
	}
	if _, err := c.call(ctx, client.PathBlacklist, client.BlacklistCheck{Session: token, HWID: hwid}, &out); err != nil {
		return true, c.refusedLater(err)
	}
	return out.Blacklisted == nil || *out.Blacklisted, nil
}

// Online returns the shortened names of users who are in the program now, and
// how many there are.
func (c *Client) Online(ctx context.Context) (users []string, total int64, err error) {
	token, err := c.anyToken(ctx)
	if err != nil {
		return nil, 0, err
	}
	var out client.Online
	_, err = c.call(ctx, client.PathOnline, client.Session{Session: token}, &out)
	return out.Users, out.Total, c.refusedLater(err)
}

// Stats are the application's numbers.
type Stats = client.Stats

// Stats returns the application's numbers.
func (c *Client) Stats(ctx context.Context) (*Stats, error) {
	token, err := c.anyToken(ctx)
	if err != nil {
		return nil, err
	}
	var out client.Stats
	if _, err := c.call(ctx, client.PathStats, client.Session{Session: token}, &out); err != nil {
		return nil, c.refusedLater(err)
	}
	return &out, nil
}
