package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestChats(t *testing.T) {
	tell(t, []story{
		{"a channel has a name of its own in its app", channelNames},
		{"a channel keeps its last messages, and programs see the last 50", chatHistory},
		{"a shorter history lets messages go at once", shorterHistory},
		{"a user waits between two messages, in each channel for itself", chatDelay},
		{"a message that was deleted does not end the wait", delayOutlivesMessage},
		{"a clock that was wrong silences nobody for long", chatClock},
		{"a muted user reads and does not write, until the mute ends", chatMute},
		{"many mutes are lifted at once, and counted before", liftMutes},
		{"channels are found and sorted by their names", channelsByName},
		{"a mute takes the place of an earlier one, and can be lifted", muteAgain},
		{"a channel can be for higher levels only", chatLevel},
		{"what cannot be said costs no turn", blankCostsNoTurn},
		{"messages go with their user, and follow a rename", chatUsers},
		{"license keys are not told to others", chatKeys},
		{"the seller speaks under any name, without delay", sellerSpeaks},
		{"messages are deleted one by one, or all", chatDeletion},
		{"a user has so many messages a minute, over all channels", chatPerMinute},
		{"nobody speaks without a sign-in", chatNeedsSignIn},
		{"what is over is swept", chatSweep},
	})
}

// channel makes a channel.
func (s *scene) channel(name string, edit service.ChannelEdit) service.ChannelView {
	s.Helper()
	edit.Name = &name
	c, err := s.Service.CreateChannel(s.Ctx(), s.app.ID, edit)
	s.must(err)
	return c
}

// customer is a user with a password, in a session of theirs.
func (s *scene) customer(name string) *service.ClientSession {
	s.Helper()
	s.user(name, "secret")
	ses, err := s.login(name, "secret", machine+name)
	s.must(err)
	return ses
}

func (s *scene) say(ses *service.ClientSession, channel, text string) error {
	return s.Service.ClientChatSend(outside(), s.client(), ses, channel, text)
}

// heard is what a customer reads, one line each.
func (s *scene) heard(ses *service.ClientSession, channel string) []string {
	s.Helper()
	list, err := s.Service.ClientChatMessages(outside(), s.client(), ses, channel)
	s.must(err)
	lines := []string{}
	for _, m := range list {
		lines = append(lines, m.Author+": "+m.Text)
	}
	return lines
}

func (s *scene) wantHeard(ses *service.ClientSession, channel string, want ...string) {
	s.Helper()
	if diff := cmp.Diff(append([]string{}, want...), s.heard(ses, channel)); diff != "" {
		s.Errorf("%s (-want +got):\n%s", channel, diff)
	}
}

func channelNames(s *scene) {
	lobby := s.channel("lobby", service.ChannelEdit{})
	if lobby.Delay != 0 || lobby.History != latchkey.DefaultChatHistory || lobby.MinLevel != 0 || lobby.Messages != 0 {
		s.Errorf("a new channel is %+v", lobby)
	}
	_, err := s.Service.CreateChannel(s.Ctx(), s.app.ID, service.ChannelEdit{Name: point("lobby")})
	s.refused(err, latchkey.CodeChatExists)
	s.Clock.Advance(time.Millisecond)
	attic := s.channel("Lobby", service.ChannelEdit{Delay: point(int64(5))})
	_, err = s.Service.UpdateChannel(s.Ctx(), s.app.ID, attic.ID, service.ChannelEdit{Name: point("lobby")})
	s.refused(err, latchkey.CodeChatExists)
	_, err = s.Service.CreateChannel(s.Ctx(), s.app.ID, service.ChannelEdit{})
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.Service.UpdateChannel(s.Ctx(), s.app.ID, attic.ID, service.ChannelEdit{Delay: point(int64(7)), History: point(int64(0))})
	s.refused(err, latchkey.CodeInvalid)
	list, err := s.Service.ListChannels(s.Ctx(), s.app.ID, service.NamedFilter{})
	s.must(err)
	if diff := cmp.Diff([]service.ChannelView{lobby, attic}, list.Items); diff != "" {
		s.Errorf("channels (-want +got):\n%s", diff)
	}
	edited, err := s.Service.UpdateChannel(s.Ctx(), s.app.ID, attic.ID, service.ChannelEdit{Name: point("attic"), MinLevel: point(int64(3))})
	s.must(err)
	got, err := s.Service.Channel(s.Ctx(), s.app.ID, attic.ID)
	s.must(err)
	if diff := cmp.Diff(edited, got); diff != "" || got.Name != "attic" || got.Delay != 5 || got.MinLevel != 3 {
		s.Errorf("edited: %+v\n%s", got, diff)
	}
	s.must(s.Service.DeleteChannel(s.Ctx(), s.app.ID, lobby.ID))
	_, err = s.Service.Channel(s.Ctx(), s.app.ID, lobby.ID)
	s.refused(err, latchkey.CodeChatNotFound)
	s.channel("lobby", service.ChannelEdit{})
}

func chatHistory(s *scene) {
	s.channel("lobby", service.ChannelEdit{History: point(int64(60))})
	ann := s.customer("ann")
	for i := range 70 {
		s.must(s.say(ann, "lobby", fmt.Sprint(i)))
		s.Clock.Advance(2 * time.Second)
	}
	heard := s.heard(ann, "lobby")
	if len(heard) != 50 || heard[0] != "ann: 20" || heard[49] != "ann: 69" {
		s.Errorf("%d messages, %v", len(heard), heard)
	}
	list, err := s.Service.ListChannels(s.Ctx(), s.app.ID, service.NamedFilter{})
	s.must(err)
	if n := list.Items[0].Messages; n != 60 {
		s.Errorf("%d messages are kept, want 60", n)
	}
	page, err := s.Service.ListChatMessages(s.Ctx(), s.app.ID, list.Items[0].ID, service.Page{Limit: 40})
	s.must(err)
	rest, err := s.Service.ListChatMessages(s.Ctx(), s.app.ID, list.Items[0].ID, service.Page{Limit: 40, Cursor: page.Next})
	s.must(err)
	if len(page.Items) != 40 || len(rest.Items) != 20 || page.Items[0].Text != "69" || rest.Items[19].Text != "10" || rest.Next != "" {
		s.Errorf("pages of %d and %d messages", len(page.Items), len(rest.Items))
	}
}

func shorterHistory(s *scene) {
	c := s.channel("lobby", service.ChannelEdit{})
	for i := range 5 {
		_, err := s.Service.SendChatMessage(s.Ctx(), s.app.ID, c.ID, "", fmt.Sprint(i))
		s.must(err)
	}
	after, err := s.Service.UpdateChannel(s.Ctx(), s.app.ID, c.ID, service.ChannelEdit{History: point(int64(2))})
	s.must(err)
	if after.Messages != 2 {
		s.Errorf("%d messages are left", after.Messages)
	}
	s.wantHeard(s.customer("ann"), "lobby", "System: 3", "System: 4")
}

func chatDelay(s *scene) {
	s.channel("lobby", service.ChannelEdit{Delay: point(int64(30))})
	s.channel("attic", service.ChannelEdit{Delay: point(int64(30))})
	ann, bob := s.customer("ann"), s.customer("bob")
	s.must(s.say(ann, "lobby", "one"))
	err := s.say(ann, "lobby", "two")
	s.refused(err, latchkey.CodeChatTooFast)
	if e, ok := err.(*latchkey.Error); ok && e.RetryAfter != 30*time.Second {
		s.Errorf("wait %v, want 30s", e.RetryAfter)
	}
	s.must(s.say(ann, "attic", "here as well"))
	s.must(s.say(bob, "lobby", "me too"))
	again, err := s.login("ann", "secret", machine+"ann")
	s.must(err)
	s.refused(s.say(again, "lobby", "with a new session"), latchkey.CodeChatTooFast)
	s.Clock.Advance(30*time.Second - time.Millisecond)
	s.refused(s.say(ann, "lobby", "almost"), latchkey.CodeChatTooFast)
	s.Clock.Advance(time.Millisecond)
	s.must(s.say(ann, "lobby", "three"))
	s.wantHeard(bob, "lobby", "ann: one", "bob: me too", "ann: three")
}

func delayOutlivesMessage(s *scene) {
	c := s.channel("lobby", service.ChannelEdit{Delay: point(int64(30))})
	ann := s.customer("ann")
	s.must(s.say(ann, "lobby", "one"))
	_, err := s.Service.ClearChannel(s.Ctx(), s.app.ID, c.ID)
	s.must(err)
	s.refused(s.say(ann, "lobby", "two"), latchkey.CodeChatTooFast)
}

func chatClock(s *scene) {
	s.channel("lobby", service.ChannelEdit{Delay: point(int64(30))})
	ann := s.customer("ann")
	right := s.Clock.Now()
	s.Clock.Advance(2 * time.Hour)
	s.must(s.say(ann, "lobby", "from the future"))
	s.Clock.Set(right)
	s.refused(s.say(ann, "lobby", "now"), latchkey.CodeRateLimited) // by the limit of messages a minute, for 2 seconds
	s.Clock.Advance(2 * time.Second)
	s.must(s.say(ann, "lobby", "now"))
	s.Clock.Advance(2 * time.Second)
	s.refused(s.say(ann, "lobby", "at once"), latchkey.CodeChatTooFast)
	s.wantHeard(ann, "lobby", "ann: from the future", "ann: now")
}

func chatMute(s *scene) {
	s.channel("lobby", service.ChannelEdit{})
	s.channel("attic", service.ChannelEdit{})
	ann := s.customer("ann")
	end := s.Clock.Now().Add(time.Hour)
	m, err := s.Service.MuteUser(s.Ctx(), s.app.ID, service.NewMute{UserID: s.named("ann").ID, Until: end, Reason: "spam"})
	s.must(err)
	if m.Username != "ann" || !m.Until.Equal(end) || m.CreatedBy != s.Owner.Account.ID {
		s.Errorf("the mute is %+v", m)
	}
	for _, channel := range []string{"lobby", "attic"} {
		err := s.say(ann, channel, "hi")
		s.refused(err, latchkey.CodeChatMuted)
		if e, ok := err.(*latchkey.Error); ok && (!e.Until.Equal(end) || e.Reason != "spam") {
			s.Errorf("the refusal tells %v", e.Until)
		}
		s.wantHeard(ann, channel)
	}
	s.Clock.Advance(time.Hour)
	s.must(s.say(ann, "lobby", "hi"))
	list, err := s.Service.ListMutes(s.Ctx(), s.app.ID, "", service.Page{})
	s.must(err)
	if len(list.Items) != 0 {
		s.Errorf("mutes that are over: %+v", list.Items)
	}
	s.refused(s.Service.Unmute(s.Ctx(), s.app.ID, m.ID), latchkey.CodeChatMuteNotFound)
}

func liftMutes(s *scene) {
	s.channel("lobby", service.ChannelEdit{})
	var ids []string
	speakers := map[string]*service.ClientSession{}
	for _, name := range []string{"ann", "bob", "cid", "dan"} {
		speakers[name] = s.customer(name)
		m, err := s.Service.MuteUser(s.Ctx(), s.app.ID, service.NewMute{UserID: s.named(name).ID, Until: s.Clock.Now().Add(time.Hour)})
		s.must(err)
		ids = append(ids, m.ID)
	}
	for _, c := range []struct {
		name  string
		sel   service.MuteSelection
		n     int64
		event string
	}{
		{"of a search", service.MuteSelection{All: true, Search: " ann "}, 1, "chat.unmute_many"},
		{"of nobody", service.MuteSelection{All: true, Search: "nobody"}, 0, "chat.unmute_many"},
		{"named, one of which is over", service.MuteSelection{IDs: ids[:2]}, 1, "chat.unmute"},
		{"all", service.MuteSelection{All: true}, 2, "chat.unmute_many"},
	} {
		would, err := s.Service.LiftMutes(s.Ctx(), s.app.ID, c.sel, service.BulkCall{DryRun: true})
		s.must(err)
		did, err := s.Service.LiftMutes(s.Ctx(), s.app.ID, c.sel, service.BulkCall{Repeat: c.name})
		s.must(err)
		if want := (service.Change{Matched: c.n, Changed: c.n}); would.Change != want || did.Change != want {
			s.Errorf("%s: would lift %+v, lifted %+v", c.name, would.Change, did.Change)
		}
		if got := s.actions()[0]; got != c.event {
			s.Errorf("%s: the last event is %s", c.name, got)
		}
		again, err := s.Service.LiftMutes(s.Ctx(), s.app.ID, c.sel, service.BulkCall{Repeat: c.name})
		s.must(err)
		if !again.Replayed || again.Change != did.Change {
			s.Errorf("%s, again: %+v", c.name, again)
		}
	}
	for _, ses := range speakers {
		s.must(s.say(ses, "lobby", "free"))
	}
	for _, sel := range []service.MuteSelection{{}, {All: true, IDs: ids}, {IDs: ids, Search: "ann"}, {IDs: []string{ids[0], ids[0]}}} {
		_, err := s.Service.LiftMutes(s.Ctx(), s.app.ID, sel, service.BulkCall{})
		s.refused(err, latchkey.CodeInvalid)
	}
}

func channelsByName(s *scene) {
	for _, name := range []string{"Lobby", "attic", "Über lobby", "100%"} {
		s.channel(name, service.ChannelEdit{})
		s.Clock.Advance(time.Second)
	}
	for _, c := range []struct {
		search, sort string
		want         []string
	}{
		{"", "", []string{"Lobby", "attic", "Über lobby", "100%"}},
		{"", "-created", []string{"100%", "Über lobby", "attic", "Lobby"}},
		{"", "name", []string{"100%", "Lobby", "attic", "Über lobby"}},
		{"LOB", "-name", []string{"Über lobby", "Lobby"}},
		{"ü", "", []string{"Über lobby"}},
		{"%", "", []string{"100%"}},
		{"none", "name", nil},
	} {
		var got []string
		for p := (service.Page{Limit: 1}); ; {
			list, err := s.Service.ListChannels(s.Ctx(), s.app.ID, service.NamedFilter{Search: c.search, Sort: c.sort, Page: p})
			s.must(err)
			for _, v := range list.Items {
				got = append(got, v.Name)
			}
			if p.Cursor = list.Next; p.Cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			s.Errorf("%q by %q (-want +got):\n%s", c.search, c.sort, diff)
		}
	}
	_, err := s.Service.ListChannels(s.Ctx(), s.app.ID, service.NamedFilter{Sort: "level"})
	s.refused(err, latchkey.CodeInvalid)
}

func muteAgain(s *scene) {
	s.channel("lobby", service.ChannelEdit{})
	ann := s.customer("ann")
	id := s.named("ann").ID
	_, err := s.Service.MuteUser(s.Ctx(), s.app.ID, service.NewMute{UserID: id, Until: s.Clock.Now().Add(time.Hour)})
	s.must(err)
	second, err := s.Service.MuteUser(s.Ctx(), s.app.ID, service.NewMute{UserID: id, Until: s.Clock.Now().Add(2 * time.Hour), Reason: "again"})
	s.must(err)
	_, err = s.Service.MuteUser(s.Ctx(), s.app.ID, service.NewMute{UserID: id, Until: s.Clock.Now()})
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.Service.MuteUser(s.Ctx(), s.app.ID, service.NewMute{UserID: "usr_none", Until: s.Clock.Now().Add(time.Hour)})
	s.refused(err, latchkey.CodeUserNotFound)
	list, err := s.Service.ListMutes(s.Ctx(), s.app.ID, "", service.Page{})
	s.must(err)
	if diff := cmp.Diff([]service.MuteView{second}, list.Items); diff != "" {
		s.Errorf("mutes (-want +got):\n%s", diff)
	}
	s.must(s.Service.Unmute(s.Ctx(), s.app.ID, second.ID))
	s.must(s.say(ann, "lobby", "free"))
}

func chatLevel(s *scene) {
	s.channel("vip", service.ChannelEdit{MinLevel: point(int64(2))})
	ann := s.customer("ann")
	s.refused(s.say(ann, "vip", "hi"), latchkey.CodeLevelTooLow)
	_, err := s.Service.ClientChatMessages(outside(), s.client(), ann, "vip")
	s.refused(err, latchkey.CodeLevelTooLow)
	gold, err := s.Service.CreateSubscription(s.Ctx(), s.app.ID, "gold", 2)
	s.must(err)
	_, err = s.Service.AddUserSubscription(s.Ctx(), s.app.ID, s.named("ann").ID, gold.ID, s.length("1d"))
	s.must(err)
	s.must(s.say(ann, "vip", "hi"))
	s.wantHeard(ann, "vip", "ann: hi")
	s.Clock.Advance(25 * time.Hour)
	back, err := s.login("ann", "secret", machine+"ann")
	s.must(err)
	s.refused(s.say(back, "vip", "hi"), latchkey.CodeLevelTooLow)
}

func blankCostsNoTurn(s *scene) {
	s.channel("lobby", service.ChannelEdit{Delay: point(int64(30))})
	ann := s.customer("ann")
	s.refused(s.say(ann, "lobby", " \n"), latchkey.CodeInvalid)
	s.refused(s.say(ann, "lobby", strings.Repeat("x", 2001)), latchkey.CodeInvalid)
	s.must(s.say(ann, "lobby", strings.Repeat("ü", 2000)))
	s.refused(s.say(ann, "lobby", ""), latchkey.CodeChatTooFast)
	s.refused(s.say(ann, "attic", ""), latchkey.CodeChatNotFound)
}

func chatUsers(s *scene) {
	s.channel("lobby", service.ChannelEdit{Delay: point(int64(1))})
	ann, bob := s.customer("ann"), s.customer("bob")
	s.must(s.say(ann, "lobby", "hi"))
	s.must(s.say(bob, "lobby", "hello"))
	annID := s.named("ann").ID
	_, err := s.Service.UpdateUser(s.Ctx(), s.app.ID, annID, service.UserEdit{Username: point("anna")})
	s.must(err)
	s.wantHeard(bob, "lobby", "anna: hi", "bob: hello")
	_, err = s.Service.MuteUser(s.Ctx(), s.app.ID, service.NewMute{UserID: annID, Until: s.Clock.Now().Add(time.Hour)})
	s.must(err)
	s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, annID))
	s.wantHeard(bob, "lobby", "bob: hello")
	// A new user of the name inherits nothing.
	anna := s.customer("anna")
	s.must(s.say(anna, "lobby", "new here"))
	s.wantHeard(bob, "lobby", "bob: hello", "anna: new here")
}

func chatKeys(s *scene) {
	c := s.channel("lobby", service.ChannelEdit{})
	key := s.key("30d")
	ses, err := s.license(key, machine)
	s.must(err)
	s.must(s.say(ses, "lobby", "hi"))
	s.wantHeard(ses, "lobby", key+": hi")
	ann := s.customer("ann")
	heard := s.heard(ann, "lobby")[0]
	if strings.Contains(heard, key[4:]) || !strings.HasPrefix(heard, key[:4]+"******-") {
		s.Errorf("others read %q of %q", heard, key)
	}
	list, err := s.Service.ListChatMessages(s.Ctx(), s.app.ID, c.ID, service.Page{})
	s.must(err)
	if m := list.Items[0]; m.Author != key || !m.LicenseNamed {
		s.Errorf("the seller reads %+v", m)
	}
	_, err = s.Service.UpdateUser(s.Ctx(), s.app.ID, list.Items[0].UserID, service.UserEdit{Username: point("carl")})
	s.must(err)
	s.wantHeard(ann, "lobby", "carl: hi")
}

func sellerSpeaks(s *scene) {
	c := s.channel("lobby", service.ChannelEdit{Delay: point(int64(3600)), MinLevel: point(int64(9))})
	for _, author := range []string{"", "Support"} {
		m, err := s.Service.SendChatMessage(s.Ctx(), s.app.ID, c.ID, author, "hello")
		s.must(err)
		if m.UserID != "" || m.Text != "hello" || m.Author != map[string]string{"": "System", "Support": "Support"}[author] {
			s.Errorf("said %+v", m)
		}
	}
	for _, bad := range [][2]string{{"Support ", "hi"}, {strings.Repeat("x", 71), "hi"}, {"Support", " "}, {"Support", strings.Repeat("x", 2001)}} {
		_, err := s.Service.SendChatMessage(s.Ctx(), s.app.ID, c.ID, bad[0], bad[1])
		s.refused(err, latchkey.CodeInvalid)
	}
	_, err := s.Service.SendChatMessage(s.Ctx(), s.app.ID, "chn_none", "", "hi")
	s.refused(err, latchkey.CodeChatNotFound)
}

func chatDeletion(s *scene) {
	c := s.channel("lobby", service.ChannelEdit{})
	other := s.channel("attic", service.ChannelEdit{})
	ann := s.customer("ann")
	for _, text := range []string{"one", "two", "three"} {
		s.must(s.say(ann, "lobby", text))
	}
	list, err := s.Service.ListChatMessages(s.Ctx(), s.app.ID, c.ID, service.Page{})
	s.must(err)
	two := list.Items[1].ID
	s.refused(s.Service.DeleteChatMessage(s.Ctx(), s.app.ID, other.ID, two), latchkey.CodeChatMessageNotFound)
	s.refused(s.Service.DeleteChatMessage(s.Ctx(), s.app.ID, "chn_none", two), latchkey.CodeChatNotFound)
	s.must(s.Service.DeleteChatMessage(s.Ctx(), s.app.ID, c.ID, two))
	s.refused(s.Service.DeleteChatMessage(s.Ctx(), s.app.ID, c.ID, two), latchkey.CodeChatMessageNotFound)
	s.wantHeard(ann, "lobby", "ann: one", "ann: three")
	change, err := s.Service.ClearChannel(s.Ctx(), s.app.ID, c.ID)
	s.must(err)
	if change != (service.Change{Matched: 2, Changed: 2}) {
		s.Errorf("cleared %+v", change)
	}
	s.wantHeard(ann, "lobby")
}
