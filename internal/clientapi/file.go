package clientapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// fileInfo tells what a program needs to know before it fetches a file.
func (a *api) fileInfo(ctx context.Context, c *call) (any, error) {
	f, err := a.svc.ClientFileInfo(ctx, c.app, c.session, c.get("file"))
	return &client.File{ID: f.ID, Name: f.Name, Size: f.Size, SHA256: f.SHA256}, err
}

// part is a part of a file, open where it begins.
type part struct {
	content        *service.FileContent
	offset, length int64
}

// fileContent opens a part of a file.
func (a *api) fileContent(ctx context.Context, c *call) (any, error) {
	asked := latchkey.FilePart{SHA256: c.get("sha256"), Offset: c.number("offset"), Length: c.number("length")}
	content, err := a.svc.ClientOpenPart(ctx, c.app, c.session, c.get("file"), asked)
	if err != nil {
		return nil, err
	}
	return &part{content: content, offset: asked.Offset, length: asked.Length}, nil
}
