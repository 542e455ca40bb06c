package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func delivery(d *latchkey.Delivery) api.Delivery {
	out := api.Delivery{ID: d.ID, Kind: string(d.Kind), State: string(d.State), Attempts: d.Attempts, Error: d.Error,
		CreatedAt: api.At(d.CreatedAt), FailedAt: api.At(d.FailedAt)}
	if d.State == latchkey.DeliveryWaiting {
		out.DueAt = api.At(d.DueAt)
	}
	return out
}

type listDeliveriesInput struct {
	AppPath
	State string `query:"state" enum:"waiting,failed"`
	PageQuery
}

func (s *surface) listDeliveries(ctx context.Context, in *listDeliveriesInput) (api.DeliveryList, error) {
	list, err := s.svc.ListDeliveries(ctx, in.App, service.DeliveryFilter{State: latchkey.DeliveryState(in.State), Page: in.page()})
	return api.DeliveryList{Deliveries: each(list.Items, delivery), Next: list.Next}, err
}

type deliveryInput struct {
	AppPath
	Delivery string `path:"delivery" doc:"Id of the delivery."`
}

func (s *surface) retryDelivery(ctx context.Context, in *deliveryInput) (latchkey.Delivery, error) {
	return s.svc.RetryDelivery(ctx, in.App, in.Delivery)
}

func (s *surface) deleteDelivery(ctx context.Context, in *deliveryInput) error {
	return s.svc.DeleteDelivery(ctx, in.App, in.Delivery)
}

func (s *surface) retryDeliveries(ctx context.Context, in *AppPath) (api.Change, error) {
	c, err := s.svc.RetryDeliveries(ctx, in.App)
	return change(c), err
}

func (s *surface) deleteDeliveries(ctx context.Context, in *AppPath) (api.Change, error) {
	c, err := s.svc.DeleteDeliveries(ctx, in.App)
	return change(c), err
}
