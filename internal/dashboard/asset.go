package dashboard

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/web"
)

// asset is a file of the build. Its name holds a hash of what is in it, so it
// never changes.
type asset struct {
	mediaType string
	body      map[web.Coding][]byte
}

// packed are the endings under which the build leaves a file compressed as well,
// the densest first.
func packed() []struct {
	coding web.Coding
	ending string
} {
	return []struct {
		coding web.Coding
		ending string
	}{{web.Brotli, ".br"}, {web.Gzip, ".gz"}}
}

// addBuiltAssets adds the files of the build to those that every program has.
func addBuiltAssets(all map[string]http.Handler, files fs.FS) error {
	entries, err := fs.ReadDir(files, "assets")
	if err != nil {
		return fmt.Errorf("list assets: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		if extension := path.Ext(name); extension == ".br" || extension == ".gz" {
			continue
		}
		a, err := readAsset(files, name)
		if err != nil {
			return err
		}
		all[name] = a
	}
	return nil
}

func readAsset(files fs.FS, name string) (*asset, error) {
	media, err := mediaType(path.Ext(name))
	if err != nil {
		return nil, fmt.Errorf("asset %s: %w", name, err)
	}
	body, err := fs.ReadFile(files, "assets/"+name)
	if err != nil {
		return nil, fmt.Errorf("read asset: %w", err)
	}
	a := &asset{mediaType: media, body: map[web.Coding][]byte{web.Identity: body}}
	for _, p := range packed() {
		body, err := fs.ReadFile(files, "assets/"+name+p.ending)
		if errors.Is(err, fs.ErrNotExist) {
			continue // too small to gain from it
		}
		if err != nil {
			return nil, fmt.Errorf("read asset: %w", err)
		}
		a.body[p.coding] = body
	}
	return a, nil
}

func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	coding := web.Identity
	if len(a.body) > 1 {
		h.Set("Vary", "Accept-Encoding")
		var offers []web.Coding
		for _, p := range packed() {
			if _, ok := a.body[p.coding]; ok {
				offers = append(offers, p.coding)
			}
		}
		coding = web.ChooseCoding(r.Header, offers...)
	}
	if coding != web.Identity {
		h.Set("Content-Encoding", string(coding))
	}
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", a.mediaType)
	h.Set("Content-Length", strconv.Itoa(len(a.body[coding])))
	_, _ = w.Write(a.body[coding]) // a client that left is no error
}

// plainAssets are the handlers of the files that the plain pages are made with;
// the icon is everybody's.
func plainAssets() (map[string]http.Handler, error) {
	entries, err := plain.ReadDir("plain/assets")
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", err)
	}
	assets := map[string]http.Handler{}
	for _, e := range entries {
		body, err := plain.ReadFile("plain/assets/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read asset: %w", err)
		}
		media, err := mediaType(path.Ext(e.Name()))
		if err != nil {
			return nil, fmt.Errorf("asset %s: %w", e.Name(), err)
		}
		assets[strings.ToLower(e.Name())] = web.Page(web.Fixed(media, body))
	}
	return assets, nil
}
