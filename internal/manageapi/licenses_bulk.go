package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
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

func licenseSelection(sel api.LicenseSelection) service.LicenseSelection {
	return service.LicenseSelection{IDs: sel.IDs, All: sel.All, Status: latchkey.LicenseStatus(sel.Status)}
}

type extendLicensesInput struct {
	AppPath
	Body api.ExtendLicenses
}

func (s *surface) extendLicenses(ctx context.Context, in *extendLicensesInput) (api.Change, error) {
	by, err := latchkey.ParseDuration(in.Body.Duration)
	if err != nil {
		return api.Change{}, err
	}
	c, err := s.svc.ExtendLicenses(ctx, in.App, licenseSelection(in.Body.LicenseSelection), by)
	return change(c), err
}

type deleteLicensesInput struct {
	AppPath
	Body api.DeleteLicenses
}

func (s *surface) deleteLicenses(ctx context.Context, in *deleteLicensesInput) (api.Change, error) {
	c, err := s.svc.DeleteLicenses(ctx, in.App, licenseSelection(in.Body.LicenseSelection), in.Body.UserToo)
	return change(c), err
}
