package legacyapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/latchkey-dev/latchkey/internal/service"
)

// lifetimeExpiry is what the wire gives as the expiry of a lifetime, for which
// it has no word: 2100-01-01, far enough and still read by every client.
const lifetimeExpiry = 4_102_444_800 // Unix seconds

// reply is an answer with the HTTP status that carries it.
type reply struct {
	status     int           // HTTP
	retryAfter time.Duration // 0: none
	bare       string        // sent instead of answer, outside JSON
	answer     answer
}

// ok is the reply of a call that did what it was asked.
func ok(a answer) reply {
	a.Success = true
	return reply{status: http.StatusOK, answer: a}
}

// answer is the JSON of every call, its members in their order on the wire.
// Published clients read members by type and some by position, so a call fills
// what it has and leaves the rest out. encode.go writes what the tags say.
type answer struct {
	Success    bool     `json:"success"`
	Code       int      `json:"code,omitzero"` // 1.3
	Message    string   `json:"message"`
	Download   *string  `json:"download,omitempty"` // of invalidver, "" if there is none
	SessionID  string   `json:"sessionid,omitempty"`
	AppInfo    *appInfo `json:"appinfo,omitempty"`
	NewSession bool     `json:"newSession,omitempty"`
	Info       *info    `json:"info,omitempty"`
	Role       string   `json:"role,omitempty"`
	Messages   messages `json:"messages,omitzero"`  // of chatget, there also if there are none
	Response   *string  `json:"response,omitempty"` // of calls that return a text beside their message

	// Of 2faenable: with the first, an answer has no message.
	TwoFactor     *twoFactor `json:"2fa,omitempty"`
	RecoveryCodes []string   `json:"recovery_codes,omitempty"`
	Contents      *contents  `json:"contents,omitempty"` // of file

	Users onlineUsers `json:"users,omitempty"` // of fetchOnline

	Nonce   string `json:"nonce,omitempty"`
	OwnerID string `json:"ownerid,omitempty"` // 1.3
}

// appInfo is told at init; every member is a string and present.
type appInfo struct {
	NumUsers          string `json:"numUsers"`
	NumOnlineUsers    string `json:"numOnlineUsers"`
	NumKeys           string `json:"numKeys"`
	Version           string `json:"version"`
	CustomerPanelLink string `json:"customerPanelLink"`
}

// info is what a program learns about who signed in. Times are Unix seconds in
// digits.
type info struct {
	Username      string         `json:"username"`
	Subscriptions []subscription `json:"subscriptions"` // never empty
	IP            string         `json:"ip"`
	HWID          *string        `json:"hwid"`
	CreateDate    string         `json:"createdate"`
	LastLogin     string         `json:"lastlogin"`
}

type subscription struct {
	Subscription string  `json:"subscription"`
	Key          *string `json:"key"`
	Expiry       string  `json:"expiry"`
	TimeLeft     int64   `json:"timeleft"` // seconds
	Level        string  `json:"level,omitempty"`
}

// messages are what was said in a chat, oldest first.
type messages []chatMessage

type chatMessage struct {
	Author    string `json:"author"`
	Message   string `json:"message"`
	Timestamp int64  `json:"timestamp"` // Unix seconds
}

// newInfo tells of a customer. Levels are told by login and license, not by
// register.
func newInfo(c service.Customer, withLevels bool) *info {
	i := &info{
		Username:      c.Username,
		Subscriptions: []subscription{},
		IP:            c.IP,
		HWID:          orNull(c.HWID),
		CreateDate:    unixText(c.CreatedAt),
		LastLogin:     unixText(c.LastSignIn),
	}
	for _, h := range c.Holdings {
		expiry, left := int64(lifetimeExpiry), lifetimeExpiry-c.Now.Unix()
		if !h.IsLifetime() {
			expiry, left = h.ExpiresAt.Unix(), int64(h.TimeLeft(c.Now).Seconds())
		}
		s := subscription{Subscription: h.Name, Key: orNull(h.LicenseKey.Reveal()),
			Expiry: strconv.FormatInt(expiry, 10), TimeLeft: left}
		if withLevels {
			s.Level = strconv.FormatInt(h.Level, 10)
		}
		i.Subscriptions = append(i.Subscriptions, s)
	}
	return i
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func unixText(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
