package service

import (
	"context"
	"errors"
	"io"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// importPart is what one transaction deals with: rows of the file and the
// licenses that they describe.
type importPart struct {
	read     int64 // rows
	licenses []latchkey.License
	from     []SkippedRow // the row of each license, without a reason
	skipped  []SkippedRow // at most as many as a report names
	reasons  map[latchkey.SkipReason]int64
}

func newImportPart() *importPart {
	return &importPart{reasons: map[latchkey.SkipReason]int64{}}
}

func (p *importPart) skip(row SkippedRow, why latchkey.SkipReason) {
	p.reasons[why]++
	row.Reason = why
	if len(p.skipped) < maxSkippedRows+importChunk {
		p.skipped = append(p.skipped, row)
	}
}

// importAll reads the file. While one part of it is stored, the next is read.
func (im *importer) importAll(ctx context.Context) error {
	part := newImportPart()
	var before *importPart
	var stored chan error // nil: none is being stored
	wait := func() (err error) {
		if stored != nil {
			err = <-stored
			stored = nil
		}
		return err
	}
	defer func() { _ = wait() }() // an earlier error is the one to report
	for ended := false; !ended; {
		row, err := im.file.Next()
		if ended = errors.Is(err, io.EOF); !ended {
			if err == nil {
				err = im.take(part, row)
			}
			if err != nil {
				return err
			}
			if part.read < importChunk && im.now().Sub(im.flushed) < importPause {
				continue
			}
		}
		if err := wait(); err != nil {
			return err
		}
		im.report.add(before)
		if im.progress != nil && im.report.Rows > 0 {
			if err := im.progress(im.report.Rows); err != nil {
				return err
			}
		}
		im.flushed = im.now()
		done := make(chan error, 1)
		before, stored = part, done
		go func() { done <- im.store(ctx, before) }()
		part = newImportPart()
	}
	if err := wait(); err != nil {
		return err
	}
	im.report.add(before)
	im.report.Ignored = im.file.Ignored()
	if err := ctx.Err(); err != nil {
		return latchkey.Fail(latchkey.CodeUnavailable).Because(err)
	}
	return nil
}

// take judges a row.
func (im *importer) take(p *importPart, row listfile.Row) error {
	im.report.Rows++
	p.read++
	if im.report.Rows > im.limits.LicensesPerCall {
		return latchkey.FailWith(latchkey.CodeTooLarge, "The file has more rows than one call may import; split it.")
	}
	at := SkippedRow{Row: row.Number, Line: row.Line}
	why := row.Skip
	var l latchkey.License
	if why == "" {
		l, why = row.License(im.began)
	}
	if why != "" {
		p.skip(at, why)
		if im.ask.Abort {
			return refuseImport(at, why)
		}
		return nil
	}
	l.AppID, l.CreatedBy, l.ID = im.appID, im.maker, im.batch.IDs.ID(im.next)
	im.next++
	p.licenses, p.from = append(p.licenses, l), append(p.from, at)
	return nil
}

// store stores a part and notes what became of its licenses.
func (im *importer) store(ctx context.Context, p *importPart) error {
	chunk, repeated, err := im.db.NewImportChunk(p.licenses)
	if err != nil {
		return err
	}
	skip := make(map[int]latchkey.SkipReason, len(repeated))
	for _, at := range repeated {
		skip[at] = latchkey.SkipRepeated
	}
	clashes, err := im.storeChunk(ctx, chunk, int64(len(p.licenses)))
	if err != nil {
		return err
	}
	first, last := im.batch.IDs.First(), im.batch.IDs.Last()
	for _, c := range clashes {
		skip[c.At] = latchkey.SkipExists
		if !im.ask.DryRun && c.ID >= first && c.ID <= last {
			skip[c.At] = latchkey.SkipRepeated
		}
	}
	if im.ask.DryRun {
		im.mark(chunk, skip)
	}
	return im.conclude(p, skip)
}

// conclude counts the licenses of a part: imported, or skipped after all.
func (im *importer) conclude(p *importPart, skip map[int]latchkey.SkipReason) error {
	for i := range p.licenses {
		l := &p.licenses[i]
		if why := skip[i]; why != "" {
			p.skip(p.from[i], why)
			if im.ask.Abort {
				return refuseImport(p.from[i], why)
			}
			continue
		}
		im.counts[l.Status]++
		im.report.warn(latchkey.WarnWeak, latchkey.KeyBits(l.Key) < im.minBits)
		im.report.warn(latchkey.WarnNoUser, !l.UsedAt.IsZero())
		im.report.warn(latchkey.WarnNoLevel, !im.levels[l.Level])
		if !im.levels[l.Level] {
			im.report.missing(l.Level)
		}
		im.report.Imported++
	}
	return nil
}

// mark remembers the keys of a dry run's chunk, and skips those that it knows.
func (im *importer) mark(chunk *store.ImportChunk, skip map[int]latchkey.SkipReason) {
	for at, mark := range chunk.Marks() {
		if skip[at] != "" {
			continue
		}
		if _, known := im.seen[mark]; known {
			skip[at] = latchkey.SkipRepeated
			continue
		}
		im.seen[mark] = struct{}{}
	}
}

// storeChunk stores what the app does not have of a chunk, which takes n numbers
// of the batch. Somebody may make one of the keys at the same moment; then the
// app has it.
func (im *importer) storeChunk(ctx context.Context, chunk *store.ImportChunk, n int64) (clashes []store.Clash, err error) {
	if im.ask.DryRun {
		err = im.read(ctx, latchkey.PermLicensesCreate, im.appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
			clashes, err = tx.Clashes(ctx, im.appID, chunk)
			return err
		})
		return clashes, err
	}
	for range chunkTries {
		clashes, err = im.tryChunk(ctx, chunk, n)
		if latchkey.CodeOf(err) != latchkey.CodeLicenseExists {
			break
		}
	}
	return clashes, err
}

func (im *importer) tryChunk(ctx context.Context, chunk *store.ImportChunk, n int64) (clashes []store.Clash, err error) {
	until := im.now().Add(batchLease)
	err = im.db.WriteRows(ctx, func(tx *store.Tx) error {
		if _, err := authorize(ctx, tx, latchkey.PermLicensesCreate, im.appID); err != nil {
			return err
		}
		if clashes, err = tx.Clashes(ctx, im.appID, chunk); err != nil {
			return err
		}
		ok, err := tx.AdvanceImport(ctx, im.batch.ID, im.batch.Made, n, until)
		if err != nil {
			return err
		}
		if im.lost = !ok; im.lost {
			return running(clearingTime)
		}
		return tx.InsertImport(ctx, chunk, clashes)
	})
	if err == nil {
		im.batch.Made += n
		im.batch.Amount, im.batch.LeaseUntil = im.batch.Made, until
	}
	return clashes, err
}
