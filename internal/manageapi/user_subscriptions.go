package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// UserSubscriptionPath names a subscription that a user holds.
type UserSubscriptionPath struct {
	UserPath
	Subscription string `path:"subscription" doc:"Id of the subscription."`
}

type addUserSubscriptionInput struct {
	UserPath
	Body api.AddSubscription
}

func (s *surface) addUserSubscription(ctx context.Context, in *addUserSubscriptionInput) (service.UserView, error) {
	d, err := latchkey.ParseDuration(in.Body.Duration)
	if err != nil {
		return service.UserView{}, err
	}
	return s.svc.AddUserSubscription(ctx, in.App, in.User, in.Body.SubscriptionID, d)
}

func (s *surface) removeUserSubscription(ctx context.Context, in *UserSubscriptionPath) (service.UserView, error) {
	return s.svc.RemoveUserSubscription(ctx, in.App, in.User, in.Subscription)
}

func (s *surface) pauseUserSubscription(ctx context.Context, in *UserSubscriptionPath) (service.UserView, error) {
	return s.svc.PauseUserSubscription(ctx, in.App, in.User, in.Subscription)
}

func (s *surface) resumeUserSubscription(ctx context.Context, in *UserSubscriptionPath) (service.UserView, error) {
	return s.svc.ResumeUserSubscription(ctx, in.App, in.User, in.Subscription)
}
