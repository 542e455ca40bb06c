package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const fileSelect = `SELECT id, app_id, name, link_sealed, blob_id, size, sha256, needs_sign_in, min_level, content_at, created_at, updated_at, in_panel FROM files`

const (
	qFileInsert = `INSERT INTO files (id, app_id, name, name_folded, link_sealed, blob_id, size, sha256, needs_sign_in, min_level, content_at, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	qFileByID   = fileSelect + ` WHERE app_id = $1 AND id = $2`
	qFileUpdate = `UPDATE files SET name = $3, name_folded = $4, link_sealed = $5, blob_id = $6, size = $7, sha256 = $8, needs_sign_in = $9,
		min_level = $10, content_at = $11, updated_at = $12, in_panel = $13 WHERE app_id = $1 AND id = $2`
	qFileLock     = `UPDATE files SET updated_at = updated_at WHERE app_id = $1 AND id = $2`
	qFilesInPanel = fileSelect + ` WHERE app_id = $1 AND in_panel = 1 ORDER BY id DESC LIMIT $2`
	qFileDelete   = `DELETE FROM files WHERE app_id = $1 AND id = $2`

	qFileTotals      = `SELECT files, bytes FROM file_totals WHERE app_id = $1`
	qFileTotalsStart = `INSERT INTO file_totals (app_id, files, bytes) VALUES ($1, 0, 0) ON CONFLICT (app_id) DO NOTHING`
	// The guard decides who gets the last place.
	qFileTotalsAdd = `UPDATE file_totals SET files = files + $2, bytes = bytes + $3
		WHERE app_id = $1 AND files + $2 <= $4 AND bytes + $3 <= $5`

	qBlobsOfApp = `SELECT blob_id FROM files WHERE app_id = $1 AND blob_id IS NOT NULL`
	qBlobs      = `SELECT blob_id, size FROM files WHERE blob_id > $1 ORDER BY blob_id LIMIT $2`
)

func filePlace(id string) secretbox.Place {
	return secretbox.Place{Table: "files", Row: id, Column: "link"}
}

func (tx *Tx) scanFile(row scanner) (f latchkey.File, err error) {
	var link []byte
	var blob sql.NullString
	var needs, content, created, updated, panel int64
	if err := row.Scan(&f.ID, &f.AppID, &f.Name, &link, &blob, &f.Size, &f.SHA256, &needs, &f.MinLevel, &content, &created, &updated, &panel); err != nil {
		return f, err
	}
	if link != nil {
		url, err := tx.box().Open(filePlace(f.ID), link)
		if err != nil {
			return f, fmt.Errorf("open link of file %s: %w", f.ID, err)
		}
		f.Link = latchkey.Secret(url)
	}
	f.BlobID, f.NeedsSignIn, f.InPanel = blob.String, needs != 0, panel != 0
	f.ContentAt, f.CreatedAt, f.UpdatedAt = fromMs(content), fromMs(created), fromMs(updated)
	return f, nil
}

// content are the columns that say where a file's content lies.
func (tx *Tx) fileContent(f *latchkey.File) (link []byte, blob any, err error) {
	if !f.Linked() {
		return nil, f.BlobID, nil
	}
	if link, err = tx.box().Seal(filePlace(f.ID), []byte(f.Link.Reveal())); err != nil {
		return nil, nil, fmt.Errorf("seal link: %w", err)
	}
	return link, nil, nil
}

// InsertFile stores a new file.
func (tx *Tx) InsertFile(ctx context.Context, f *latchkey.File) error {
	link, blob, err := tx.fileContent(f)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, qFileInsert, f.ID, f.AppID, f.Name, foldNote(f.Name), link, blob, f.Size, f.SHA256, boolInt(f.NeedsSignIn), f.MinLevel,
		ms(f.ContentAt), ms(f.CreatedAt), ms(f.UpdatedAt))
	return wrap("insert file", err)
}

// File returns a file by id; file.not_found.
func (tx *Tx) File(ctx context.Context, appID, id string) (latchkey.File, error) {
	f, err := tx.scanFile(tx.queryRow(ctx, qFileByID, appID, id))
	if isNoRows(err) {
		return f, latchkey.Fail(latchkey.CodeFileNotFound)
	}
	return f, wrap("read file", err)
}

// LockFile keeps other transactions from changing the file until this one ends,
// and returns it as it then is.
func (tx *Tx) LockFile(ctx context.Context, appID, id string) (latchkey.File, error) {
	if _, err := tx.exec(ctx, qFileLock, appID, id); err != nil {
		return latchkey.File{}, wrap("lock file", err)
	}
	return tx.File(ctx, appID, id)
}

// UpdateFile stores a changed file.
func (tx *Tx) UpdateFile(ctx context.Context, f *latchkey.File) error {
	link, blob, err := tx.fileContent(f)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, qFileUpdate, f.AppID, f.ID, f.Name, foldNote(f.Name), link, blob, f.Size, f.SHA256, boolInt(f.NeedsSignIn), f.MinLevel,
		ms(f.ContentAt), ms(f.UpdatedAt), boolInt(f.InPanel))
	return wrap("update file", err)
}

// DeleteFile deletes a file; its content is left to the caller.
func (tx *Tx) DeleteFile(ctx context.Context, appID, id string) error {
	_, err := tx.exec(ctx, qFileDelete, appID, id)
	return wrap("delete file", err)
}

// Files returns one page of an app's files, which are not ordered by name.
func (tx *Tx) Files(ctx context.Context, appID string, q NamedQuery) ([]latchkey.File, error) {
	text, args := q.page(appID, fileSelect, "name_folded")
	return collect(tx, ctx, "list files", text, args, tx.scanFile)
}

// PanelFiles returns the newest of the files that customers find on their own
// page.
func (tx *Tx) PanelFiles(ctx context.Context, appID string, limit int) ([]latchkey.File, error) {
	return collect(tx, ctx, "list files", qFilesInPanel, []any{appID, limit}, tx.scanFile)
}

// FileTotals is how many files an app has, and how large the uploaded ones are
// together.
type FileTotals struct{ Files, Bytes int64 }

// FileTotals reads the totals of an app.
func (tx *Tx) FileTotals(ctx context.Context, appID string) (t FileTotals, err error) {
	err = tx.queryRow(ctx, qFileTotals, appID).Scan(&t.Files, &t.Bytes)
	if isNoRows(err) {
		return FileTotals{}, nil
	}
	return t, wrap("read totals of files", err)
}

// AddFiles changes the totals of an app, and reports whether they stay within
// the limits. What does not grow is not limited.
func (tx *Tx) AddFiles(ctx context.Context, appID string, more, limit FileTotals) (within bool, err error) {
	if more.Files <= 0 {
		limit.Files = math.MaxInt64
	}
	if more.Bytes <= 0 {
		limit.Bytes = math.MaxInt64
	}
	if _, err := tx.exec(ctx, qFileTotalsStart, appID); err != nil {
		return false, wrap("start totals of files", err)
	}
	n, err := tx.exec(ctx, qFileTotalsAdd, appID, more.Files, more.Bytes, limit.Files, limit.Bytes)
	return n == 1, wrap("change totals of files", err)
}

// BlobsOfApp returns where the contents of an app's files lie.
func (tx *Tx) BlobsOfApp(ctx context.Context, appID string) ([]string, error) {
	return tx.ids(ctx, qBlobsOfApp, appID)
}

// KnownBlobs returns which of the ids belong to files.
func (tx *Tx) KnownBlobs(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	w := &where{}
	w.addIn("blob_id", ids)
	return tx.ids(ctx, "SELECT blob_id FROM files WHERE "+w.text.String(), w.args...)
}

// Blob is where the content of a file lies, and how long it is.
type Blob struct {
	ID   string
	Size int64
}

// Blobs returns the contents of all files of all apps, in the order of their
// ids: at most limit of those after one.
func (tx *Tx) Blobs(ctx context.Context, after string, limit int) ([]Blob, error) {
	return collect(tx, ctx, "list contents of files", qBlobs, []any{after, limit}, func(row scanner) (b Blob, err error) {
		err = row.Scan(&b.ID, &b.Size)
		return b, err
	})
}
