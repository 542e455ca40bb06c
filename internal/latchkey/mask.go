package latchkey

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a license key and of its mask.
const (
	DefaultMask       = "******-******-******-******-******-******"
	MaxKeyLength      = 70 // characters
	DefaultMinKeyBits = 64 // an app's floor unless its owner lowers it
	LowestMinKeyBits  = 40 // as low as an owner may go
)

// Charset is the letters that a mask's stars may become; digits always are.
type Charset struct {
	Lowercase bool
	Uppercase bool
}

const (
	digitChars = "0123456789"
	lowerChars = "abcdefghijklmnopqrstuvwxyz"
	upperChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func (c Charset) alphabet() string {
	s := digitChars
	if c.Uppercase {
		s += upperChars
	}
	if c.Lowercase {
		s += lowerChars
	}
	return s
}

// Mask is a checked pattern for license keys: each '*' becomes a random
// character of the charset, everything else stands for itself.
type Mask struct {
	text     string
	alphabet string
	stars    int
}

// NewMask checks a mask: 1 to [MaxKeyLength] characters, printable, no white
// space at its ends (a key's surrounding space is forgiven, so it could never
// be entered), and at least one of the two letter sets.
func NewMask(text string, set Charset) (Mask, error) {
	switch {
	case !utf8.ValidString(text):
		return Mask{}, Invalid("mask", "A mask is text in UTF-8.")
	case text == "":
		return Mask{}, Invalid("mask", "A mask has at least one character.")
	case utf8.RuneCountInString(text) > MaxKeyLength:
		return Mask{}, Invalid("mask", "A mask has at most 70 characters.")
	case strings.TrimSpace(text) != text:
		return Mask{}, Invalid("mask", "A mask neither begins nor ends with white space.")
	case strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		return Mask{}, Invalid("mask", "A mask has printable characters only.")
	case !set.Lowercase && !set.Uppercase:
		return Mask{}, Invalid("lowercase", "Choose lowercase letters, uppercase letters, or both.")
	}
	return Mask{text: text, alphabet: set.alphabet(), stars: strings.Count(text, "*")}, nil
}

// IsCustom reports that the mask has no star: it is one key, literally.
func (m Mask) IsCustom() bool { return m.stars == 0 }

// Bits is the strength of the mask's keys: log2 of how many there are.
func (m Mask) Bits() float64 {
	return float64(m.stars) * math.Log2(float64(len(m.alphabet)))
}

// CheckStrength refuses a mask of fewer than floor bits with
// [CodeLicenseWeak], saying how many bits it has and how many stars it lacks.
// A custom key has no random part and is not judged here.
func (m Mask) CheckStrength(floor int) error {
	if m.IsCustom() || m.Bits() >= float64(floor) {
		return nil
	}
	perStar := math.Log2(float64(len(m.alphabet)))
	lacking := int(math.Ceil((float64(floor) - m.Bits()) / perStar))
	return &Error{
		Code:  CodeLicenseWeak,
		Field: "mask",
		Message: fmt.Sprintf("The mask gives keys of %.1f bits; this application asks for at least %d. Add %d more *.",
			math.Floor(m.Bits()*10)/10, floor, lacking),
	}
}

// Generate makes a key: unbiased, by rejection, from rand, which must be a
// cryptographic source. It fails only if rand does.
func (m Mask) Generate(rand io.Reader) (Secret, error) {
	random := make([]byte, 0, m.stars)
	var buf [96]byte
	limit := byte(256 - 256%len(m.alphabet)) // bytes from here on would favour the first characters
	for len(random) < m.stars {
		if _, err := io.ReadFull(rand, buf[:]); err != nil {
			return "", fmt.Errorf("read randomness: %w", err)
		}
		for _, b := range buf {
			if (limit == 0 || b < limit) && len(random) < m.stars {
				random = append(random, m.alphabet[int(b)%len(m.alphabet)])
			}
		}
	}
	var key strings.Builder
	key.Grow(len(m.text))
	for i := range len(m.text) {
		if m.text[i] == '*' {
			key.WriteByte(random[0])
			random = random[1:]
			continue
		}
		key.WriteByte(m.text[i])
	}
	return Secret(key.String()), nil
}

// NormalizeKey returns a license key as it is compared: without the white
// space around it, otherwise exactly. Keys that are empty, longer than
// [MaxKeyLength] characters or not UTF-8 can match no license: the answer is
// [CodeLicenseNotFound].
func NormalizeKey(text string) (Secret, error) {
	key := strings.TrimSpace(text)
	if key == "" || !utf8.ValidString(key) || utf8.RuneCountInString(key) > MaxKeyLength {
		return "", Fail(CodeLicenseNotFound)
	}
	return Secret(key), nil
}
