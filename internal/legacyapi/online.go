package legacyapi

import (
	"context"
	"strconv"
)

// onlineUser is one row of fetchOnline.
type onlineUser struct {
	Credential string `json:"credential"`
}

type onlineUsers []onlineUser

func (list onlineUsers) append(b []byte) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(append(b, `{"credential":`...), list[i].Credential), '}')
	}
	return append(b, ']')
}

// fetchOnline tells who is online, by names cut short.
func (a *api) fetchOnline(ctx context.Context, c *call) (answer, error) {
	names, _, err := a.svc.ClientOnline(ctx, c.app, c.session)
	if err != nil {
		return answer{}, err
	}
	if len(names) == 0 {
		return answer{}, refusal{textNobodyOnline}
	}
	users := make(onlineUsers, len(names))
	for i, name := range names {
		users[i].Credential = name
	}
	return answer{Message: textOnline, Users: users}, nil
}

// fetchStats tells the app's numbers. One published client then reads as many
// rows of fetchOnline as numOnlineUsers says, so that is how many there are.
func (a *api) fetchStats(ctx context.Context, c *call) (answer, error) {
	n, err := a.svc.ClientStats(ctx, c.app, c.session)
	if err != nil {
		return answer{}, err
	}
	info := a.appInfo(c.app)
	info.NumUsers, info.NumKeys = strconv.FormatInt(n.Users, 10), strconv.FormatInt(n.Licenses, 10)
	info.NumOnlineUsers = strconv.FormatInt(n.Listed, 10)
	return answer{Message: textStats, AppInfo: info}, nil
}
