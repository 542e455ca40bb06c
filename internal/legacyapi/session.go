package legacyapi

import "context"

// roleNotChecked is what check says of the role of the app's owner. Programs
// ask (check_paid) whether the owner pays for the service; here nobody does.
const roleNotChecked = "not_checked"

// check tells whether somebody is signed in and still may be.
func (a *api) check(ctx context.Context, c *call) (answer, error) {
	if err := a.svc.ClientCheck(ctx, c.app, c.session); err != nil {
		return answer{}, err
	}
	return answer{Message: textValidated, Role: roleNotChecked}, nil
}

// logout ends the session.
func (a *api) logout(ctx context.Context, c *call) (answer, error) {
	if err := a.svc.ClientLogout(ctx, c.app, c.session); err != nil {
		return answer{}, err
	}
	return answer{Message: textLoggedOut}, nil
}
