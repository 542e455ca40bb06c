package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
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

func (s *surface) addUserSubscription(ctx context.Context, in *addUserSubscriptionInput) (api.User, error) {
	d, err := latchkey.ParseDuration(in.Body.Duration)
	if err != nil {
		return api.User{}, err
	}
	return s.answerUser(s.svc.AddUserSubscription(ctx, in.App, in.User, in.Body.SubscriptionID, d))
}

func (s *surface) removeUserSubscription(ctx context.Context, in *UserSubscriptionPath) (api.User, error) {
	return s.answerUser(s.svc.RemoveUserSubscription(ctx, in.App, in.User, in.Subscription))
}

func (s *surface) pauseUserSubscription(ctx context.Context, in *UserSubscriptionPath) (api.User, error) {
	return s.answerUser(s.svc.PauseUserSubscription(ctx, in.App, in.User, in.Subscription))
}

func (s *surface) resumeUserSubscription(ctx context.Context, in *UserSubscriptionPath) (api.User, error) {
	return s.answerUser(s.svc.ResumeUserSubscription(ctx, in.App, in.User, in.Subscription))
}
