package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// profileTime is how long a processor profile takes.
const profileTime = 10 * time.Second

// profiles runs each row once more, at the last number of clients, and saves a
// processor profile of the first server meanwhile.
func (s *suite) profiles(ctx context.Context) error {
	clients := s.Concurrency[len(s.Concurrency)-1]
	for _, r := range s.rows {
		if r.most > 0 && clients > r.most {
			continue
		}
		for _, t := range s.targets {
			file := filepath.Join(s.Profile, strings.ReplaceAll(t.name+"-"+r.name, " ", "-")+".pprof")
			saved := make(chan error, 1)
			begin := func() { saved <- s.saveProfile(ctx, file) }
			if r.lacking != nil && r.lacking(t) {
				continue
			}
			if err := s.freshen(ctx, t, r, s.freshFor(t, r, clients, profileTime+time.Second)); err != nil {
				return err
			}
			go begin()
			if _, _, err := t.does(r, clients).runFor(ctx, profileTime+time.Second); err != nil {
				return err
			}
			if err := <-saved; err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *suite) saveProfile(ctx context.Context, file string) error {
	url := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", s.Pprof, int(profileTime.Seconds()))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	profile, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", url, res.Status)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(file, profile, 0o600)
}
