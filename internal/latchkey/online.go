package latchkey

import (
	"strings"
	"time"
	"unicode/utf8"
)

// OnlineFor is for how long a session counts as online after it was seen.
const OnlineFor = 10 * time.Minute

// MaxOnlineNames bounds the names that programs are told of who is online.
const MaxOnlineNames = 1000

// shownOfName is how much of a user name strangers may see, in characters.
const shownOfName = 10

// MaskName is a user name as other customers see it: its first ten characters,
// and a star for each further one. Of a license key they see stars alone: what
// is left to guess of a short one would be too little.
func MaskName(name string, licenseNamed bool) string {
	n := utf8.RuneCountInString(name)
	if licenseNamed {
		return strings.Repeat("*", n)
	}
	if n <= shownOfName {
		return name
	}
	return string([]rune(name)[:shownOfName]) + strings.Repeat("*", n-shownOfName)
}
