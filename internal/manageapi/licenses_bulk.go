package manageapi

import (
	"context"
	"net/http"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// charset reads the two letter cases: both if neither is named; if one is, the
// other is what that one is not.
func charset(lower, upper *bool) latchkey.Charset {
	switch {
	case lower == nil && upper == nil:
		return latchkey.Charset{Lowercase: true, Uppercase: true}
	case lower == nil:
		return latchkey.Charset{Lowercase: !*upper, Uppercase: *upper}
	case upper == nil:
		return latchkey.Charset{Lowercase: *lower, Uppercase: !*lower}
	}
	return latchkey.Charset{Lowercase: *lower, Uppercase: *upper}
}

func valueOr[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

func licenseSelection(sel *api.LicenseSelection) service.LicenseSelection {
	out := service.LicenseSelection{IDs: sel.IDs, All: sel.All, Status: latchkey.LicenseStatus(sel.Status)}
	if f := sel.Filter; f != nil {
		out.Filter = &service.LicenseFilter{Search: f.Search, Status: latchkey.LicenseStatus(f.Status), Level: f.Level, CreatedBy: f.CreatedBy,
			CreatedAfter: f.CreatedAfter.Time, CreatedBefore: f.CreatedBefore.Time}
	}
	return out
}

func licensesChanged(c *service.BulkChange) api.LicensesChanged {
	return api.LicensesChanged{Change: change(c.Change), Skipped: skipped(c), Before: licenseCounts(c.Before.Licenses),
		After: licenseCounts(c.After.Licenses), DryRun: c.DryRun}
}

// skipped is never nil, which would be null.
func skipped(c *service.BulkChange) map[string]int64 {
	out := map[string]int64{}
	for why, n := range c.Skipped {
		out[string(why)] = n
	}
	return out
}

// BulkInput is what bulk actions have in common.
type BulkInput struct {
	AppPath
	Accept string `header:"Accept" doc:"application/x-ndjson asks for a stream of lines: progress after each chunk, the outcome, and a last line that says done."`
	Repeat string `header:"Idempotency-Key" maxLength:"255" doc:"A name of your choice for this request. The same request made again within seven days goes on where the first was cut off, changes nothing twice, and answers with the outcome of both."`
}

// bulkLicenses is a bulk action on licenses.
func (s *surface) bulkLicenses(in *BulkInput, dryRun bool, do func(ctx context.Context, call service.BulkCall) (service.BulkChange, error)) writer {
	return s.bulk(in, service.BulkCall{DryRun: dryRun, Repeat: in.Repeat}, do, func(c *service.BulkChange) any { return licensesChanged(c) })
}

// bulk answers with the outcome of a bulk action, alone or after lines
// that say how far it is. Either way the connection stays open for as long as
// the action takes, and the action ends when the client goes away.
func (s *surface) bulk(in *BulkInput, call service.BulkCall, do func(ctx context.Context, call service.BulkCall) (service.BulkChange, error), show func(*service.BulkChange) any) writer {
	return func(w http.ResponseWriter, r *http.Request) {
		call := call
		if in.Accept != linesType {
			call.Progress = func(int64, int64) error { return s.stayOpen(w) }
			c, err := do(r.Context(), call)
			if err != nil {
				web.WriteProblem(w, r, err)
				return
			}
			sayReplayed(w.Header(), c.Replayed)
			value(http.StatusOK, show(&c))(w, r)
			return
		}
		out := s.stream(w, r, http.StatusOK, linesType)
		call.Progress = func(done, of int64) error { return out.progress(of)(done) }
		c, err := do(r.Context(), call)
		if err == nil {
			sayReplayed(w.Header(), c.Replayed) // nothing has been sent then
			err = out.line(show(&c))
		}
		out.end(1, err)
	}
}

// stayOpen gives the connection more time.
func (s *surface) stayOpen(w http.ResponseWriter) error {
	if s.keepOpen == nil {
		return nil
	}
	return s.keepOpen(http.NewResponseController(w))
}

type extendLicensesInput struct {
	BulkInput
	Body api.ExtendLicenses
}

func (s *surface) extendLicenses(_ context.Context, in *extendLicensesInput) (writer, error) {
	by, err := latchkey.ParseDuration(in.Body.Duration)
	if err != nil {
		return nil, err
	}
	return s.bulkLicenses(&in.BulkInput, in.Body.DryRun, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.ExtendLicenses(ctx, in.App, licenseSelection(&in.Body.LicenseSelection), by, call)
	}), nil
}

type banLicensesInput struct {
	BulkInput
	Body api.BanLicenses
}

func (s *surface) banLicenses(_ context.Context, in *banLicensesInput) (writer, error) {
	return s.bulkLicenses(&in.BulkInput, in.Body.DryRun, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.BanLicenses(ctx, in.App, licenseSelection(&in.Body.LicenseSelection), service.LicenseBan{Reason: in.Body.Reason, UserToo: in.Body.UserToo}, call)
	}), nil
}

type unbanLicensesInput struct {
	BulkInput
	Body api.UnbanLicenses
}

func (s *surface) unbanLicenses(_ context.Context, in *unbanLicensesInput) (writer, error) {
	return s.bulkLicenses(&in.BulkInput, in.Body.DryRun, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.UnbanLicenses(ctx, in.App, licenseSelection(&in.Body.LicenseSelection), call)
	}), nil
}

type deleteLicensesInput struct {
	BulkInput
	Body api.DeleteLicenses
}

func (s *surface) deleteLicenses(_ context.Context, in *deleteLicensesInput) (writer, error) {
	return s.bulkLicenses(&in.BulkInput, in.Body.DryRun, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.DeleteLicenses(ctx, in.App, licenseSelection(&in.Body.LicenseSelection), in.Body.UserToo, call)
	}), nil
}
