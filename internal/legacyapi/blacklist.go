package legacyapi

import "context"

// checkBlacklist tells whether the caller's address or hardware id is on the
// blacklist. Of all calls it is the one whose success is bad news.
func (a *api) checkBlacklist(ctx context.Context, c *call) (answer, error) {
	listed, err := a.svc.ClientBlacklisted(ctx, c.app, c.session, c.get("hwid"))
	if err != nil {
		return answer{}, err
	}
	if !listed {
		return answer{}, refusal{textNotBlacklisted}
	}
	return answer{Message: textBlacklisted}, nil
}
