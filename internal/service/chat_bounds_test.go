package service_test

import (
	"context"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func chatPerMinute(s *scene) {
	s.channel("lobby", service.ChannelEdit{})
	s.channel("attic", service.ChannelEdit{})
	ann, bob := s.customer("ann"), s.customer("bob")
	codes := map[latchkey.Code]int{}
	for i := range 40 {
		codes[latchkey.CodeOf(s.say(ann, []string{"lobby", "attic"}[i%2], "spam"))]++
	}
	if diff := cmp.Diff(map[latchkey.Code]int{"": 30, latchkey.CodeRateLimited: 10}, codes); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
	s.must(s.say(bob, "lobby", "I have not said anything yet"))
	s.Clock.Advance(2 * time.Second)
	s.must(s.say(ann, "lobby", "one more"))
}

func chatNeedsSignIn(s *scene) {
	s.channel("lobby", service.ChannelEdit{})
	ses := s.start()
	s.refused(s.say(ses, "lobby", "hi"), latchkey.CodeSessionNotSignedIn)
	_, err := s.Service.ClientChatMessages(outside(), s.client(), ses, "lobby")
	s.refused(err, latchkey.CodeSessionNotSignedIn)
	ann := s.customer("ann")
	_, err = s.Service.ClientChatMessages(outside(), s.client(), ann, "attic")
	s.refused(err, latchkey.CodeChatNotFound)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, s.named("ann").ID, service.UserBan{})
	s.must(err)
	s.refused(s.say(ann, "lobby", "hi"), latchkey.CodeSessionNotFound)
}

func chatSweep(s *scene) {
	s.Clock.Advance(2 * time.Hour)
	for { // what other stories left
		n, err := s.Service.SweepChats(context.Background())
		s.must(err)
		if n == 0 {
			break
		}
	}
	s.channel("lobby", service.ChannelEdit{Delay: point(int64(3600))})
	ann := s.customer("ann")
	s.must(s.say(ann, "lobby", "hi"))
	_, err := s.Service.MuteUser(s.Ctx(), s.app.ID, service.NewMute{UserID: s.named("ann").ID, Until: s.Clock.Now().Add(30 * time.Minute)})
	s.must(err)
	s.Clock.Advance(time.Hour - time.Millisecond)
	for _, want := range []int64{1, 1, 0} { // the mute, then the turn
		n, err := s.Service.SweepChats(context.Background())
		s.must(err)
		if n != want {
			s.Errorf("swept %d, want %d", n, want)
		}
		s.Clock.Advance(time.Millisecond)
	}
	s.must(s.say(ann, "lobby", "again"))
}
