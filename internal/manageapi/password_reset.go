package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func passwordReset(r *service.PasswordReset) api.PasswordReset {
	return api.PasswordReset{ExpiresAt: api.At(r.ExpiresAt)}
}

func (s *surface) sendPasswordReset(ctx context.Context, in *UserPath) (service.PasswordReset, error) {
	return s.svc.SendPasswordReset(ctx, in.App, in.User)
}
