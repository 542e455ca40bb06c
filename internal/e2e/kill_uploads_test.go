package e2e_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
)

// sweepLimit is how long a server may take to tidy up after its start.
const sweepLimit = 20 * time.Second

// TestKilledUploads kills the server while files are uploaded and replaced, again
// and again: what was acknowledged is there, nothing of the rest can be seen, and
// the next start tidies up what is old enough to be nobody's.
func TestKilledUploads(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			killUploads(t, newInstallation(t, engine))
		})
	}
}

func killUploads(t *testing.T, i *installation) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	key := i.initialize()
	p := i.start()
	app := newSeller(t, p.url, key).createApp("files")
	shop := &uploads{t: t, app: app.ID, key: key, sums: map[string]string{}}
	shop.replaced = shop.must(p.url, "POST", "/files?name=replaced", "the first content").ID
	shop.contents.Store("the first content", true)
	for round := range rounds("LATCHKEY_KILL_ROUNDS") {
		shop.begin(p.url, round)
		want := shop.acknowledged() + 3 + random.IntN(20)
		eventually(t, stormLimit, "uploads are acknowledged", func() bool { return shop.acknowledged() >= want })
		<-time.After(time.Duration(random.Int64N(int64(30 * time.Millisecond))))
		p.kill()
		shop.done.Wait()
		i.age(2 * time.Hour)
		p = i.start()
		listed := shop.check(p.url)
		eventually(t, sweepLimit, "only contents of files are left", func() bool { return i.contents() == listed })
		i.examine()
		if t.Failed() {
			return
		}
	}
	t.Logf("%d uploads acknowledged, 0 lost", shop.acknowledged())
}

// uploads are what a crowd uploads to one app.
type uploads struct {
	t        *testing.T
	app, key string
	replaced string // id of the file whose content is replaced all the time
	contents sync.Map
	done     sync.WaitGroup

	mu   sync.Mutex
	sums map[string]string // of what was acknowledged, by the id
}

func (u *uploads) acknowledged() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.sums)
}

// send makes a call with a content; errors are those of a server that dies.
func (u *uploads) send(server, method, path, content string) (f api.File, err error) {
	req, err := http.NewRequest(method, server+"/api/v1/apps/"+u.app+path, strings.NewReader(content))
	if err != nil {
		return f, err
	}
	req.Header.Set("Authorization", "Bearer "+u.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return f, err
	}
	body, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return f, err
	}
	if res.StatusCode/100 != 2 {
		return f, fmt.Errorf("status %d: %s", res.StatusCode, body)
	}
	return f, json.Unmarshal(body, &f)
}

func (u *uploads) must(server, method, path, content string) api.File {
	u.t.Helper()
	f, err := u.send(server, method, path, content)
	if err != nil {
		u.t.Fatal(err)
	}
	return f
}

// begin has a crowd upload until the server dies.
func (u *uploads) begin(server string, round int) {
	for n := range 4 {
		u.done.Go(func() {
			for k := 0; ; k++ {
				content := strings.Repeat(fmt.Sprintf("round %d, uploader %d, file %d\n", round, n, k), 1+(k*7919)%20_000)
				path := "/files?name=new"
				if n == 0 {
					path = "/files/" + u.replaced + "/content"
					u.contents.Store(content, true)
				}
				f, err := u.send(server, "POST", path, content)
				if err != nil {
					return // it is dead
				}
				if n > 0 {
					u.mu.Lock()
					u.sums[f.ID] = sumOf(content)
					u.mu.Unlock()
				}
			}
		})
	}
}

func sumOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// check downloads every file that is listed, and returns how many there are.
func (u *uploads) check(server string) (listed int) {
	u.t.Helper()
	s := newSeller(u.t, server, u.key)
	found := map[string]bool{}
	s.pages("/apps/"+u.app+"/files", func(path string) string {
		var page api.FileList
		s.call("GET", path, nil, &page)
		for _, f := range page.Files {
			found[f.ID] = true
			content := u.download(server, f.ID)
			if sumOf(content) != f.SHA256 || int64(len(content)) != f.Size {
				u.t.Errorf("a file of %d bytes is listed, and %d other ones are there", f.Size, len(content))
			}
			if want := u.sums[f.ID]; want != "" && want != f.SHA256 {
				u.t.Error("an acknowledged file has another content")
			}
			if _, known := u.contents.Load(content); f.ID == u.replaced && !known {
				u.t.Error("the replaced file has a content that nobody uploaded")
			}
		}
		return page.Next
	})
	for id := range u.sums {
		if !found[id] {
			u.t.Errorf("the acknowledged file %s is gone", id)
		}
	}
	return len(found)
}

func (u *uploads) download(server, id string) string {
	u.t.Helper()
	req, err := http.NewRequest("GET", server+"/api/v1/apps/"+u.app+"/files/"+id+"/content", nil)
	if err != nil {
		u.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+u.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		u.t.Fatal(err)
	}
	content, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != 200 {
		u.t.Fatalf("status %d, %v", res.StatusCode, err)
	}
	return string(content)
}

// age makes everything in the folder of files older.
func (i *installation) age(by time.Duration) {
	i.t.Helper()
	then := time.Now().Add(-by)
	i.eachContent(func(path string) error { return os.Chtimes(path, then, then) })
}

// contents is how many files lie in the folder of files, unfinished ones too.
func (i *installation) contents() (n int) {
	i.t.Helper()
	i.eachContent(func(string) error { n++; return nil })
	return n
}

func (i *installation) eachContent(do func(path string) error) {
	i.t.Helper()
	err := filepath.WalkDir(filepath.Join(i.data, "files"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			err = do(path)
		}
		if errors.Is(err, fs.ErrNotExist) { // swept meanwhile
			return nil
		}
		return err
	})
	if err != nil {
		i.t.Fatal(err)
	}
}
