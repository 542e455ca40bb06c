package manageapi

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// UserConditions narrow users.
type UserConditions struct {
	Search         string    `query:"search" maxLength:"254" doc:"A whole license key or mail address, a key's last four characters, or text of the user name: anywhere, or its beginning if shorter than 3 characters."`
	Banned         string    `query:"banned" enum:"true,false"`
	SubscriptionID string    `query:"subscription_id" maxLength:"64" doc:"Only users who hold this subscription."`
	Time           string    `query:"time" enum:"left,over,none" doc:"What is left of the time of all that they hold or, with subscription_id, of that one: left, also a lifetime and what a pause keeps; over; or none of whoever holds no subscription."`
	ExpiresAfter   time.Time `query:"expires_after" doc:"Only users whose time ends at this moment or later; that of the last of their subscriptions or, with subscription_id, of that one."`
	ExpiresBefore  time.Time `query:"expires_before" doc:"Only users whose time ends before this."`
	ResetRequested string    `query:"reset_requested" enum:"true,false" doc:"Whether they wait for a reset of their devices."`
}

func (c *UserConditions) filter() service.UserFilter {
	f := service.UserFilter{Search: c.Search, SubscriptionID: c.SubscriptionID, Time: latchkey.UserTime(c.Time), ExpiresAfter: c.ExpiresAfter, ExpiresBefore: c.ExpiresBefore}
	if c.Banned != "" {
		f.Banned = new(c.Banned == "true")
	}
	if c.ResetRequested != "" {
		f.ResetRequested = new(c.ResetRequested == "true")
	}
	return f
}

type listUsersInput struct {
	AppPath
	UserConditions
	Sort string `query:"sort" enum:"-created,created,name,-name,ends,-ends" doc:"-created, newest first, if left out. Users who are narrowed by when their time ends are sorted by it, by ends or -ends: ends if left out, and -ends if their time is over."`
	PageQuery
}

func (s *surface) listUsers(ctx context.Context, in *listUsersInput) (api.UserList, error) {
	filter := in.filter()
	filter.Sort, filter.Page = in.Sort, in.page()
	list, err := s.svc.ListUsers(ctx, in.App, filter)
	return api.UserList{Users: each(list.Items, s.user), Next: list.Next}, err
}

type createUserInput struct {
	AppPath
	Body api.CreateUser
}

func (s *surface) createUser(ctx context.Context, in *createUserInput) (service.UserView, error) {
	b := &in.Body
	user := service.NewUser{Username: b.Username, Password: latchkey.Secret(b.Password), Email: b.Email,
		SubscriptionID: b.SubscriptionID, HWIDAffected: valueOr(b.HWIDAffected, true)}
	if b.SubscriptionID == "" && b.Duration != "" {
		return service.UserView{}, latchkey.Invalid("duration", "A duration goes with a subscription_id.")
	}
	if b.SubscriptionID != "" {
		d, err := latchkey.ParseDuration(b.Duration)
		if err != nil {
			return service.UserView{}, err
		}
		user.Duration = d
	}
	return s.svc.CreateUser(ctx, in.App, user)
}

func (s *surface) getUser(ctx context.Context, in *UserPath) (service.UserView, error) {
	return s.svc.User(ctx, in.App, in.User)
}

type updateUserInput struct {
	UserPath
	Body api.UpdateUser
}

func (s *surface) updateUser(ctx context.Context, in *updateUserInput) (service.UserView, error) {
	b := &in.Body
	edit := service.UserEdit{Username: b.Username, Email: b.Email, ClearPassword: b.ClearPassword, HWIDAffected: b.HWIDAffected}
	if b.Password != nil {
		edit.Password = new(latchkey.Secret(*b.Password))
	}
	if b.DeviceLimit.Set {
		edit.DeviceLimit = &b.DeviceLimit.Value
	}
	return s.svc.UpdateUser(ctx, in.App, in.User, edit)
}

func (s *surface) deleteUser(ctx context.Context, in *UserPath) error {
	return s.svc.DeleteUser(ctx, in.App, in.User)
}

type banUserInput struct {
	UserPath
	Body api.BanUser
}

func (s *surface) banUser(ctx context.Context, in *banUserInput) (service.UserView, error) {
	return s.svc.BanUser(ctx, in.App, in.User, userBan(&in.Body))
}

func userBan(b *api.BanUser) service.UserBan {
	return service.UserBan{Reason: b.Reason, BlacklistDevices: b.BlacklistDevices, BlacklistIP: b.BlacklistIP}
}

func (s *surface) unbanUser(ctx context.Context, in *UserPath) (service.UserView, error) {
	return s.svc.UnbanUser(ctx, in.App, in.User)
}

func (s *surface) disableTwoFactor(ctx context.Context, in *UserPath) (service.UserView, error) {
	return s.svc.DisableUserTwoFactor(ctx, in.App, in.User)
}

func (s *surface) createSignInToken(ctx context.Context, in *UserPath) (service.SignInToken, error) {
	return s.svc.CreateSignInToken(ctx, in.App, in.User)
}

type redeemLicenseInput struct {
	UserPath
	Body api.RedeemLicense
}

func (s *surface) redeemLicense(ctx context.Context, in *redeemLicenseInput) (service.UserView, error) {
	return s.svc.RedeemLicense(ctx, in.App, in.User, in.Body.Key)
}

func (s *surface) resetUserDevices(ctx context.Context, in *UserPath) (api.Change, error) {
	c, err := s.svc.ResetUserDevices(ctx, in.App, in.User)
	return change(c), err
}

type declineResetInput struct {
	UserPath
	Body api.DeclineReset
}

func (s *surface) declineReset(ctx context.Context, in *declineResetInput) (service.UserView, error) {
	return s.svc.DeclineReset(ctx, in.App, in.User, in.Body.Reason)
}

type unbindDeviceInput struct {
	UserPath
	Device string `path:"device" doc:"Id of the device."`
}

func (s *surface) unbindDevice(ctx context.Context, in *unbindDeviceInput) error {
	return s.svc.UnbindDevice(ctx, in.App, in.User, in.Device)
}

type listSignInsInput struct {
	UserPath
	PageQuery
}

func (s *surface) listSignIns(ctx context.Context, in *listSignInsInput) (api.UserSignInList, error) {
	list, err := s.svc.ListSignIns(ctx, in.App, in.User, in.page())
	return api.UserSignInList{SignIns: each(list.Items, func(r *service.SignInRecord) api.UserSignIn {
		return api.UserSignIn{ID: r.ID, At: api.At(r.At), IP: r.IP, DeviceID: r.DeviceID, Protocol: string(r.Protocol), Method: r.Method}
	}), Next: list.Next}, err
}
