package manageapi

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func license(l *latchkey.License) api.License {
	return api.License{
		ID: l.ID, Key: l.Key.Reveal(), Status: string(l.Status), Level: l.Level, Duration: l.Duration.String(), Note: l.Note,
		CreatedAt: api.At(l.CreatedAt), CreatedBy: l.CreatedBy, UsedAt: api.At(l.UsedAt), UsedBy: l.UsedBy,
		BanReason: l.BanReason, BannedAt: api.At(l.BannedAt), UpdatedAt: api.At(l.UpdatedAt),
	}
}

func licenseView(v *service.LicenseView) api.License {
	out := license(&v.License)
	out.UsedByName = v.UsedByName
	return out
}

type listLicensesInput struct {
	AppPath
	Search        string    `query:"search" maxLength:"254" doc:"A whole key, its last four characters, a user's whole name, or text of the note: anywhere, or its beginning if shorter than 3 characters."`
	Status        string    `query:"status" enum:"not_used,used,banned"`
	Level         int64     `query:"level" minimum:"1" maximum:"1000000"`
	CreatedBy     string    `query:"created_by" maxLength:"64" doc:"Id of the account or API key."`
	CreatedAfter  time.Time `query:"created_after"`
	CreatedBefore time.Time `query:"created_before"`
	Sort          string    `query:"sort" enum:"-created,created,-used,used" doc:"-created, newest first, if left out. With status=used also by when they were redeemed."`
	PageQuery
}

func (s *surface) listLicenses(ctx context.Context, in *listLicensesInput) (api.LicenseList, error) {
	list, err := s.svc.ListLicenses(ctx, in.App, service.LicenseFilter{
		Search: in.Search, Status: latchkey.LicenseStatus(in.Status), Level: in.Level, CreatedBy: in.CreatedBy,
		CreatedAfter: in.CreatedAfter, CreatedBefore: in.CreatedBefore, Sort: in.Sort, Page: in.page()})
	return api.LicenseList{Licenses: each(list.Items, licenseView), Next: list.Next, Counts: licenseCounts(list.Counts)}, err
}

func licenseCounts(by map[latchkey.LicenseStatus]int64) api.LicenseCounts {
	c := api.LicenseCounts{NotUsed: by[latchkey.LicenseNotUsed], Used: by[latchkey.LicenseUsed], Banned: by[latchkey.LicenseBanned]}
	c.Total = c.NotUsed + c.Used + c.Banned
	return c
}

func (s *surface) getLicense(ctx context.Context, in *LicensePath) (service.LicenseView, error) {
	return s.svc.License(ctx, in.App, in.License)
}

type updateLicenseInput struct {
	LicensePath
	Body api.UpdateLicense
}

func (s *surface) updateLicense(ctx context.Context, in *updateLicenseInput) (service.LicenseView, error) {
	edit := latchkey.LicenseEdit{Level: in.Body.Level, Note: in.Body.Note}
	if in.Body.Duration != nil {
		d, err := latchkey.ParseDuration(*in.Body.Duration)
		if err != nil {
			return service.LicenseView{}, err
		}
		edit.Duration = &d
	}
	return s.svc.UpdateLicense(ctx, in.App, in.License, edit)
}

type deleteLicenseInput struct {
	LicensePath
	UserToo bool `query:"user_too" doc:"Delete the user who redeemed it as well."`
}

func (s *surface) deleteLicense(ctx context.Context, in *deleteLicenseInput) error {
	return s.svc.DeleteLicense(ctx, in.App, in.License, in.UserToo)
}

type banLicenseInput struct {
	LicensePath
	Body api.BanLicense
}

func (s *surface) banLicense(ctx context.Context, in *banLicenseInput) (service.LicenseView, error) {
	return s.svc.BanLicense(ctx, in.App, in.License, in.Body.Reason, in.Body.UserToo)
}

func (s *surface) unbanLicense(ctx context.Context, in *LicensePath) (service.LicenseView, error) {
	return s.svc.UnbanLicense(ctx, in.App, in.License)
}

type extendLicenseInput struct {
	LicensePath
	Body api.ExtendLicense
}

func (s *surface) extendLicense(ctx context.Context, in *extendLicenseInput) (service.LicenseView, error) {
	by, err := latchkey.ParseDuration(in.Body.Duration)
	if err != nil {
		return service.LicenseView{}, err
	}
	return s.svc.ExtendLicense(ctx, in.App, in.License, by)
}
