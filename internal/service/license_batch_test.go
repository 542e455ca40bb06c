package service_test

import (
	"context"
	crand "crypto/rand"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/store"
)

func TestLicenseBatch(t *testing.T) {
	stories := []story{
		{"a large batch comes into being at once, and reads back in order", makeBatch},
		{"a batch whose caller turns away leaves nothing", turnAway},
		{"a batch whose context ends leaves nothing", cancelBatch},
		{"a call made again gives the same licenses", repeatBatch},
		{"another call of the same name is refused", repeatOther},
		{"names of calls are their account's own", repeatOfOthers},
		{"a call made again takes over what a dead server left", takeOver},
		{"what a dead server left is swept", sweepBatch},
		{"a call can be repeated for a week", forgetBatch},
		{"a key that exists is refused, a random one drawn again", collidingBatch},
		{"bad batches are refused before anything is made", badBatches},
	}
	for i := range stories {
		stories[i].tell = inSmallChunks(stories[i].tell)
	}
	tell(t, append(stories, story{"what is stored of a batch of the usual size goes at once", clearLargeBatch}))
}

// Two windows of five chunks and a half chunk, in chunks that are quick to make.
const (
	chunkSize    = 20
	manyLicenses = 210
)

// inSmallChunks tells a story on a server that stores few licenses at a time.
func inSmallChunks(tell func(*scene)) func(*scene) {
	return func(s *scene) {
		c := besides(s, s.Env, crand.Reader, slog.New(slog.DiscardHandler))
		c.BatchChunk = chunkSize
		small := *s.Env
		small.Service = service.New(c)
		s.Env = &small
		tell(s)
	}
}

// chunksAfter are the numbers of licenses made after each chunk.
func chunksAfter(made int64) (steps []int64) {
	for made < manyLicenses {
		made = min(made+chunkSize, manyLicenses)
		steps = append(steps, made)
	}
	return steps
}

func (s *scene) many() service.NewLicenses {
	return service.NewLicenses{Amount: manyLicenses, Charset: bothCases(), Level: 1, Duration: s.length("30d"), Note: "many"}
}

// keysOf reads a batch back.
func (s *scene) keysOf(b service.LicenseBatch) (keys []string) {
	s.Helper()
	last := ""
	s.must(s.Service.EachOfBatch(s.Ctx(), s.app.ID, b, func(list []latchkey.License) error {
		for _, l := range list {
			if l.ID <= last {
				s.Errorf("%s comes after %s", l.ID, last)
			}
			last = l.ID
			keys = append(keys, l.Key.Reveal())
		}
		return nil
	}))
	return keys
}

// holds wants a number of licenses in the app, all unused.
func (s *scene) holds(want int64) {
	s.Helper()
	if got := s.stats().Licenses[latchkey.LicenseNotUsed]; got != want {
		s.Errorf("%d unused licenses, want %d", got, want)
	}
	page, err := s.Service.ListLicenses(s.Ctx(), s.app.ID, service.LicenseFilter{Search: "many", Page: service.Page{Limit: 1}})
	s.must(err)
	if (len(page.Items) > 0) != (want > 0) {
		s.Errorf("the list shows %d licenses where there are %d", len(page.Items), want)
	}
}

func makeBatch(s *scene) {
	var steps []int64
	b, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, s.many(), func(made int64) error {
		steps = append(steps, made)
		s.holds(0)
		return nil
	})
	s.must(err)
	if diff := cmp.Diff(chunksAfter(0), steps); diff != "" {
		s.Errorf("progress (-want +got):\n%s", diff)
	}
	s.holds(manyLicenses)
	keys := s.keysOf(b)
	slices.Sort(keys)
	if n := len(slices.Compact(keys)); n != manyLicenses || b.Amount != manyLicenses {
		s.Errorf("%d different keys in a batch of %d", n, b.Amount)
	}
	if got := s.newest(s.Ctx(), s.app.ID, 2); got[0] != "license.create" || got[1] == "license.create" {
		s.Errorf("the log ends with %v", got)
	}
	_, err = s.license(keys[0], machine)
	s.must(err)
	err = s.Service.EachOfBatch(s.Ctx(), s.App("not the batch's").ID, b, nil)
	s.refused(err, latchkey.CodeAppNotFound)
}

func turnAway(s *scene) {
	gone := errors.New("the caller is gone")
	_, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, s.many(), func(made int64) error {
		if made > chunkSize {
			return gone
		}
		return nil
	})
	if !errors.Is(err, gone) {
		s.Errorf("the call ends with %v", err)
	}
	s.holds(0)
}

// On PostgreSQL, whose plans are those of a table that it has not analyzed.
func clearLargeBatch(s *scene) {
	if s.DB.Engine() != "postgres" {
		return
	}
	in := s.many()
	in.Amount = 10_001
	gone := errors.New("the caller is gone")
	var steps []int64
	_, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, func(made int64) error {
		if steps = append(steps, made); made == in.Amount {
			return gone
		}
		return nil
	})
	if diff := cmp.Diff([]int64{2_000, 4_000, 6_000, 8_000, 10_000, 10_001}, steps); diff != "" || !errors.Is(err, gone) {
		s.Errorf("it ends with %v after (-want +got):\n%s", err, diff)
	}
	s.holds(0)
	s.must(s.DB.Read(outside(), func(tx *store.Tx) error {
		stale, err := tx.StaleBatches(outside(), s.Clock.Now().Add(time.Hour))
		if len(stale) != 0 {
			s.Errorf("%d batches are left", len(stale))
		}
		return err
	}))
}

func cancelBatch(s *scene) {
	for _, at := range []int64{chunkSize, manyLicenses} {
		ctx, cancel := context.WithCancel(s.Ctx())
		_, err := s.Service.CreateLicenseBatch(ctx, s.app.ID, s.many(), func(made int64) error {
			if made == at {
				cancel()
			}
			return nil
		})
		s.refused(err, latchkey.CodeUnavailable)
		s.holds(0)
	}
}

func repeatBatch(s *scene) {
	in := s.many()
	in.Repeat = "order 7"
	first, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, nil)
	s.must(err)
	s.Clock.Advance(time.Hour)
	again, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, nil)
	s.must(err)
	keys := s.keysOf(first)
	if diff := cmp.Diff(keys, s.keysOf(again)); diff != "" {
		s.Errorf("the second answer differs:\n%s", diff)
	}
	s.holds(manyLicenses)
	_, err = s.license(keys[3], machine)
	s.must(err)
	again, err = s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, nil)
	s.must(err)
	if n := len(s.keysOf(again)); n != manyLicenses {
		s.Errorf("after a redemption it reads as %d", n)
	}
}

func repeatOther(s *scene) {
	in := s.many()
	in.Amount, in.Repeat = 5, "order 7"
	_, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, nil)
	s.must(err)
	for _, change := range []func(*service.NewLicenses){
		func(in *service.NewLicenses) { in.Amount++ },
		func(in *service.NewLicenses) { in.Note = "" },
		func(in *service.NewLicenses) { in.Duration = s.length("31d") },
		func(in *service.NewLicenses) { in.Level++ },
		func(in *service.NewLicenses) { in.Charset.Lowercase = false },
	} {
		other := in
		change(&other)
		_, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, other, nil)
		s.refused(err, latchkey.CodeRepeatDiffers)
	}
	s.holds(5)
}

func repeatOfOthers(s *scene) {
	in := s.many()
	in.Amount, in.Repeat = 5, "order 7"
	_, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, nil)
	s.must(err)
	other := &scene{T: s.T, Env: s.Env, app: s.App("other shop of calls")}
	_, err = s.Service.CreateLicenseBatch(s.Ctx(), other.app.ID, in, nil)
	s.must(err)
	other.holds(5)
	s.holds(5)
}

func takeOver(s *scene) {
	in := s.many()
	in.Repeat = "order 7"
	var taken service.LicenseBatch
	_, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, func(made int64) error {
		if made != chunkSize {
			return nil
		}
		_, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, nil)
		s.refused(err, latchkey.CodeRepeatRunning)
		s.Clock.Advance(3 * time.Minute) // the maker has not been heard of
		var steps []int64
		taken, err = s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, func(made int64) error {
			steps = append(steps, made)
			return nil
		})
		s.must(err)
		if diff := cmp.Diff(chunksAfter(chunkSize), steps); diff != "" {
			s.Errorf("it did not go on where the first ended (-want +got):\n%s", diff)
		}
		return nil
	})
	s.refused(err, latchkey.CodeRepeatRunning)
	s.holds(manyLicenses)
	if n := len(s.keysOf(taken)); n != manyLicenses {
		s.Errorf("it reads as %d", n)
	}
}

func sweepBatch(s *scene) {
	sweep := func(want int64) {
		s.Helper()
		n, err := s.Service.SweepBatches(outside())
		s.must(err)
		if n != want {
			s.Errorf("%d batches swept, want %d", n, want)
		}
	}
	_, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, s.many(), func(made int64) error {
		if made == 2*chunkSize {
			sweep(0)
			s.Clock.Advance(3 * time.Minute)
			sweep(1)
		}
		return nil
	})
	s.refused(err, latchkey.CodeRepeatRunning)
	s.holds(0)
	sweep(0)
}

func forgetBatch(s *scene) {
	in := s.many()
	in.Amount, in.Repeat = 3, "order 7"
	first, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, nil)
	s.must(err)
	s.Clock.Advance(7*24*time.Hour + time.Millisecond)
	_, err = s.Service.SweepBatches(outside())
	s.must(err)
	second, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, nil)
	s.must(err)
	if slices.Equal(s.keysOf(first), s.keysOf(second)) {
		s.Error("after a week the call is still remembered")
	}
	s.holds(6)
}

func collidingBatch(s *scene) {
	in := s.many()
	in.Mask, in.CustomKey, in.Amount = "MY-OWN-KEY", true, 1
	_, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, nil)
	s.must(err)
	_, err = s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, nil)
	s.refused(err, latchkey.CodeLicenseExists)
	s.holds(1)

	// The same randomness twice: the second batch draws the first one's keys.
	in = s.many()
	in.Amount = 100
	for range 2 {
		s.Clock.Advance(time.Millisecond) // other ids
		_, err = beside(s, s.Env, rand.NewChaCha8([32]byte{}), slog.New(slog.DiscardHandler)).CreateLicenseBatch(s.Ctx(), s.app.ID, in, nil)
		s.must(err)
	}
	s.holds(201)
}

func badBatches(s *scene) {
	for _, c := range []struct {
		change func(*service.NewLicenses)
		want   latchkey.Code
	}{
		{func(in *service.NewLicenses) { in.Amount = 0 }, latchkey.CodeInvalid},
		{func(in *service.NewLicenses) { in.Amount = 1_000_000_000 }, latchkey.CodeInvalid},
		{func(in *service.NewLicenses) { in.Mask = "****" }, latchkey.CodeLicenseWeak},
		{func(in *service.NewLicenses) { in.Mask = "KEY" }, latchkey.CodeLicenseCustom},
		{func(in *service.NewLicenses) { in.Repeat = string(make([]byte, 256)) }, latchkey.CodeInvalid},
	} {
		in := s.many()
		c.change(&in)
		_, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, func(int64) error {
			s.Error("something was made")
			return nil
		})
		s.refused(err, c.want)
	}
	s.holds(0)
}
