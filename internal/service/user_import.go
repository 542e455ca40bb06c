package service

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	// maxImportedUsers bounds the rows of one import: they are all judged, and
	// so held, before the first user is made.
	maxImportedUsers = 100_000
	// maxClearPasswords bounds the passwords of one import that are not hashed
	// yet: each costs as much of the server as a sign-in.
	maxClearPasswords = 10_000
	// userImportChunk is how many users one transaction makes: sign-ins wait for
	// one at most.
	userImportChunk = 200
)

// UserFile is a file that is being read; [listfile.UserReader] reads one.
type UserFile interface {
	// Next returns the next row, [io.EOF] after the last. After any other error
	// nothing is imported.
	Next() (listfile.UserRow, error)
	// Ignored are the names of what the file has and no user takes.
	Ignored() []string
	// Digest is a hash of all that was read; it is asked for after the last row
	// and only with a Repeat.
	Digest() []byte
}

// userImporter is one call that imports users.
type userImporter struct {
	*Service
	appID    string
	ask      ImportCall
	file     UserFile
	progress func(done, of int64) error
	once     *importOnce
	report   ImportReport
	began    time.Time
	app      latchkey.App
	tiers    tiers
	users    []importedUser
	names    map[string]struct{} // canonical, and license keys, that rows have had
	clear    int                 // passwords that are not hashed yet
	skipped  []SkippedRow
}

// importedUser is a user who is to be made.
type importedUser struct {
	latchkey.User
	holdings []latchkey.ImportedHolding
	devices  []latchkey.ImportedDevice
	password latchkey.Secret // in clear, still to be hashed
	at       SkippedRow
	lostTwo  bool // they had a second factor
}

// ImportUsers makes the users of a file. First it judges every row, so that a
// file that cannot be read to its end changes nothing, nor, with Abort, one with
// a row that is refused; then it makes the users in chunks, so that others have
// their turn. If the call ends early, the users that are made stay: made again,
// it skips them and goes on with the rest. progress, unless nil, is called after
// each chunk; its error ends the call.
//
// With Repeat, the same call made again within a day returns the report of the
// first. Errors: what file returns; import.refused with Abort;
// request.too_large for too many rows or passwords in clear;
// request.idempotency_mismatch; request.in_progress, also while another import
// of the app's users is at work.
func (s *Service) ImportUsers(ctx context.Context, appID string, in ImportCall, file UserFile, progress func(done, of int64) error) (ImportReport, error) {
	if _, err := require(ctx, latchkey.PermUsersCreate); err != nil {
		return ImportReport{}, err
	}
	one := s.box.Lookup("users.import", appID)
	if !s.calls.begin(one) {
		e := latchkey.FailWith(latchkey.CodeRepeatRunning, "Another import of this application's users is at work; ask again when it has ended.")
		e.RetryAfter = clearingTime
		return ImportReport{}, e
	}
	defer s.calls.end(one)
	im := &userImporter{Service: s, appID: appID, ask: in, file: file, progress: progress, report: newImportReport(in.DryRun), names: map[string]struct{}{}}
	im.once = &importOnce{service: s, action: "users.import", needs: latchkey.PermUsersCreate, appID: appID, call: in, digest: file.Digest, run: im.run,
		skip: func() error {
			_, err := file.Next()
			return err
		}}
	return im.once.do(ctx)
}

func (im *userImporter) run(ctx context.Context) (ImportReport, error) {
	im.began = im.now()
	err := im.read(ctx, latchkey.PermUsersCreate, im.appID, func(tx *store.Tx, app *latchkey.App) (err error) {
		im.app = *app
		im.tiers, err = readTiers(ctx, tx, app.ID)
		return err
	})
	if err != nil {
		return ImportReport{}, err
	}
	if err := im.judgeAll(); err != nil {
		return ImportReport{}, err
	}
	if err := im.leaveKnown(ctx); err != nil {
		return ImportReport{}, err
	}
	if !im.ask.DryRun {
		if err := im.storeAll(ctx); err != nil {
			im.tellPart(ctx)
			return ImportReport{}, err
		}
	}
	return im.conclude(), nil
}

// conclude completes the report.
func (im *userImporter) conclude() ImportReport {
	r := &im.report
	r.Imported = int64(len(im.users))
	r.Skipped, r.Warnings = map[latchkey.SkipReason]int64{}, map[latchkey.ImportWarning]int64{}
	slices.SortFunc(im.skipped, func(a, b SkippedRow) int { return cmp.Compare(a.Row, b.Row) })
	for _, row := range im.skipped {
		r.Skipped[row.Reason]++
	}
	r.SkippedRows = im.skipped[:min(len(im.skipped), maxSkippedRows)]
	for i := range im.users {
		r.warn(latchkey.WarnFirstPassword, im.users[i].PasswordState == latchkey.PasswordFirstSignIn)
		r.warn(latchkey.WarnTwoFactor, im.users[i].lostTwo)
	}
	r.Ignored = im.file.Ignored()
	return *r
}

// judgeAll reads the file.
func (im *userImporter) judgeAll() error {
	for {
		row, err := im.file.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = im.judge(&row)
		}
		if err != nil {
			return err
		}
	}
}

// judge takes a row in, or skips it.
func (im *userImporter) judge(row *listfile.UserRow) error {
	if im.report.Rows++; im.report.Rows > maxImportedUsers {
		return latchkey.FailWith(latchkey.CodeTooLarge, "The file has more than 100,000 rows; split it.")
	}
	u := importedUser{at: SkippedRow{Row: row.Number, Line: row.Line}, holdings: row.Subscriptions, devices: row.Devices, lostTwo: row.TwoFactor}
	why := row.Skip
	if why == "" {
		u.User, why = row.User(im.began)
	}
	if why == "" {
		why = im.unlike(&u)
	}
	if why == "" && row.PasswordHash == "" && row.Password != "" {
		u.password = row.Password
		leaked, err := im.leaked.Has(u.password)
		if err != nil {
			return err
		}
		if im.app.CheckLeaked(leaked) != nil {
			why = latchkey.SkipLeaked
		}
	}
	if why != "" {
		return im.skip(u.at, why)
	}
	if u.password != "" {
		if im.clear++; im.clear > maxClearPasswords {
			return latchkey.FailWith(latchkey.CodeTooLarge, "The file has more than 10,000 passwords in clear; split it, or give bcrypt hashes.")
		}
	}
	u.AppID = im.appID
	im.users = append(im.users, u)
	return nil
}

// unlike skips a row whose name an earlier one has, or whose subscriptions the
// app does not have.
func (im *userImporter) unlike(u *importedUser) latchkey.SkipReason {
	name := "name " + latchkey.CanonicalName(u.Name)
	if u.LicenseNamed {
		name = "key " + u.Name
	}
	if _, had := im.names[name]; had {
		return latchkey.SkipRepeated
	}
	im.names[name] = struct{}{}
	for _, h := range u.holdings {
		if len(im.tiers.of(&h)) == 0 {
			im.report.missingTier(&h)
			return latchkey.SkipNoTier
		}
	}
	return ""
}

func (im *userImporter) skip(at SkippedRow, why latchkey.SkipReason) error {
	if im.ask.Abort {
		return refuseImport(at, why)
	}
	at.Reason = why
	im.skipped = append(im.skipped, at)
	return nil
}

// leaveKnown skips the users that the app has, before any password is hashed.
func (im *userImporter) leaveKnown(ctx context.Context) error {
	left := im.users[:0]
	for part := range slices.Chunk(im.users, userImportChunk) {
		if err := ctx.Err(); err != nil {
			return latchkey.Fail(latchkey.CodeUnavailable).Because(err)
		}
		known := make([]latchkey.SkipReason, len(part))
		err := im.read(ctx, latchkey.PermUsersCreate, im.appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
			for i := range part {
				if known[i], err = im.known(ctx, tx, &part[i].User); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for i, why := range known {
			if why == "" {
				left = append(left, part[i])
				continue
			}
			if err := im.skip(part[i].at, why); err != nil {
				return err
			}
		}
	}
	im.users = left
	return nil
}

// known tells why the app cannot have a user of this name as well: it has one,
// or the name is one of its license keys, which stand nowhere in clear. A user
// named by a license learns which; it must have been used, or somebody could
// redeem what they have already.
func (im *userImporter) known(ctx context.Context, tx *store.Tx, u *latchkey.User) (latchkey.SkipReason, error) {
	var err error
	if u.LicenseNamed {
		_, err = tx.UserByLicense(ctx, u.AppID, latchkey.Secret(u.Name))
	} else {
		_, err = tx.UserByName(ctx, u.AppID, u.Name)
	}
	if code := latchkey.CodeOf(err); code != latchkey.CodeUserNotFound {
		return latchkey.SkipExists, err
	}
	l, err := tx.LicenseByKey(ctx, u.AppID, latchkey.Secret(u.Name))
	switch {
	case latchkey.CodeOf(err) == latchkey.CodeLicenseNotFound:
		u.LicenseID = ""
		return "", nil
	case err != nil:
		return "", err
	case !u.LicenseNamed:
		return latchkey.SkipExists, nil
	case l.StatusWithoutBan() != latchkey.LicenseUsed:
		return latchkey.SkipUnused, nil
	}
	u.LicenseID = l.ID
	return "", nil
}
