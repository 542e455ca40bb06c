package manageapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// FilePath names a file of an app.
type FilePath struct {
	AppPath
	File string `path:"file" doc:"Id of the file."`
}

func file(v *service.FileView) api.File {
	return api.File{ID: v.ID, Name: v.Name, Link: v.Link.Reveal(), Size: v.Size, SHA256: v.SHA256, NeedsSignIn: v.NeedsSignIn, MinLevel: v.MinLevel, InPanel: v.InPanel,
		ContentAt: api.At(v.ContentAt), CreatedAt: api.At(v.CreatedAt), UpdatedAt: api.At(v.UpdatedAt)}
}

type listFilesInput struct {
	AppPage
	NameSearch
	Sort string `query:"sort" enum:"-created,created" doc:"-created, newest first, if left out."`
}

func (s *surface) listFiles(ctx context.Context, in *listFilesInput) (api.FileList, error) {
	list, err := s.svc.ListFiles(ctx, in.App, service.NamedFilter{Search: in.Search, Sort: in.Sort, Page: in.page()})
	return api.FileList{Files: each(list.Items, file), Next: list.Next}, err
}

// Arriving is a request whose body its handler reads while it arrives. It is
// exported because an unexported embedded struct would not be seen.
type Arriving struct {
	w http.ResponseWriter
	r *http.Request
}

// Resolve keeps the request. It refuses nothing.
func (a *Arriving) Resolve(ctx huma.Context) []error {
	r, w := humago.Unwrap(ctx)
	a.w, a.r = w, r
	return nil
}

type uploadFileInput struct {
	AppPath
	Arriving
	Name        string `query:"name" minLength:"1" maxLength:"200" required:"true" doc:"Name of the file."`
	NeedsSignIn bool   `query:"needs_sign_in" default:"true" doc:"Only programs in which somebody has signed in get it; true if left out."`
	MinLevel    int64  `query:"min_level" minimum:"0" maximum:"1000000" doc:"Of the subscriptions that give it; 0: any."`
}

func (s *surface) stageUpload(ctx context.Context, in *uploadFileInput) (*service.StagedFile, error) {
	if err := latchkey.CheckFileName(in.Name); err != nil {
		return nil, err
	}
	return s.stage(ctx, service.Upload{App: in.App}, &in.Arriving)
}

func (s *surface) uploadFile(ctx context.Context, in *uploadFileInput, staged *service.StagedFile) (service.FileView, error) {
	return s.svc.UploadFile(ctx, in.App, service.NewFile{Name: in.Name, NeedsSignIn: in.NeedsSignIn, MinLevel: in.MinLevel}, staged)
}

type replaceFileInput struct {
	FilePath
	Arriving
}

func (s *surface) stageReplacement(ctx context.Context, in *replaceFileInput) (*service.StagedFile, error) {
	return s.stage(ctx, service.Upload{App: in.App, File: in.File}, &in.Arriving)
}

func (s *surface) replaceFile(ctx context.Context, in *replaceFileInput, staged *service.StagedFile) (service.FileView, error) {
	return s.svc.ReplaceFile(ctx, in.App, in.File, staged)
}

// stage stores a body as it arrives.
func (s *surface) stage(ctx context.Context, up service.Upload, in *Arriving) (*service.StagedFile, error) {
	up.Size = in.r.ContentLength
	body := s.upload(in.w, in.r, maxFile, false)
	body.broke = "The upload broke off before its end; nothing was stored."
	return s.svc.StageFile(ctx, up, body)
}

type linkFileInput struct {
	AppPath
	Body api.LinkFile
}

func (s *surface) linkFile(ctx context.Context, in *linkFileInput) (service.FileView, error) {
	b := &in.Body
	return s.svc.LinkFile(ctx, in.App, service.NewFile{Name: b.Name, Link: latchkey.Secret(b.Link), NeedsSignIn: unlessSaid(b.NeedsSignIn, true), MinLevel: b.MinLevel})
}

func (s *surface) getFile(ctx context.Context, in *FilePath) (service.FileView, error) {
	return s.svc.File(ctx, in.App, in.File)
}

type updateFileInput struct {
	FilePath
	Body api.UpdateFile
}

func (s *surface) updateFile(ctx context.Context, in *updateFileInput) (service.FileView, error) {
	b := &in.Body
	return s.svc.UpdateFile(ctx, in.App, in.File, service.FileEdit{Name: b.Name, Link: secret(b.Link), NeedsSignIn: b.NeedsSignIn, MinLevel: b.MinLevel, InPanel: b.InPanel})
}

func (s *surface) deleteFile(ctx context.Context, in *FilePath) error {
	return s.svc.DeleteFile(ctx, in.App, in.File)
}
