package service_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestFiles(t *testing.T) {
	tell(t, []story{
		{"a program gets what its session reaches, and nothing else", filesByLevel},
		{"parts are read of exactly the content that was described", fileParts},
		{"a part costs its own length", partsReadLittle},
		{"who reads while the file is replaced gets the old content, whole", replacedWhileRead},
		{"of uploads that end at once, no more are kept than there is room for", uploadsRace},
		{"room that is given back can be used again", quotaIsGivenBack},
		{"an upload that waited too long becomes no file", staleUpload},
		{"the sweep takes what no file has, once it is old", sweepTakesOrphans},
		{"a replaced and a deleted content are gone at once", contentsGo},
	})
}

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

// contents is how many contents lie in the folder of files.
func (s *scene) contents() (n int) {
	s.Helper()
	for _, err := range s.Files.All(context.Background()) {
		s.must(err)
		n++
	}
	return n
}

// shelve uploads a file.
func (s *scene) shelve(in service.NewFile, content string) service.FileView {
	s.Helper()
	staged, err := s.Service.StageFile(s.Ctx(), service.Upload{App: s.app.ID, Size: -1}, strings.NewReader(content))
	s.must(err)
	defer staged.Drop(s.Ctx())
	f, err := s.Service.UploadFile(s.Ctx(), s.app.ID, in, staged)
	s.must(err)
	return f
}

func filesByLevel(s *scene) {
	open := s.shelve(service.NewFile{Name: "open"}, "for all")
	closed := s.shelve(service.NewFile{Name: "closed", NeedsSignIn: true}, "for customers")
	gold := s.shelve(service.NewFile{Name: "gold", MinLevel: 2}, "for gold")
	elsewhere := &scene{T: s.T, Env: s.Env, app: s.App("elsewhere " + s.app.ID)}
	foreign := elsewhere.shelve(service.NewFile{Name: "foreign"}, "of another app")

	stranger := s.start()
	licenses := s.Licenses(s.app.ID, 1, "30d")
	customer, err := s.register("ann", "secret", licenses[0].Key.Reveal(), machine)
	s.must(err)
	for _, c := range []struct {
		who  string
		ses  *service.ClientSession
		file string
		want latchkey.Code
	}{
		{"a stranger", stranger, open.ID, ""},
		{"a stranger", stranger, closed.ID, latchkey.CodeSessionNotSignedIn},
		{"a stranger", stranger, gold.ID, latchkey.CodeSessionNotSignedIn},
		{"a customer", customer, open.ID, ""},
		{"a customer", customer, closed.ID, ""},
		{"a customer", customer, gold.ID, latchkey.CodeLevelTooLow},
		{"a customer", customer, foreign.ID, latchkey.CodeFileNotFound},
		{"a customer", customer, "fil_" + strings.Repeat("0", 26), latchkey.CodeFileNotFound},
		{"a customer", customer, "123456", latchkey.CodeFileNotFound},
		{"a customer", customer, "../" + open.ID, latchkey.CodeFileNotFound},
	} {
		_, err := s.Service.ClientFileInfo(outside(), s.client(), c.ses, c.file)
		s.refused(err, c.want)
		content, err := s.Service.ClientFileContent(outside(), s.client(), c.ses, c.file)
		s.refused(err, c.want)
		if err == nil {
			s.must(content.Close())
		}
		_, err = s.Service.ClientFilePart(outside(), s.client(), c.ses, c.file, latchkey.FilePart{SHA256: sum("for all"), Length: 1})
		if got := latchkey.CodeOf(err); got != c.want && got != latchkey.CodeFileChanged {
			s.Errorf("%s, part of %s: %v", c.who, c.file, err)
		}
	}
	// What the seller changes holds at the next call.
	_, err = s.Service.UpdateFile(s.Ctx(), s.app.ID, open.ID, service.FileEdit{NeedsSignIn: point(true)})
	s.must(err)
	_, err = s.Service.ClientFileInfo(outside(), s.client(), stranger, open.ID)
	s.refused(err, latchkey.CodeSessionNotSignedIn)
	users, err := s.Service.ListUsers(s.Ctx(), s.app.ID, service.UserFilter{})
	s.must(err)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, users.Items[0].ID, service.UserBan{})
	s.must(err)
	_, err = s.Service.ClientFileInfo(outside(), s.client(), customer, open.ID)
	s.refused(err, latchkey.CodeSessionNotFound)
}

func fileParts(s *scene) {
	first := strings.Repeat("0123456789", 100)
	f := s.shelve(service.NewFile{Name: "parts"}, first)
	ses := s.start()
	info, err := s.Service.ClientFileInfo(outside(), s.client(), ses, f.ID)
	s.must(err)
	if want := (service.ClientFile{ID: f.ID, Name: "parts", Size: 1000, SHA256: sum(first)}); info != want {
		s.Errorf("%+v", info)
	}
	part := func(p latchkey.FilePart) (string, error) {
		b, err := s.Service.ClientFilePart(outside(), s.client(), ses, f.ID, p)
		return string(b), err
	}
	for _, p := range []latchkey.FilePart{{SHA256: info.SHA256, Length: 1000}, {SHA256: info.SHA256, Offset: 997, Length: 3}, {SHA256: info.SHA256, Offset: 5, Length: 1}} {
		got, err := part(p)
		s.must(err)
		if want := first[p.Offset : p.Offset+p.Length]; got != want {
			s.Errorf("%+v: %q", p, got)
		}
	}
	_, err = part(latchkey.FilePart{SHA256: info.SHA256, Offset: 999, Length: 2})
	s.refused(err, latchkey.CodeInvalid)
	_, err = replace(s.Ctx(), s.Service, s.app.ID, f.ID, "another")
	s.must(err)
	_, err = part(latchkey.FilePart{SHA256: info.SHA256, Length: 1})
	s.refused(err, latchkey.CodeFileChanged)
	got, err := part(latchkey.FilePart{SHA256: sum("another"), Offset: 2, Length: 5})
	s.must(err)
	if got != "other" {
		s.Errorf("%q", got)
	}
}

// What is read stands in memory, so a byte of a megabyte must take little of it.
func partsReadLittle(s *scene) {
	f := s.shelve(service.NewFile{Name: "large"}, strings.Repeat("x", 1<<20))
	ses := s.start()
	read := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Service.ClientFilePart(outside(), s.client(), ses, f.ID, latchkey.FilePart{SHA256: f.SHA256, Offset: 1<<20 - 1, Length: 1}); err != nil {
				b.Fatal(err)
			}
		}
	})
	if n := read.AllocedBytesPerOp(); n > 100_000 {
		s.Errorf("a part of one byte takes %d bytes of memory", n)
	}
}

func replacedWhileRead(s *scene) {
	first, second := strings.Repeat("first ", 20_000), strings.Repeat("second ", 20_000)
	f := s.shelve(service.NewFile{Name: "a"}, first)
	ses := s.start()
	content, err := s.Service.ClientFileContent(outside(), s.client(), ses, f.ID)
	s.must(err)
	defer content.Close()
	begun := make([]byte, 100)
	_, err = io.ReadFull(content, begun)
	s.must(err)
	_, err = replace(s.Ctx(), s.Service, s.app.ID, f.ID, second)
	s.must(err)
	rest, err := io.ReadAll(content)
	s.must(err)
	if string(begun)+string(rest) != first || content.SHA256 != sum(first) {
		s.Error("the download is a mixture")
	}
	// Many who read while it changes each get one content or the other.
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				got, err := s.Service.ClientFileContent(outside(), s.client(), ses, f.ID)
				if err != nil {
					s.Error(err)
					return
				}
				b, err := io.ReadAll(got)
				if err = errors.Join(err, got.Close()); err != nil || sum(string(b)) != got.SHA256 || int64(len(b)) != got.Size {
					s.Errorf("%d bytes of %d, %v", len(b), got.Size, err)
				}
			}
		})
	}
	for i := range 20 {
		_, err := replace(s.Ctx(), s.Service, s.app.ID, f.ID, []string{first, second}[i%2])
		s.must(err)
	}
	wg.Wait()
}

func uploadsRace(s *scene) {
	before := s.contents()
	const limit = 100 // of servicetest
	s.shelve(service.NewFile{Name: "first"}, "x")
	var wg sync.WaitGroup
	codes := make([]latchkey.Code, limit+20)
	for i := range codes {
		wg.Go(func() {
			_, err := upload(s.Ctx(), s.Service, s.app.ID, "a", "content")
			codes[i] = latchkey.CodeOf(err)
		})
	}
	wg.Wait()
	count := map[latchkey.Code]int{}
	for _, c := range codes {
		count[c]++
	}
	if count[""] != limit-1 || count[latchkey.CodeFileQuota] != 21 {
		s.Errorf("%v", count)
	}
	if n := s.contents() - before; n != limit {
		s.Errorf("%d contents of %d files", n, limit)
	}
}

func quotaIsGivenBack(s *scene) { // 1 MiB a file, 10 MiB altogether
	mega := strings.Repeat("x", 1<<20)
	var files []service.FileView
	for range 10 {
		files = append(files, s.shelve(service.NewFile{Name: "a"}, mega))
	}
	_, err := upload(s.Ctx(), s.Service, s.app.ID, "one more", "x")
	s.refused(err, latchkey.CodeFileQuota)
	_, err = replace(s.Ctx(), s.Service, s.app.ID, files[0].ID, mega) // no larger than before
	s.must(err)
	_, err = replace(s.Ctx(), s.Service, s.app.ID, files[0].ID, mega[1:])
	s.must(err)
	_, err = upload(s.Ctx(), s.Service, s.app.ID, "one byte", "x")
	s.must(err)
	_, err = replace(s.Ctx(), s.Service, s.app.ID, files[0].ID, mega)
	s.refused(err, latchkey.CodeFileQuota)
	_, err = s.Service.UpdateFile(s.Ctx(), s.app.ID, files[1].ID, service.FileEdit{Link: point(latchkey.Secret("https://files.example.com/"))})
	s.must(err)
	_, err = upload(s.Ctx(), s.Service, s.app.ID, "in its place", mega)
	s.must(err)
	s.must(s.Service.DeleteFile(s.Ctx(), s.app.ID, files[2].ID))
	_, err = upload(s.Ctx(), s.Service, s.app.ID, "in its place", mega)
	s.must(err)
	_, err = upload(s.Ctx(), s.Service, s.app.ID, "too large", mega+"x")
	s.refused(err, latchkey.CodeFileQuota) // which is nearer than the limit of a file
}

func staleUpload(s *scene) {
	before := s.contents()
	staged, err := s.Service.StageFile(s.Ctx(), service.Upload{App: s.app.ID}, strings.NewReader("x"))
	s.must(err)
	s.Clock.Advance(6 * time.Minute)
	_, err = s.Service.UploadFile(s.Ctx(), s.app.ID, service.NewFile{Name: "late"}, staged)
	s.refused(err, latchkey.CodeUnavailable)
	staged.Drop(s.Ctx()) // which leaves it to the sweep: who knows what became of the transaction
	if s.contents() != before+1 {
		s.Error("it was dropped")
	}
	list, err := s.Service.ListFiles(s.Ctx(), s.app.ID, service.NamedFilter{})
	s.must(err)
	if len(list.Items) != 0 {
		s.Errorf("%+v", list.Items)
	}
}

func sweepTakesOrphans(s *scene) {
	kept := s.shelve(service.NewFile{Name: "kept"}, "kept")
	orphan, err := s.Files.Put(context.Background(), strings.NewReader("orphan"), 10)
	s.must(err)
	fresh, err := s.Files.Put(context.Background(), strings.NewReader("fresh"), 10)
	s.must(err)
	now := s.Clock.Now()
	age := func(id blob.ID, age time.Duration) {
		path := filepath.Join(s.FilesDir, string(id[:2]), string(id))
		s.must(os.Chtimes(path, now.Add(-age), now.Add(-age)))
	}
	age(blob.ID(kept.BlobID), 24*time.Hour)
	age(orphan.ID, 31*time.Minute)
	age(fresh.ID, 29*time.Minute)
	_, err = s.Service.SweepFiles(s.Ctx())
	s.must(err)
	for id, there := range map[blob.ID]bool{blob.ID(kept.BlobID): true, orphan.ID: false, fresh.ID: true} {
		f, _, err := s.Files.Open(context.Background(), id)
		if err == nil {
			s.must(f.Close())
		}
		if there != (err == nil) {
			s.Errorf("%s is there: %t", id, err == nil)
		}
	}
	age(fresh.ID, time.Hour)
	if n, err := s.Service.SweepFiles(s.Ctx()); n != 1 || err != nil {
		s.Errorf("%d swept, %v", n, err)
	}
	gone, cancel := context.WithCancel(s.Ctx())
	cancel()
	if _, err := s.Service.SweepFiles(gone); !errors.Is(err, context.Canceled) {
		s.Error(err)
	}
}

func contentsGo(s *scene) {
	before := s.contents()
	f := s.shelve(service.NewFile{Name: "a"}, "first")
	_, err := replace(s.Ctx(), s.Service, s.app.ID, f.ID, "second")
	s.must(err)
	if n := s.contents() - before; n != 1 {
		s.Errorf("%d contents after a replacement", n)
	}
	s.must(s.Service.DeleteFile(s.Ctx(), s.app.ID, f.ID))
	s.shelve(service.NewFile{Name: "b"}, "third")
	s.must(s.Service.DeleteApp(s.Ctx(), s.app.ID, s.app.Name))
	if n := s.contents() - before; n != 0 {
		s.Errorf("%d contents after the app is gone", n)
	}
	s.app = s.App("another " + s.app.ID) // for what is checked after a story
}

func TestFileWhoseContentIsLost(t *testing.T) {
	tell(t, []story{{"it is unavailable, and says so to program and seller", func(s *scene) {
		f := s.shelve(service.NewFile{Name: "a"}, "content")
		s.must(s.Files.Delete(context.Background(), blob.ID(f.BlobID)))
		_, err := s.Service.ClientFileContent(outside(), s.client(), s.start(), f.ID)
		s.refused(err, latchkey.CodeFileUnavailable)
		_, err = s.Service.FileContent(s.Ctx(), s.app.ID, f.ID)
		s.refused(err, latchkey.CodeFileUnavailable)
		_, err = replace(s.Ctx(), s.Service, s.app.ID, f.ID, "again")
		s.must(err)
		content, err := s.Service.FileContent(s.Ctx(), s.app.ID, f.ID)
		s.must(err)
		b, err := io.ReadAll(content)
		if err = errors.Join(err, content.Close()); err != nil || string(b) != "again" {
			s.Errorf("%q, %v", b, err)
		}
	}}})
}
