package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	importChunk = 5000             // licenses stored by one transaction
	importPause = 30 * time.Second // at most, between two transactions of a slow file: less than a batch's lease
)

// ImportFile is a file that is being read; [listfile.Reader] reads one.
type ImportFile interface {
	// Next returns the next row, [io.EOF] after the last. After any other error
	// nothing is imported.
	Next() (listfile.Row, error)
	// Ignored are the names of what the file has and no license takes.
	Ignored() []string
	// Digest is a hash of all that was read; it is asked for after the last row
	// and only with a Repeat.
	Digest() []byte
}

// LicenseImport asks for an import.
type LicenseImport struct {
	DryRun bool   // change nothing, only tell what would come of it
	Abort  bool   // import nothing if a row is refused
	Repeat string // the caller's own name for the call; "": none
	Asked  string // what else the caller said of how to read the file: part of what a repeated call has to repeat
}

// ImportLicenses stores the licenses of a file, in chunks, so that neither
// memory nor a transaction grows with them and others have their turn. They
// come into being together, after the last; if the call fails or its context
// ends, none does. Rows that cannot be imported are skipped and reported.
// Keys may be weaker than the app's floor: customers hold them already.
// progress, unless nil, is called after each chunk with the rows read so far;
// its error ends the call.
//
// With Repeat, the same call made again within a day returns the report of the
// first. Errors: what file returns; license.import_refused with Abort;
// request.too_large for too many rows; request.idempotency_mismatch and
// request.in_progress.
func (s *Service) ImportLicenses(ctx context.Context, appID string, in LicenseImport, file ImportFile, progress func(rows int64) error) (ImportReport, error) {
	if _, err := require(ctx, latchkey.PermLicensesCreate); err != nil {
		return ImportReport{}, err
	}
	im := &importer{batchMaker: &batchMaker{Service: s, appID: appID, maker: ActorFrom(ctx).ID}, ask: in, file: file, progress: progress,
		counts: map[latchkey.LicenseStatus]int64{}, report: newImportReport(in.DryRun)}
	if in.Repeat == "" || in.DryRun {
		return im.run(ctx)
	}
	if err := checkRepeat(in.Repeat); err != nil {
		return ImportReport{}, err
	}
	im.repeat = &store.Repeat{Call: s.box.Lookup("repeat", ActorFrom(ctx).ID, in.Repeat)}
	if !s.calls.begin(im.repeat.Call) {
		return ImportReport{}, running(clearingTime)
	}
	defer s.calls.end(im.repeat.Call)
	return im.runOnce(ctx)
}

// importer is one call that imports. Its batch hides what it has stored.
type importer struct {
	*batchMaker
	ask      LicenseImport
	file     ImportFile
	progress func(rows int64) error
	repeat   *store.Repeat // nil: the call cannot be repeated
	report   ImportReport

	began   time.Time
	minBits float64
	levels  map[int64]bool // that a subscription has
	counts  map[latchkey.LicenseStatus]int64
	next    int64               // number of the batch that the next license gets
	flushed time.Time           // when a part was last given to be stored
	seen    map[uint64]struct{} // marks of the keys of a dry run
}

// runOnce answers a call that was made before with the report of then.
func (im *importer) runOnce(ctx context.Context) (ImportReport, error) {
	var earlier store.Repeat
	var found bool
	err := im.read(ctx, latchkey.PermLicensesCreate, im.appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
		earlier, found, err = tx.Repeat(ctx, im.repeat.Call, im.now().Add(-repeatMemory))
		return err
	})
	if err != nil {
		return ImportReport{}, err
	}
	if !found {
		return im.run(ctx)
	}
	for err == nil {
		_, err = im.file.Next()
	}
	if !errors.Is(err, io.EOF) {
		return ImportReport{}, err
	}
	if !bytes.Equal(earlier.Asked, im.asked()) {
		return ImportReport{}, latchkey.Fail(latchkey.CodeRepeatDiffers)
	}
	report := newImportReport(false)
	if err := json.Unmarshal(earlier.Answer, &report); err != nil {
		return report, fmt.Errorf("read report: %w", err)
	}
	return report, nil
}

// asked is a hash of all that the call asks for.
func (im *importer) asked() []byte {
	return im.box.Lookup("licenses.import", im.appID, fmt.Sprint(im.ask.Abort), im.ask.Asked, string(im.file.Digest()))
}

func (im *importer) run(ctx context.Context) (ImportReport, error) {
	if err := im.begin(ctx); err != nil {
		return ImportReport{}, err
	}
	err := im.importAll(ctx)
	if err == nil && !im.ask.DryRun {
		im.analyze(ctx)
		err = im.finish(ctx)
	}
	if err != nil {
		if !im.lost && !im.ask.DryRun {
			im.drop(ctx)
		}
		return ImportReport{}, err
	}
	return im.report, nil
}

// begin reads what rows are judged by, and opens the batch that hides them.
func (im *importer) begin(ctx context.Context) (err error) {
	now := im.now()
	im.began, im.flushed = now, now
	im.seen = map[uint64]struct{}{}
	judge := func(tx *store.Tx, app *latchkey.App) error {
		im.minBits, im.levels = float64(app.Settings.MinKeyBits), map[int64]bool{}
		subs, err := tx.Subscriptions(ctx, app.ID, store.Keyset{Ascending: true, Limit: MaxLimit})
		for _, sub := range subs {
			im.levels[sub.Level] = true
		}
		return err
	}
	if im.ask.DryRun {
		return im.read(ctx, latchkey.PermLicensesCreate, im.appID, judge)
	}
	b := store.LicenseBatch{AppID: im.appID, State: store.BatchOpen, CreatedAt: now}
	if b.ID, err = im.newID(latchkey.KindBatch, now); err != nil {
		return err
	}
	if b.IDs, err = latchkey.NewIDRange(latchkey.KindLicense, now, im.rand); err != nil {
		return fmt.Errorf("make ids: %w", err)
	}
	return im.change(ctx, latchkey.PermLicensesCreate, im.appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		if err := judge(tx, app); err != nil {
			return err
		}
		im.batch = b
		im.batch.LeaseUntil = now.Add(batchLease)
		_, err := tx.InsertBatch(ctx, &im.batch)
		return err
	})
}

// finish brings the licenses into being, with the audit event and, where the
// call can be repeated, its report.
func (im *importer) finish(ctx context.Context) error {
	if im.repeat != nil {
		var err error
		if im.repeat.Answer, err = json.Marshal(im.report); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
		im.repeat.Asked = im.asked()
	}
	return im.change(ctx, latchkey.PermLicensesCreate, im.appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		ok, err := tx.FinishImport(ctx, &im.batch, im.counts)
		if err != nil {
			return err
		}
		if im.lost = !ok; im.lost {
			return running(clearingTime)
		}
		if err := im.keepReport(ctx, tx, now); err != nil {
			return err
		}
		audit(ctx, tx, now, im.appID, "licenses.import", im.appID, im.report.details())
		return nil
	})
}

// keepReport stores the report for who asks again.
func (im *importer) keepReport(ctx context.Context, tx *store.Tx, now time.Time) error {
	if im.repeat == nil {
		return nil
	}
	im.repeat.CreatedAt = now
	claimed, err := tx.ClaimRepeat(ctx, im.repeat, now.Add(-repeatMemory))
	if err != nil {
		return err
	}
	if !claimed { // on another server, at the same time
		return running(clearingTime)
	}
	return tx.AnswerRepeat(ctx, im.repeat)
}
