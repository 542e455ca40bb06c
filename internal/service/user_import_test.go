package service_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestUserFiles(t *testing.T) {
	tell(t, []story{
		{"a hash of another service lets its user in, and is then one of ours", importedHashes},
		{"a password in clear is hashed, none is set at the first sign-in", importedPasswords},
		{"rows that cannot be imported are skipped, in the order of the file", skipUsers},
		{"a dry run tells the same and changes nothing", dryUserImport},
		{"all or nothing makes nobody if a row is refused", abortUsers},
		{"a file that breaks off makes nobody", brokenUsers},
		{"an import asked for again gives the same report", repeatUsers},
		{"one that ended early goes on with the rest", resumeUsers},
		{"time is neither given nor taken by pauses", pausedUsers},
		{"bans, devices and ages are what they were", importedCards},
		{"who is named by a license needs it to be used", importedKeys},
		{"two imports at once make every user once", importUsersAtOnce},
	})
}

// people is a text that is read as a file of users.
type people struct {
	*listfile.UserReader
	text string
	fail error // instead of its end
}

func (p *people) Digest() []byte {
	sum := sha256.Sum256([]byte(p.text))
	return sum[:]
}

func (p *people) Next() (listfile.UserRow, error) {
	row, err := p.UserReader.Next()
	if err != nil && p.fail != nil {
		err = p.fail
	}
	return row, err
}

func (s *scene) people(text string) *people {
	s.Helper()
	r, err := listfile.NewUserReader(strings.NewReader(text), listfile.CSV)
	s.must(err)
	return &people{UserReader: r, text: text}
}

func (s *scene) importUsers(in service.ImportCall, text string) service.ImportReport {
	s.Helper()
	report, err := s.Service.ImportUsers(s.Ctx(), s.app.ID, in, s.people(text), nil)
	s.must(err)
	return report
}

// userNamed is the card of a user.
func (s *scene) userNamed(name string) service.UserView {
	s.Helper()
	for _, u := range s.users() {
		if u.Name == name {
			return u
		}
	}
	s.Fatalf("no user is named %s", name)
	return service.UserView{}
}

func (s *scene) hashOf(password string) string {
	s.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	s.must(err)
	return string(hash)
}

func importedHashes(s *scene) {
	s.importUsers(service.ImportCall{}, "username,password,subscription,expires_at\nann,$2y"+s.hashOf("secret")[3:]+",default,lifetime\n")
	_, err := s.login("ann", "wrong", machine)
	s.refused(err, latchkey.CodePasswordWrong)
	for range 2 {
		_, err = s.login("Ann", "secret", machine)
		s.must(err)
		if hash := s.userNamed("ann").PasswordHash; !strings.HasPrefix(hash, "$argon2id$") {
			s.Errorf("the hash is still %s", hash)
		}
	}
	_, err = s.login("ann", "wrong", machine)
	s.refused(err, latchkey.CodePasswordWrong)
}

func importedPasswords(s *scene) {
	report := s.importUsers(service.ImportCall{}, "username,password,subscription,expires_at\nann,secret,default,lifetime\nbob,,default,lifetime\n")
	if report.Warnings[latchkey.WarnFirstPassword] != 1 {
		s.Errorf("%+v", report)
	}
	if hash := s.userNamed("ann").PasswordHash; !strings.HasPrefix(hash, "$argon2id$") {
		s.Errorf("stored as %s", hash)
	}
	for name, password := range map[string]string{"ann": "secret", "bob": "his own"} {
		_, err := s.login(name, password, machine)
		s.must(err)
	}
	_, err := s.login("bob", "another", machine)
	s.refused(err, latchkey.CodePasswordWrong)
}

// mixedPeople is a file with much that cannot be imported; a user "here" must exist.
func (s *scene) mixedPeople() string {
	s.user("Here", "secret")
	return "username,password_hash,email,subscription,expiry,colour\n" +
		"ann,,,default,lifetime,red\n" + // 1
		"HERE,,,,,\n" +
		"ANN,,,,,\n" +
		",,,,,\n" +
		"bob,$1$x,,,,\n" + // 5
		"cid,$2y$14$" + strings.Repeat("a", 53) + ",,,,\n" +
		"dan,,nowhere,,,\n" +
		"eve,,,gold,lifetime,\n" +
		"fay,,,default,soon,\n" +
		s.key("1d") + ",,,,,\n" + // 10
		"gil,,,,,\n"
}

func skipUsers(s *scene) {
	report := s.importUsers(service.ImportCall{}, s.mixedPeople())
	row := func(n int64, why latchkey.SkipReason) service.SkippedRow {
		return service.SkippedRow{Row: n, Line: n + 1, Reason: why}
	}
	want := service.ImportReport{Rows: 11, Imported: 2, MissingTiers: []string{"gold"}, Ignored: []string{"colour"},
		Warnings: map[latchkey.ImportWarning]int64{latchkey.WarnFirstPassword: 2},
		Skipped: map[latchkey.SkipReason]int64{latchkey.SkipExists: 2, latchkey.SkipRepeated: 1, latchkey.SkipName: 1, latchkey.SkipHash: 1,
			latchkey.SkipCost: 1, latchkey.SkipEmail: 1, latchkey.SkipNoTier: 1, latchkey.SkipSubscription: 1},
		SkippedRows: []service.SkippedRow{row(2, latchkey.SkipExists), row(3, latchkey.SkipRepeated), row(4, latchkey.SkipName), row(5, latchkey.SkipHash),
			row(6, latchkey.SkipCost), row(7, latchkey.SkipEmail), row(8, latchkey.SkipNoTier), row(9, latchkey.SkipSubscription), row(10, latchkey.SkipExists)}}
	if diff := cmp.Diff(want, report); diff != "" {
		s.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(s.users()); n != 3 {
		s.Errorf("%d users", n)
	}
}

func dryUserImport(s *scene) {
	text := s.mixedPeople()
	dry := s.importUsers(service.ImportCall{DryRun: true}, text)
	if n := len(s.users()); n != 1 {
		s.Errorf("%d users", n)
	}
	real := s.importUsers(service.ImportCall{}, text)
	if real.DryRun = true; !cmp.Equal(dry, real) {
		s.Error(cmp.Diff(dry, real))
	}
}

func abortUsers(s *scene) {
	s.user("here", "secret")
	for _, text := range []string{"username\nann\nhere\n", "username\nann\nann\n", "username,email\nann,x\n"} {
		_, err := s.Service.ImportUsers(s.Ctx(), s.app.ID, service.ImportCall{Abort: true}, s.people(text), nil)
		s.refused(err, latchkey.CodeImportRefused)
	}
	if n := len(s.users()); n != 1 {
		s.Errorf("%d users", n)
	}
}

// manyPeople is a file of n users, more than one transaction makes.
func manyPeople(n int) string {
	var b strings.Builder
	b.WriteString("username,subscription,expires_at\n")
	for i := range n {
		fmt.Fprintf(&b, "user %04d,default,lifetime\n", i)
	}
	return b.String()
}

func brokenUsers(s *scene) {
	gone := errors.New("gone")
	file := s.people(manyPeople(450))
	file.fail = gone
	if _, err := s.Service.ImportUsers(s.Ctx(), s.app.ID, service.ImportCall{}, file, nil); !errors.Is(err, gone) {
		s.Errorf("%v", err)
	}
	if n := len(s.users()); n != 0 {
		s.Errorf("%d users", n)
	}
}

func repeatUsers(s *scene) {
	call := service.ImportCall{Repeat: "once " + s.app.ID}
	first := s.importUsers(call, "username\nann\nann\n")
	if again := s.importUsers(call, "username\nann\nann\n"); !cmp.Equal(first, again) || first.Imported != 1 {
		s.Errorf("%+v, then %+v", first, again)
	}
	_, err := s.Service.ImportUsers(s.Ctx(), s.app.ID, call, s.people("username\nbob\n"), nil)
	s.refused(err, latchkey.CodeRepeatDiffers)
}

func resumeUsers(s *scene) {
	const n = 450
	ctx, cancel := context.WithCancel(s.Ctx())
	_, err := s.Service.ImportUsers(ctx, s.app.ID, service.ImportCall{}, s.people(manyPeople(n)), func(done, of int64) error {
		if done != 200 || of != n {
			s.Errorf("%d of %d", done, of)
		}
		cancel()
		return nil
	})
	s.refused(err, latchkey.CodeUnavailable)
	if events := s.told("users.import"); len(events) != 1 || events[0].Details["complete"] != false {
		s.Errorf("%+v", events)
	}
	if report := s.importUsers(service.ImportCall{}, manyPeople(n)); report.Imported != n-200 || report.Skipped[latchkey.SkipExists] != 200 {
		s.Errorf("%+v", report)
	}
}

func pausedUsers(s *scene) {
	_, err := s.Service.PauseApp(s.Ctx(), s.app.ID)
	s.must(err)
	s.Clock.Advance(time.Hour)
	expiry := s.Clock.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	s.importUsers(service.ImportCall{}, "username,subscriptions\nann,\"[{\"\"name\"\":\"\"default\"\",\"\"expires_at\"\":\"\""+expiry+"\"\"}]\"\n"+
		"bob,\"[{\"\"level\"\":1,\"\"status\"\":\"\"paused\"\",\"\"paused_at\"\":\"\"2020-01-01T00:00:00Z\"\",\"\"expires_at\"\":\"\"2020-01-02T00:00:00Z\"\",\"\"seconds_left\"\":86400}]\"\n")
	s.Clock.Advance(time.Hour)
	_, err = s.Service.ResumeApp(s.Ctx(), s.app.ID)
	s.must(err)
	s.Clock.Advance(time.Hour) // ann's alone runs
	for name, want := range map[string]time.Duration{"ann": 23 * time.Hour, "bob": 24 * time.Hour} {
		if left := s.left(s.userNamed(name).ID); left != want {
			s.Errorf("%s has %v, want %v", name, left, want)
		}
	}
}

func importedCards(s *scene) {
	s.importUsers(service.ImportCall{}, "username,created_at,banned_at,ban_reason,hwid,last_sign_in_at,hwid_affected,device_limit\n"+
		"ann,2020-05-06T07:08:09Z,2021-05-06T07:08:09Z,cheats,"+machine+",2021-01-01T00:00:00Z,no,2\nbob,,,,,,,\n")
	ann, bob := s.userNamed("ann"), s.userNamed("bob")
	if !ann.CreatedAt.Equal(time.Date(2020, 5, 6, 7, 8, 9, 0, time.UTC)) || ann.BanReason != "cheats" || ann.BannedAt.Year() != 2021 || ann.HWIDAffected ||
		*ann.DeviceLimit != 2 || ann.LastSignInAt.Year() != 2021 || len(ann.Devices) != 1 || ann.Devices[0].HWID.Reveal() != machine || !bob.HWIDAffected {
		s.Errorf("%+v", ann)
	}
	if list := s.users(); list[0].Name != "bob" { // newest first
		s.Errorf("%s is the newest", list[0].Name)
	}
	_, err := s.login("ann", "x", machine)
	s.refused(err, latchkey.CodeUserBanned)
	_, err = s.Service.UnbanUser(s.Ctx(), s.app.ID, ann.ID)
	s.must(err)
}

func importedKeys(s *scene) {
	unused := s.key("1d")
	s.imported(s.app.ID, service.ImportCall{}, s.file(listfile.JSON, `[{"key":"USED-BEFORE-1","status":"used"}]`))
	report := s.importUsers(service.ImportCall{}, "username,license_named,subscription,expires_at\n"+unused+",true,default,lifetime\nUSED-BEFORE-1,true,default,lifetime\nNO-SUCH-KEY-1,true,default,lifetime\n")
	if report.Imported != 2 || report.Skipped[latchkey.SkipUnused] != 1 {
		s.Errorf("%+v", report)
	}
	if u := s.userNamed("USED-BEFORE-1"); !u.LicenseNamed || u.LicenseID == "" {
		s.Errorf("%+v", u)
	}
	for _, key := range []string{"USED-BEFORE-1", "NO-SUCH-KEY-1"} {
		if _, err := s.license(key, machine); err != nil && key == "USED-BEFORE-1" {
			s.Errorf("%s: %v", key, err)
		}
	}
}

func importUsersAtOnce(s *scene) {
	const n = 450
	var wait sync.WaitGroup
	for range 3 {
		file := s.people(manyPeople(n))
		wait.Go(func() {
			// One at a time: the others are told to ask again.
			if _, err := s.Service.ImportUsers(s.Ctx(), s.app.ID, service.ImportCall{}, file, nil); err != nil {
				s.refused(err, latchkey.CodeRepeatRunning)
			}
		})
	}
	for i := range n { // programs register some of the names meanwhile
		if i%50 == 0 {
			if _, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: fmt.Sprintf("USER %04d", i)}); err != nil {
				s.refused(err, latchkey.CodeUserExists)
			}
		}
	}
	wait.Wait()
	s.importUsers(service.ImportCall{}, manyPeople(n))
	if users := len(s.allUsers()); users != n {
		s.Errorf("%d users", users)
	}
}

// allUsers are the users of all pages.
func (s *scene) allUsers() (list []service.UserView) {
	s.Helper()
	x, err := s.Service.BeginUserExport(s.Ctx(), s.app.ID, service.UserFilter{}, "test")
	s.must(err)
	s.must(x.Each(s.Ctx(), func(part []service.UserView) error {
		list = append(list, part...)
		return nil
	}))
	s.must(x.End(s.Ctx(), int64(len(list)), true))
	return list
}

func TestUserExports(t *testing.T) {
	tell(t, []story{
		{"an export is narrowed and ordered as the list is, and in the audit log", exportUsers},
	})
}

func exportUsers(s *scene) {
	s.importUsers(service.ImportCall{}, manyPeople(620)) // more than one page
	s.Clock.Advance(time.Second)
	ann := s.user("ann", "secret")
	_, err := s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{})
	s.must(err)
	if list := s.allUsers(); len(list) != 621 || list[620].Name != "ann" {
		s.Errorf("%d users", len(list))
	}
	for want, f := range map[int]service.UserFilter{1: {Banned: point(true)}, 620: {Banned: point(false)}, 10: {Search: "user 001"}, 621: {SubscriptionID: s.tier().ID, Sort: "-created"}} {
		x, err := s.Service.BeginUserExport(s.Ctx(), s.app.ID, f, "csv")
		s.must(err)
		n := 0
		s.must(x.Each(s.Ctx(), func(part []service.UserView) error {
			n += len(part)
			return nil
		}))
		s.must(x.End(s.Ctx(), int64(n), true))
		if n != want {
			s.Errorf("%+v: %d users, want %d", f, n, want)
		}
	}
	_, err = s.Service.BeginUserExport(s.Ctx(), s.app.ID, service.UserFilter{Search: "us"}, "csv")
	s.refused(err, latchkey.CodeInvalid)
	if events := s.told("users.export"); len(events) != 5 || strings.Contains(fmt.Sprint(events), "user 001") {
		s.Errorf("%+v", events)
	}
}

// told are the audit events of an action.
func (s *scene) told(action string) []service.AuditView {
	s.Helper()
	list, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Actions: []string{action}, Page: service.Page{Limit: service.MaxLimit}})
	s.must(err)
	return list.Items
}
