package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type filesCommand struct {
	remoteFlags
	List     filesList     `cmd:"" help:"List an application's files."`
	Show     filesShow     `cmd:"" help:"Show a file's description."`
	Upload   filesUpload   `cmd:"" help:"Upload a file for programs."`
	Link     filesLink     `cmd:"" help:"Add a file that lies behind a link."`
	Update   filesUpdate   `cmd:"" help:"Change a file's name, link and who gets it."`
	Replace  filesReplace  `cmd:"" help:"Give a file another content."`
	Download filesDownload `cmd:"" help:"Download a file."`
	Delete   filesDelete   `cmd:"" help:"Delete a file."`
}

func fileTable(list ...api.File) *table {
	t := &table{header: []string{"NAME", "ID", "SIZE", "SIGN-IN", "LEVEL", "PAGE", "SHA-256"}}
	for _, f := range list {
		size, sum := strconv.FormatInt(f.Size, 10), f.SHA256
		if f.Link != "" {
			size, sum = "link", f.Link
		}
		t.add(f.Name, f.ID, size, either(f.NeedsSignIn, "needed", "not needed"), either(f.MinLevel == 0, "any", strconv.FormatInt(f.MinLevel, 10)), either(f.InPanel, "yes", "no"), sum)
	}
	return t
}

type filesList struct {
	appFlag
	pageFlags
	searchFlag
	Sort string `help:"-created for newest first, created for oldest first." enum:"created,-created" default:"-created"`
}

func (l *filesList) Run(ctx context.Context, c *call) error {
	path, err := l.path(ctx, c, "/apps/%s/files")
	if err != nil {
		return err
	}
	list, next, err := c.files(ctx, path, namedQuery(l.Search, l.Sort), l.pageFlags)
	if err != nil {
		return err
	}
	return c.show(api.FileList{Files: list, Next: next}, fileTable(list...))
}

func (c *call) files(ctx context.Context, path string, query url.Values, flags pageFlags) ([]api.File, string, error) {
	return listAll(ctx, c, path, query, flags, func(p api.FileList) ([]api.File, string) { return p.Files, p.Next })
}

// fileArg names one file of an app.
type fileArg struct {
	appFlag
	File string `arg:"" help:"Id, or the name if one file alone has it."`
}

// filePath finds the file and fills its id into a pattern that begins with
// /apps/%s/files/%s.
func (f fileArg) filePath(ctx context.Context, c *call, pattern string) (string, error) {
	app, err := c.appID(ctx, f.App)
	if err != nil {
		return "", err
	}
	if latchkey.IsID(latchkey.KindFile, f.File) {
		return route(pattern, app, f.File), nil
	}
	list, _, err := c.files(ctx, route("/apps/%s/files", app), namedQuery(f.File, "-created"), pageFlags{Limit: 1 << 30})
	if err != nil {
		return "", err
	}
	id := ""
	for _, file := range list {
		if file.Name == f.File && id != "" {
			return "", usageError("Several files have this name; say which one by its id.")
		}
		if file.Name == f.File {
			id = file.ID
		}
	}
	if id == "" {
		return "", latchkey.Fail(latchkey.CodeFileNotFound)
	}
	return route(pattern, app, id), nil
}

type filesShow struct{ fileArg }

func (f *filesShow) Run(ctx context.Context, c *call) error {
	path, err := f.filePath(ctx, c, "/apps/%s/files/%s")
	if err != nil {
		return err
	}
	var file api.File
	if err := c.get(ctx, path, nil, &file); err != nil {
		return err
	}
	return c.show(file, fileTable(file))
}

// accessFlags say who gets a new file, or may call a new webhook.
type accessFlags struct {
	NeedsSignIn bool  `help:"Only for programs in which somebody has signed in." default:"true" negatable:""`
	MinLevel    int64 `help:"Least level of the subscriptions that it is for; 0 for any." placeholder:"N"`
}

// contentArg is a content that is sent.
type contentArg struct {
	Content string `arg:"" help:"File to read; - for standard input."`
}

// open opens the content; its size is 0 if it is not known.
func (a contentArg) open(c *call) (io.ReadCloser, int64, error) {
	return c.openFile(a.Content)
}

// send sends the content, whatever time that takes.
func (a contentArg) send(ctx context.Context, c *call, path string) error {
	in, size, err := a.open(c)
	if err != nil {
		return err
	}
	q := request{method: http.MethodPost, path: path, file: in, size: size, header: named(rand.Text())}
	q.header.Set("Content-Type", "application/octet-stream")
	body, err := c.open(ctx, q)
	if err != nil {
		return err
	}
	var file api.File
	err = json.NewDecoder(body).Decode(&file)
	if err = errors.Join(err, body.Close()); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return c.show(file, fileTable(file))
}

type filesUpload struct {
	appFlag
	contentArg
	accessFlags
	Name string `help:"Name; that of the file if not given." placeholder:"NAME"`
}

func (f *filesUpload) Run(ctx context.Context, c *call) error {
	if f.Name == "" {
		f.Name = filepath.Base(f.Content)
	}
	if f.Name == "-" {
		return usageError("Standard input has no name; add --name.")
	}
	path, err := f.path(ctx, c, "/apps/%s/files")
	if err != nil {
		return err
	}
	query := url.Values{"name": {f.Name}, "needs_sign_in": {strconv.FormatBool(f.NeedsSignIn)}, "min_level": {strconv.FormatInt(f.MinLevel, 10)}}
	return f.send(ctx, c, withQuery(path, query))
}

type filesLink struct {
	appFlag
	accessFlags
	Name string `arg:"" help:"Name."`
	Link string `arg:"" help:"https:// address of the content."`
}

func (f *filesLink) Run(ctx context.Context, c *call) error {
	path, err := f.path(ctx, c, "/apps/%s/files/link")
	if err != nil {
		return err
	}
	var file api.File
	if err := c.create(ctx, path, api.LinkFile{Name: f.Name, Link: f.Link, NeedsSignIn: &f.NeedsSignIn, MinLevel: f.MinLevel}, &file); err != nil {
		return err
	}
	return c.show(file, fileTable(file))
}

type filesUpdate struct {
	fileArg
	Name        *string `help:"New name."`
	Link        *string `help:"Address that takes the place of the content." placeholder:"URL"`
	NeedsSignIn *bool   `help:"Only for programs in which somebody has signed in." negatable:""`
	MinLevel    *int64  `help:"Least level of the subscriptions that it is for; 0 for any." placeholder:"N"`
	InPanel     *bool   `help:"Customers find it on their own page." negatable:""`
}

func (f *filesUpdate) Run(ctx context.Context, c *call) error {
	change := api.UpdateFile{Name: f.Name, Link: f.Link, NeedsSignIn: f.NeedsSignIn, MinLevel: f.MinLevel, InPanel: f.InPanel}
	if change == (api.UpdateFile{}) {
		return usageError("Say what to change: --name, --link, --needs-sign-in, --min-level or --in-panel.")
	}
	path, err := f.filePath(ctx, c, "/apps/%s/files/%s")
	if err != nil {
		return err
	}
	var file api.File
	if err := c.patch(ctx, path, change, &file); err != nil {
		return err
	}
	return c.show(file, fileTable(file))
}

type filesReplace struct {
	fileArg
	contentArg
}

func (f *filesReplace) Run(ctx context.Context, c *call) error {
	path, err := f.filePath(ctx, c, "/apps/%s/files/%s/content")
	if err != nil {
		return err
	}
	return f.send(ctx, c, path)
}

type filesDownload struct {
	fileArg
	Output string `help:"File to write; what is there is replaced once all has arrived. - for standard output." short:"o" required:"" placeholder:"FILE"`
}

func (f *filesDownload) Run(ctx context.Context, c *call) error {
	path, err := f.filePath(ctx, c, "/apps/%s/files/%s/content")
	if err != nil {
		return err
	}
	download := func(w io.Writer) error {
		body, err := c.open(ctx, request{method: http.MethodGet, path: path})
		if err != nil {
			return err
		}
		defer body.Close()
		if _, err := io.Copy(w, body); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		return nil
	}
	if f.Output == "-" {
		return download(c.std.Out)
	}
	if info, err := os.Stat(f.Output); err == nil && info.IsDir() {
		return usageError("The output is a folder; name a file.")
	}
	if err := replaceFile(f.Output, download); err != nil {
		return err
	}
	return c.did("Downloaded to " + f.Output + ".")
}

type filesDelete struct {
	fileArg
	yesFlag
}

func (f *filesDelete) Run(ctx context.Context, c *call) error {
	path, err := f.filePath(ctx, c, "/apps/%s/files/%s")
	if err != nil {
		return err
	}
	if err := f.confirm(c, fmt.Sprintf("Delete the file %s?", f.File)); err != nil {
		return err
	}
	if err := c.delete(ctx, path, nil, nil); err != nil {
		return err
	}
	return c.did("File " + f.File + " deleted.")
}
