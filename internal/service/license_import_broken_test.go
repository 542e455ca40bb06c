package service_test

import (
	"context"
	"errors"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func brokenImport(s *scene) {
	for _, n := range []int{3, 5100} {
		f := s.file(listfile.Text, manyKeys(n))
		f.fail = latchkey.Fail(latchkey.CodeMalformed)
		_, err := s.Service.ImportLicenses(s.Ctx(), s.app.ID, service.ImportCall{}, f, nil)
		s.refused(err, latchkey.CodeMalformed)
		s.nothingLeft()
	}
	_, err := s.Service.ImportLicenses(s.Ctx(), s.app.ID, service.ImportCall{}, s.file(listfile.JSON, `["A","B"`), nil)
	s.refused(err, latchkey.CodeMalformed)
	s.nothingLeft()
}

func cancelImport(s *scene) {
	gone := errors.New("the caller is gone")
	_, err := s.Service.ImportLicenses(s.Ctx(), s.app.ID, service.ImportCall{}, s.file(listfile.Text, manyKeys(5100)), func(int64) error { return gone })
	if !errors.Is(err, gone) {
		s.Errorf("the call ends with %v", err)
	}
	s.nothingLeft()
	ctx, cancel := context.WithCancel(s.Ctx())
	_, err = s.Service.ImportLicenses(ctx, s.app.ID, service.ImportCall{}, s.file(listfile.Text, manyKeys(5100)), func(int64) error {
		cancel()
		return nil
	})
	s.refused(err, latchkey.CodeUnavailable)
	s.nothingLeft()
}

func hiddenImport(s *scene) {
	var steps []int64
	_, err := s.Service.ImportLicenses(s.Ctx(), s.app.ID, service.ImportCall{}, s.file(listfile.Text, manyKeys(10_100)), func(rows int64) error {
		steps = append(steps, rows)
		if n := s.total(s.app.ID); n != 0 || s.exported(s.app.ID, service.LicenseFilter{}, listfile.Text) != "" {
			s.Errorf("%d licenses after %d rows", n, rows)
		}
		return nil
	})
	s.must(err)
	if diff := cmp.Diff([]int64{5000, 10_000, 10_102}, steps); diff != "" {
		s.Errorf("progress (-want +got):\n%s", diff)
	}
	if n := s.total(s.app.ID); n != 10_101 {
		s.Errorf("%d licenses", n)
	}
}

func repeatImport(s *scene) {
	text := s.awkwardFile(s.key("30d"))
	in := service.ImportCall{Repeat: "order 7"}
	for range 2 {
		if diff := cmp.Diff(s.awkwardReport(false), s.imported(s.app.ID, in, s.file(listfile.CSV, text))); diff != "" {
			s.Errorf("(-want +got):\n%s", diff)
		}
	}
	_, err := s.Service.ImportLicenses(s.Ctx(), s.app.ID, in, s.file(listfile.CSV, text+"X,1,1d,,,\n"), nil)
	s.refused(err, latchkey.CodeRepeatDiffers)
	_, err = s.Service.ImportLicenses(s.Ctx(), s.app.ID, service.ImportCall{Repeat: "order 7", Abort: true}, s.file(listfile.CSV, text), nil)
	s.refused(err, latchkey.CodeRepeatDiffers)
	_, err = s.Service.ImportLicenses(s.Ctx(), s.app.ID, service.ImportCall{Repeat: "order 8"}, s.file(listfile.CSV, text), func(int64) error {
		_, again := s.Service.ImportLicenses(s.Ctx(), s.app.ID, service.ImportCall{Repeat: "order 8"}, s.file(listfile.CSV, text), nil)
		s.refused(again, latchkey.CodeRepeatRunning)
		return nil
	})
	s.must(err)
	s.Clock.Advance(25 * time.Hour)
	if report := s.imported(s.app.ID, in, s.file(listfile.CSV, text)); report.Imported != 0 {
		s.Errorf("after a day: %+v", report)
	}
}
