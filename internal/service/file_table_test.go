package service_test

import (
	"context"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// shelf is a file and a webhook of an app.
type shelf struct{ file, webhook string }

// furnishShelf makes one of each in the scene's app, as an account.
func (s *scene) furnishShelf(ctx context.Context) shelf {
	s.Helper()
	file, err := upload(ctx, s.Service, s.app.ID, "tool.exe", "content")
	s.must(err)
	hook, err := s.Service.CreateWebhook(ctx, s.app.ID, service.NewWebhook{Name: "orders", URL: "https://hooks.example.com/"})
	s.must(err)
	return shelf{file: file.ID, webhook: hook.ID}
}

// upload makes a file of a text.
func upload(ctx context.Context, s *service.Service, app, name, content string) (service.FileView, error) {
	staged, err := s.StageFile(ctx, service.Upload{App: app, Size: int64(len(content))}, strings.NewReader(content))
	if err != nil {
		return service.FileView{}, err
	}
	defer staged.Drop(ctx)
	return s.UploadFile(ctx, app, service.NewFile{Name: name, NeedsSignIn: true}, staged)
}

// replace gives a file another content.
func replace(ctx context.Context, s *service.Service, app, id, content string) (service.FileView, error) {
	staged, err := s.StageFile(ctx, service.Upload{App: app, File: id, Size: -1}, strings.NewReader(content))
	if err != nil {
		return service.FileView{}, err
	}
	defer staged.Drop(ctx)
	return s.ReplaceFile(ctx, app, id, staged)
}

func shelfUseCases() []useCase {
	return []useCase{
		{"ListFiles", latchkey.PermFilesRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListFiles(ctx, x.app, service.NamedFilter{}))
		}, ""},
		{"File", latchkey.PermFilesRead, func(ctx context.Context, s *service.Service, x things) error { return drop(s.File(ctx, x.app, x.file)) }, latchkey.CodeFileNotFound},
		{"FileContent", latchkey.PermFilesRead, func(ctx context.Context, s *service.Service, x things) error {
			content, err := s.FileContent(ctx, x.app, x.file)
			if err != nil {
				return err
			}
			return content.Close()
		}, latchkey.CodeFileNotFound},
		{"StageFile", latchkey.PermFilesWrite, func(ctx context.Context, s *service.Service, x things) error {
			staged, err := s.StageFile(ctx, service.Upload{App: x.app, File: x.file}, strings.NewReader("x"))
			if err == nil {
				staged.Drop(ctx)
			}
			return err
		}, latchkey.CodeFileNotFound},
		{"UploadFile", latchkey.PermFilesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(upload(ctx, s, x.app, "another.exe", "content"))
		}, ""},
		{"LinkFile", latchkey.PermFilesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.LinkFile(ctx, x.app, service.NewFile{Name: "linked.exe", Link: "https://files.example.com/"}))
		}, ""},
		{"ReplaceFile", latchkey.PermFilesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(replace(ctx, s, x.app, x.file, "new content"))
		}, latchkey.CodeFileNotFound},
		{"UpdateFile", latchkey.PermFilesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UpdateFile(ctx, x.app, x.file, service.FileEdit{Name: point("renamed.exe")}))
		}, latchkey.CodeFileNotFound},
		{"DeleteFile", latchkey.PermFilesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteFile(ctx, x.app, x.file)
		}, latchkey.CodeFileNotFound},

		{"ListWebhooks", latchkey.PermWebhooksRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListWebhooks(ctx, x.app, service.NamedFilter{}))
		}, ""},
		{"Webhook", latchkey.PermWebhooksRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.Webhook(ctx, x.app, x.webhook))
		}, latchkey.CodeWebhookNotFound},
		{"CreateWebhook", latchkey.PermWebhooksWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.CreateWebhook(ctx, x.app, service.NewWebhook{Name: "refunds", URL: "https://hooks.example.com/"}))
		}, ""},
		{"UpdateWebhook", latchkey.PermWebhooksWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UpdateWebhook(ctx, x.app, x.webhook, service.WebhookEdit{Name: point("renamed")}))
		}, latchkey.CodeWebhookNotFound},
		{"TestWebhook", latchkey.PermWebhooksWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.TestWebhook(ctx, x.app, x.webhook))
		}, latchkey.CodeWebhookNotFound},
		{"DeleteWebhook", latchkey.PermWebhooksWrite, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteWebhook(ctx, x.app, x.webhook)
		}, latchkey.CodeWebhookNotFound},
	}
}
