package latchkeytest

import (
	"bytes"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// Variable makes a variable that anybody's program can ask for.
func (a *App) Variable(name, value string) {
	_, err := a.server.svc.CreateVariable(a.server.owner, a.ID, service.NewVariable{Name: name, Value: latchkey.Secret(value)})
	a.server.must(err)
}

// VariableOfLevel makes a variable for customers with an active subscription of
// at least a level; of level 0, for whoever has signed in.
func (a *App) VariableOfLevel(level int64, name, value string) {
	_, err := a.server.svc.CreateVariable(a.server.owner, a.ID, service.NewVariable{Name: name, Value: latchkey.Secret(value), NeedsSignIn: true, MinLevel: level})
	a.server.must(err)
}

// SetUserVariable sets a variable of a user, which their program can read but
// not change.
func (a *App) SetUserVariable(user, name, value string) {
	_, err := a.server.svc.SetUserVariable(a.server.owner, a.ID, a.user(user), service.SetVariable{Name: name, Value: latchkey.Secret(value), ReadOnly: true})
	a.server.must(err)
}

// UserVariables are the variables of a user, as the program or a test set them.
func (a *App) UserVariables(user string) map[string]string {
	list, err := a.server.svc.ListUserVariables(a.server.owner, a.ID, a.user(user), service.Page{Limit: service.MaxLimit})
	a.server.must(err)
	values := map[string]string{}
	for i := range list.Items {
		values[list.Items[i].Name] = list.Items[i].Value.Reveal()
	}
	return values
}

// File stores a file that anybody's program can fetch, and returns its id.
func (a *App) File(name string, content []byte) (id string) {
	return a.upload(service.NewFile{Name: name}, content)
}

// FileOfLevel is [App.File] for customers with an active subscription of at
// least a level; of level 0, for whoever has signed in.
func (a *App) FileOfLevel(level int64, name string, content []byte) (id string) {
	return a.upload(service.NewFile{Name: name, NeedsSignIn: true, MinLevel: level}, content)
}

// ReplaceFile gives a file another content.
func (a *App) ReplaceFile(id string, content []byte) {
	_, err := a.server.svc.ReplaceFile(a.server.owner, a.ID, id, a.stage(id, content))
	a.server.must(err)
}

func (a *App) upload(in service.NewFile, content []byte) (id string) {
	made, err := a.server.svc.UploadFile(a.server.owner, a.ID, in, a.stage("", content))
	a.server.must(err)
	return made.ID
}

func (a *App) stage(id string, content []byte) *service.StagedFile {
	staged, err := a.server.svc.StageFile(a.server.owner, service.Upload{App: a.ID, File: id, Size: int64(len(content))}, bytes.NewReader(content))
	a.server.must(err)
	return staged
}

// Webhook makes a webhook that any program can have called, and returns its id.
// Programs see what it answers. Its address may be one of this computer, such as
// that of a server of net/http/httptest.
func (a *App) Webhook(name, url string) (id string) {
	return a.webhook(service.NewWebhook{Name: name, URL: latchkey.Secret(url), ShowAnswer: true})
}

// WebhookOfLevel is [App.Webhook] for customers with an active subscription of
// at least a level; of level 0, for whoever has signed in.
func (a *App) WebhookOfLevel(level int64, name, url string) (id string) {
	return a.webhook(service.NewWebhook{Name: name, URL: latchkey.Secret(url), ShowAnswer: true, NeedsSignIn: true, MinLevel: level})
}

func (a *App) webhook(in service.NewWebhook) (id string) {
	made, err := a.server.svc.CreateWebhook(a.server.owner, a.ID, in)
	a.server.must(err)
	return made.ID
}

// ChatChannel makes a channel in which customers talk.
func (a *App) ChatChannel(name string) {
	_, err := a.server.svc.CreateChannel(a.server.owner, a.ID, service.ChannelEdit{Name: &name})
	a.server.must(err)
}

// Logged are the lines that programs have reported, the oldest first.
func (a *App) Logged() (messages []string) {
	list, err := a.server.svc.ListLogs(a.server.owner, a.ID, service.LogFilter{Sort: "created", Page: service.Page{Limit: service.MaxLimit}})
	a.server.must(err)
	for i := range list.Items {
		messages = append(messages, list.Items[i].Message)
	}
	return messages
}

// BlacklistHWID shuts a computer out, whoever signs in from it.
func (a *App) BlacklistHWID(hwid string) { a.blacklist(latchkey.AccessHWID, hwid) }

// BlacklistIP shuts an address out. Programs of a test call from 127.0.0.1.
func (a *App) BlacklistIP(address string) { a.blacklist(latchkey.AccessIP, address) }

func (a *App) blacklist(kind latchkey.AccessKind, value string) {
	_, err := a.server.svc.CreateAccess(a.server.owner, a.ID, latchkey.Blacklist, service.NewAccess{Kind: kind, Value: value})
	a.server.must(err)
}

// ClearBlacklist lets everybody in again.
func (a *App) ClearBlacklist() {
	list, err := a.server.svc.ListAccess(a.server.owner, a.ID, latchkey.Blacklist, service.AccessFilter{Page: service.Page{Limit: service.MaxLimit}})
	a.server.must(err)
	for i := range list.Items {
		a.server.must(a.server.svc.DeleteAccess(a.server.owner, a.ID, latchkey.Blacklist, list.Items[i].ID))
	}
}
