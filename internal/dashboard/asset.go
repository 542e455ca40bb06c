package dashboard

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/latchkey-dev/latchkey/internal/web"
)

// asset is a file of the build. Its name holds a hash of what is in it, so it
// never changes. It stays where it is until somebody asks for it.
type asset struct {
	files     fs.FS
	mediaType string
	names     map[web.Coding]string // of the file, in each coding that there is
}

// packed are the endings of files that the build leaves compressed, the densest
// first. Of a file that it leaves so it leaves nothing else.
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
	found := map[string]*asset{}
	for _, e := range entries {
		name, coding := e.Name(), web.Identity
		for _, p := range packed() {
			if plain, ok := strings.CutSuffix(name, p.ending); ok {
				name, coding = plain, p.coding
			}
		}
		a := found[name]
		if a == nil {
			media, err := mediaType(path.Ext(name))
			if err != nil {
				return fmt.Errorf("asset %s: %w", name, err)
			}
			a = &asset{files: files, mediaType: media, names: map[web.Coding]string{}}
			found[name], all[name] = a, a
		}
		a.names[coding] = "assets/" + e.Name()
	}
	for name, a := range found {
		if a.names[web.Identity] == "" && a.names[web.Gzip] == "" {
			return fmt.Errorf("asset %s: there is nothing for who takes only gzip or less", name)
		}
	}
	return nil
}

func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := a.serve(w, r); err != nil {
		web.WriteProblem(w, r, fmt.Errorf("read asset: %w", err))
	}
}

// serve sends the file; with an error it has sent nothing.
func (a *asset) serve(w http.ResponseWriter, r *http.Request) error {
	coding := a.choose(r.Header)
	name, unpacks := a.names[coding], false
	if name == "" { // the rare client that takes nothing compressed
		name, unpacks = a.names[web.Gzip], true
	}
	file, err := a.files.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	var body io.Reader = file
	h := w.Header()
	if unpacks {
		if body, err = gzip.NewReader(file); err != nil {
			return err
		}
	} else {
		info, err := file.Stat()
		if err != nil {
			return err
		}
		h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	}
	if len(a.names) > 1 || unpacks {
		h.Set("Vary", "Accept-Encoding")
	}
	if coding != web.Identity {
		h.Set("Content-Encoding", string(coding))
	}
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", a.mediaType)
	_, _ = io.Copy(w, body) // a client that left is no error
	return nil
}

// choose returns the coding that the client likes best.
func (a *asset) choose(h http.Header) web.Coding {
	var offers []web.Coding
	for _, p := range packed() {
		if a.names[p.coding] != "" {
			offers = append(offers, p.coding)
		}
	}
	if len(offers) == 0 {
		return web.Identity
	}
	return web.ChooseCoding(h, offers...)
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
