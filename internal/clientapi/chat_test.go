package clientapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestChat(t *testing.T) {
	w := newWorld(t)
	_, err := w.Service.CreateChannel(w.Ctx(), w.app.ID, service.ChannelEdit{Name: new("lobby"), Delay: new(int64(10))})
	w.must(err)
	_, err = w.Service.CreateChannel(w.Ctx(), w.app.ID, service.ChannelEdit{Name: new("gold"), MinLevel: new(int64(2))})
	w.must(err)
	ada := w.registered("ada")
	say := func(channel, text string) client.ChatSend {
		return client.ChatSend{Session: ada.Session, Channel: channel, Text: text}
	}
	w.twice(w.newRequest(client.PathChatSend, say("lobby", "hello")), "{}")
	a := w.send(w.newRequest(client.PathChatSend, say("lobby", "and on")))
	if a.StatusCode != http.StatusTooManyRequests || a.refusal.Code != "chat.too_fast" || a.refusal.RetryAfter != 10 {
		t.Errorf("%d %+v", a.StatusCode, a.refusal)
	}
	at := w.Clock.Now().UnixMilli()
	w.Clock.Advance(10 * time.Second)
	done[client.Empty](w, client.PathChatSend, say("lobby", "wie geht’s?"))
	got := done[client.ChatMessages](w, client.PathChatMessages, client.Channel{Session: ada.Session, Channel: "lobby"})
	want := client.ChatMessages{Messages: []client.ChatMessage{{Author: "ada", Text: "hello", SentAt: at}, {Author: "ada", Text: "wie geht’s?", SentAt: at + 10_000}}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(client.ChatMessage{}, "ID")); diff != "" {
		t.Error(diff)
	}
	w.refused(client.PathChatMessages, client.Channel{Session: ada.Session, Channel: "Lobby"}, latchkey.CodeChatNotFound)
	w.refused(client.PathChatMessages, client.Channel{Session: ada.Session, Channel: "gold"}, latchkey.CodeLevelTooLow)
	w.refused(client.PathChatMessages, client.Channel{Session: w.start(), Channel: "lobby"}, latchkey.CodeSessionNotSignedIn)
	w.refused(client.PathChatSend, say("gold", "x"), latchkey.CodeLevelTooLow)
	w.refused(client.PathChatSend, say("lobby", strings.Repeat("ö", 2001)), latchkey.CodeInvalid)
	w.Clock.Advance(10 * time.Second)
	if r := w.refused(client.PathChatSend, say("lobby", " \n"), latchkey.CodeInvalid); r.Field != "text" {
		t.Errorf("%+v", r)
	}
	_, err = w.Service.MuteUser(w.Ctx(), w.app.ID, service.NewMute{UserID: w.user("ada").ID, Until: w.Clock.Now().Add(time.Hour)})
	w.must(err)
	w.refused(client.PathChatSend, say("lobby", "muted"), latchkey.CodeChatMuted)
}
