package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func (s *surface) appSecrets(in *service.AppSecrets) api.AppSecrets {
	now := s.now()
	client, _ := latchkey.Current(in.Credentials, latchkey.CredentialClientKey, now)
	compat, _ := latchkey.Current(in.Credentials, latchkey.CredentialCompatKey, now)
	return api.AppSecrets{
		Secret: in.Secret.Reveal(), SellerKey: in.SellerKey.Reveal(),
		ClientPublicKey: client.PublicKey, CompatPublicKey: compat.PublicKey,
		Credentials: each(in.Credentials, credential),
	}
}

// credential shows the value of what sellers copy; a signing key shows only
// its public half.
func credential(c *latchkey.Credential) api.Credential {
	out := api.Credential{ID: c.ID, Kind: string(c.Kind), PublicKey: c.PublicKey,
		ActiveFrom: api.At(c.ActiveFrom), RetiresAt: api.At(c.RetiresAt), CreatedAt: api.At(c.CreatedAt)}
	if c.Kind == latchkey.CredentialSecret || c.Kind == latchkey.CredentialSellerKey {
		out.Value = c.Value.Reveal()
	}
	return out
}

func (s *surface) credentials(ctx context.Context, in *AppPath) (service.AppSecrets, error) {
	return s.svc.AppSecrets(ctx, in.App)
}

type rotateCredentialsInput struct {
	AppPath
	Body api.RotateCredentials
}

func (s *surface) rotateCredentials(ctx context.Context, in *rotateCredentialsInput) (service.AppSecrets, error) {
	return s.svc.RotateCredentials(ctx, in.App, named[latchkey.CredentialKind](in.Body.Kinds), in.Body.Overlap)
}
