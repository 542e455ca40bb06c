package legacyapi

import "context"

// maxLog bounds a line on this wire, in bytes.
const maxLog = 275

// log keeps what a program reports. Published programs of the first versions
// were answered with nothing; some of their successors read JSON here.
func (a *api) log(ctx context.Context, c *call) (answer, error) {
	message := c.get("message")
	switch {
	case message == "":
		return answer{}, refusal{textLogAbsent}
	case len(message) > maxLog:
		return answer{}, refusal{textLogLong}
	}
	if err := a.svc.ClientLog(ctx, c.app, c.session, message, c.get("pcuser")); err != nil {
		return answer{}, err
	}
	return answer{Message: textLogged}, nil
}
