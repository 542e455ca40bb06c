package legacyapi

import "context"

// upgrade redeems a license on top of an existing user. Nobody is signed in by
// it: programs ask the customer to sign in again.
func (a *api) upgrade(ctx context.Context, c *call) (answer, error) {
	if err := a.svc.ClientUpgrade(ctx, c.app, c.session, c.signIn()); err != nil {
		return answer{}, err
	}
	return answer{Message: textUpgraded}, nil
}
