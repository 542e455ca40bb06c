package legacyapi

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// appendAnswer appends an answer as JSON in ASCII: one client re-encodes the
// text in its machine's code page before it checks the signature, so a byte
// above 0x7E would break it. It writes by hand what encoding/json would, which
// costs as much as everything else that is done for a check but its signature.
func appendAnswer(b []byte, a *answer) []byte {
	b = strconv.AppendBool(append(b, `{"success":`...), a.Success)
	if a.Code != 0 {
		b = strconv.AppendInt(append(b, `,"code":`...), int64(a.Code), 10)
	}
	if a.TwoFactor == nil {
		b = appendText(append(b, `,"message":`...), a.Message)
	}
	if a.Download != nil {
		b = appendText(append(b, `,"download":`...), *a.Download)
	}
	b = appendGiven(b, `,"sessionid":`, a.SessionID)
	if a.AppInfo != nil {
		b = a.AppInfo.append(append(b, `,"appinfo":`...))
	}
	if a.NewSession {
		b = append(b, `,"newSession":true`...)
	}
	if a.Info != nil {
		b = a.Info.append(append(b, `,"info":`...))
	}
	b = appendGiven(b, `,"role":`, a.Role)
	if a.Messages != nil {
		b = a.Messages.append(append(b, `,"messages":`...))
	}
	if a.Response != nil {
		b = appendText(append(b, `,"response":`...), *a.Response)
	}
	if a.TwoFactor != nil {
		b = a.TwoFactor.append(append(b, `,"2fa":`...))
	}
	if len(a.RecoveryCodes) > 0 {
		b = appendTexts(append(b, `,"recovery_codes":`...), a.RecoveryCodes)
	}
	if a.Contents != nil {
		b = a.Contents.append(append(b, `,"contents":`...))
	}
	if len(a.Users) > 0 {
		b = a.Users.append(append(b, `,"users":`...))
	}
	b = appendGiven(b, `,"nonce":`, a.Nonce)
	b = appendGiven(b, `,"ownerid":`, a.OwnerID)
	return append(b, '}')
}

func (a *appInfo) append(b []byte) []byte {
	b = appendText(append(b, `{"numUsers":`...), a.NumUsers)
	b = appendText(append(b, `,"numOnlineUsers":`...), a.NumOnlineUsers)
	b = appendText(append(b, `,"numKeys":`...), a.NumKeys)
	b = appendText(append(b, `,"version":`...), a.Version)
	b = appendText(append(b, `,"customerPanelLink":`...), a.CustomerPanelLink)
	return append(b, '}')
}

func (i *info) append(b []byte) []byte {
	b = appendText(append(b, `{"username":`...), i.Username)
	b = append(b, `,"subscriptions":[`...)
	for n := range i.Subscriptions {
		if n > 0 {
			b = append(b, ',')
		}
		b = i.Subscriptions[n].append(b)
	}
	b = appendText(append(b, `],"ip":`...), i.IP)
	b = appendOrNull(append(b, `,"hwid":`...), i.HWID)
	b = appendText(append(b, `,"createdate":`...), i.CreateDate)
	b = appendText(append(b, `,"lastlogin":`...), i.LastLogin)
	return append(b, '}')
}

func (s *subscription) append(b []byte) []byte {
	b = appendText(append(b, `{"subscription":`...), s.Subscription)
	b = appendOrNull(append(b, `,"key":`...), s.Key)
	b = appendText(append(b, `,"expiry":`...), s.Expiry)
	b = strconv.AppendInt(append(b, `,"timeleft":`...), s.TimeLeft, 10)
	b = appendGiven(b, `,"level":`, s.Level)
	return append(b, '}')
}

func (list messages) append(b []byte) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"author":`...), list[i].Author)
		b = appendText(append(b, `,"message":`...), list[i].Message)
		b = strconv.AppendInt(append(b, `,"timestamp":`...), list[i].Timestamp, 10)
		b = append(b, '}')
	}
	return append(b, ']')
}

// appendGiven leaves a member without a value out.
func appendGiven(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendText(append(b, name...), value)
}

func appendTexts(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, text := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, text)
	}
	return append(b, ']')
}

func appendOrNull(b []byte, value *string) []byte {
	if value == nil {
		return append(b, "null"...)
	}
	return appendText(b, *value)
}

// appendText appends a JSON string.
func appendText(b []byte, text string) []byte {
	b = append(b, '"')
	plain := 0 // what stands before has been appended
	for i := 0; i < len(text); {
		c := text[i]
		if 0x20 <= c && c <= 0x7e && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, text[plain:i]...)
		r, size := utf8.DecodeRuneInString(text[i:])
		b = appendEscaped(b, r)
		i += size
		plain = i
	}
	return append(append(b, text[plain:]...), '"')
}

// appendEscaped appends a character that must not stand for itself. Bytes that
// are no UTF-8 come as U+FFFD.
func appendEscaped(b []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(b, '\\', byte(r))
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return appendUnit(appendUnit(b, high), low)
	}
	return appendUnit(b, r)
}

// appendUnit appends a unit of UTF-16 as an escape.
func appendUnit(b []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
