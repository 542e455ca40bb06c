package clientapi

import (
	"encoding/json"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-dev/latchkey/api/client"
)

// encoded is an answer that is JSON already.
type encoded []byte

// appendBody appends an answer as JSON. What programs ask for all day is
// written by hand, as the types' tags have it: the general way costs as much as
// everything else that is done for a check but its signature.
func appendBody(b []byte, v any) []byte {
	switch v := v.(type) {
	case encoded:
		return append(b, v...)
	case *client.Checked:
		b = strconv.AppendInt(append(b, `{"session_expires_at":`...), v.SessionExpiresAt, 10)
		return append(appendUser(append(b, `,"user":`...), v.User), '}')
	case *client.SignedIn:
		return appendSignedIn(b, v)
	case *client.Started:
		b = appendText(append(b, `{"stage":`...), string(v.Stage))
		b = appendText(append(b, `,"session":`...), v.Session)
		b = strconv.AppendInt(append(b, `,"session_expires_at":`...), v.SessionExpiresAt, 10)
		b = appendText(append(b, `,"app":{"name":`...), v.App.Name)
		b = appendText(append(b, `,"version":`...), v.App.Version)
		return append(appendText(append(b, `,"panel_url":`...), v.App.PanelURL), "}}"...)
	case *client.Empty:
		return append(b, "{}"...)
	}
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // wire types always encode
	}
	return append(b, body...)
}

func appendSignedIn(b []byte, v *client.SignedIn) []byte {
	b = appendText(append(b, `{"stage":`...), string(v.Stage))
	b = appendText(append(b, `,"session":`...), v.Session)
	b = strconv.AppendInt(append(b, `,"session_expires_at":`...), v.SessionExpiresAt, 10)
	if v.Message != "" {
		b = appendText(append(b, `,"message":`...), v.Message)
	}
	if v.User != nil {
		b = appendUser(append(b, `,"user":`...), v.User)
	}
	return append(b, '}')
}

func appendUser(b []byte, u *client.User) []byte {
	b = appendText(append(b, `{"username":`...), u.Username)
	b = strconv.AppendInt(append(b, `,"created_at":`...), u.CreatedAt, 10)
	b = append(b, `,"subscriptions":[`...)
	for i := range u.Subscriptions {
		s := &u.Subscriptions[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"name":`...), s.Name)
		b = strconv.AppendInt(append(b, `,"level":`...), s.Level, 10)
		b = append(appendMoment(append(b, `,"expires_at":`...), s.ExpiresAt), '}')
	}
	b = append(b, ']')
	if u.Device != "" {
		b = appendText(append(b, `,"device":`...), u.Device)
	}
	if u.OfflineUntil != nil {
		b = appendMoment(append(b, `,"offline_until":`...), u.OfflineUntil)
	}
	return append(b, '}')
}

func appendMoment(b []byte, ms *int64) []byte {
	if ms == nil {
		return append(b, "null"...)
	}
	return strconv.AppendInt(b, *ms, 10)
}

// appendText appends a JSON string. Bytes that are no UTF-8 come as U+FFFD, for
// which AppendQuote has an error beside.
func appendText(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text)
	return b
}
