package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func subscription(v *service.SubscriptionView) api.Subscription {
	return api.Subscription{ID: v.ID, Name: v.Name, Level: v.Level, Holders: v.Holders, Active: v.Active, Expired: v.Expired,
		PausedAt: api.At(v.PausedAt), CreatedAt: api.At(v.CreatedAt), UpdatedAt: api.At(v.UpdatedAt)}
}

// AppPage asks for a page of a list within an app.
type AppPage struct {
	AppPath
	PageQuery
}

func (s *surface) listSubscriptions(ctx context.Context, in *AppPage) (api.SubscriptionList, error) {
	list, err := s.svc.ListSubscriptions(ctx, in.App, in.page())
	return api.SubscriptionList{Subscriptions: each(list.Items, subscription), Next: list.Next}, err
}

type createSubscriptionInput struct {
	AppPath
	Body api.CreateSubscription
}

func (s *surface) createSubscription(ctx context.Context, in *createSubscriptionInput) (service.SubscriptionView, error) {
	return s.svc.CreateSubscription(ctx, in.App, in.Body.Name, in.Body.Level)
}

func (s *surface) getSubscription(ctx context.Context, in *SubscriptionPath) (service.SubscriptionView, error) {
	return s.svc.Subscription(ctx, in.App, in.Subscription)
}

type updateSubscriptionInput struct {
	SubscriptionPath
	Body api.UpdateSubscription
}

func (s *surface) updateSubscription(ctx context.Context, in *updateSubscriptionInput) (service.SubscriptionView, error) {
	return s.svc.UpdateSubscription(ctx, in.App, in.Subscription, in.Body.Name, in.Body.Level)
}

type deleteSubscriptionInput struct {
	SubscriptionPath
	TakeAway bool `query:"take_away" doc:"Take it from the users who hold it."`
}

func (s *surface) deleteSubscription(ctx context.Context, in *deleteSubscriptionInput) error {
	return s.svc.DeleteSubscription(ctx, in.App, in.Subscription, in.TakeAway)
}

func (s *surface) pauseSubscription(ctx context.Context, in *SubscriptionPath) (service.SubscriptionView, error) {
	return s.svc.PauseSubscription(ctx, in.App, in.Subscription)
}

func (s *surface) resumeSubscription(ctx context.Context, in *SubscriptionPath) (service.SubscriptionView, error) {
	return s.svc.ResumeSubscription(ctx, in.App, in.Subscription)
}
