package service

import (
	"context"
	"fmt"
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

// ImportLicenses stores the licenses of a file, in chunks, so that neither
// memory nor a transaction grows with them and others have their turn. They
// come into being together, after the last; if the call fails or its context
// ends, none does. Rows that cannot be imported are skipped and reported.
// Keys may be weaker than the app's floor: customers hold them already.
// progress, unless nil, is called after each chunk with the rows read so far;
// its error ends the call.
//
// With Repeat, the same call made again within a day returns the report of the
// first. Errors: what file returns; import.refused with Abort;
// request.too_large for too many rows; request.idempotency_mismatch and
// request.in_progress.
func (s *Service) ImportLicenses(ctx context.Context, appID string, in ImportCall, file ImportFile, progress func(rows int64) error) (ImportReport, error) {
	if _, err := require(ctx, latchkey.PermLicensesCreate); err != nil {
		return ImportReport{}, err
	}
	im := &importer{batchMaker: &batchMaker{Service: s, appID: appID, maker: ActorFrom(ctx).ID}, ask: in, file: file, progress: progress,
		counts: map[latchkey.LicenseStatus]int64{}, report: newImportReport(in.DryRun)}
	im.once = &importOnce{service: s, action: "licenses.import", needs: latchkey.PermLicensesCreate, appID: appID, call: in, digest: file.Digest, run: im.run,
		skip: func() error {
			_, err := file.Next()
			return err
		}}
	return im.once.do(ctx)
}

// importer is one call that imports. Its batch hides what it has stored.
type importer struct {
	*batchMaker
	ask      ImportCall
	file     ImportFile
	progress func(rows int64) error
	once     *importOnce
	report   ImportReport

	began   time.Time
	minBits float64
	levels  map[int64]bool // that a subscription has
	counts  map[latchkey.LicenseStatus]int64
	next    int64               // number of the batch that the next license gets
	flushed time.Time           // when a part was last given to be stored
	seen    map[uint64]struct{} // marks of the keys of a dry run
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
	return im.change(ctx, latchkey.PermLicensesCreate, im.appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		ok, err := tx.FinishImport(ctx, &im.batch, im.counts)
		if err != nil {
			return err
		}
		if im.lost = !ok; im.lost {
			return running(clearingTime)
		}
		if err := im.once.keep(ctx, tx, &im.report, now); err != nil {
			return err
		}
		audit(ctx, tx, now, im.appID, "licenses.import", im.appID, im.report.details())
		return nil
	})
}
