package leaked

import (
	_ "embed"
	"strings"
	"sync"
)

// words are those that passwords are commonly made of: lower-case letters and
// digits, ours, by what everybody knows of such lists.
//
//go:embed words.txt
var words string

var wordSet = sync.OnceValue(func() map[string]struct{} {
	set := map[string]struct{}{}
	for word := range strings.FieldsSeq(words) {
		set[word] = struct{}{}
	}
	return set
})

// walks are ways over keyboards and alphabets.
func walks() []string {
	return []string{
		"abcdefghijklmnopqrstuvwxyz", "01234567890123456789",
		"qwertyuiopasdfghjklzxcvbnm", "asdfghjkl", "zxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn",
		"1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "zaqxswcdevfrbgt", "zaq12wsx", "qweasdzxc", "!@#$%^&*()",
		"йцукенгшщзхъ", "фывапролджэ",
	}
}

// leet is how letters are often replaced.
var leet = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t")

const (
	maxCommon   = 32 // longer ones follow no rule here
	maxShort    = 3
	maxNumber   = 8
	leastWalk   = 4
	maxTrimmed  = 6 // digits at an end that count as decoration
	punctuation = "!?.,@#$%&*_-+"
)

// common reports whether a password is a very common one, by rule: up to three
// characters; a number of up to eight digits; one character repeated; a way
// over the keyboard or the alphabet, there or back; a well-known word, perhaps
// twice, or two of them, in any case of letters, with letters replaced by what looks like them, and
// with digits and signs before or after it.
func common(password string) bool {
	if len(password) > maxCommon {
		return false
	}
	p := strings.ToLower(strings.TrimSpace(password))
	if len([]rune(p)) <= maxShort || len(p) <= maxNumber && strings.Trim(p, "0123456789") == "" || repeats(p) {
		return true
	}
	for _, core := range cores(p) {
		if known(core) || known(leet.Replace(core)) {
			return true
		}
	}
	return false
}

func repeats(p string) bool {
	first := []rune(p)[0]
	return strings.Trim(p, string(first)) == ""
}

// cores are a password and what is left of it without what people put before
// and after a word.
func cores(p string) []string {
	list := []string{p}
	trimmed := strings.Trim(p, punctuation)
	list = append(list, trimmed)
	if end := strings.TrimRight(trimmed, "0123456789"); len(trimmed)-len(end) <= maxTrimmed {
		end = strings.TrimRight(end, punctuation)
		list = append(list, end)
		if begin := strings.TrimLeft(end, "0123456789"); len(end)-len(begin) <= maxTrimmed {
			list = append(list, strings.TrimLeft(begin, punctuation))
		}
	}
	return list
}

func known(core string) bool {
	if core == "" {
		return false
	}
	if isWord(core) || isWalk(core) {
		return true
	}
	for i := range core {
		if first, second := core[:i], core[i:]; (isWord(first) || isWalk(first)) && (isWord(second) || isWalk(second)) {
			return true
		}
	}
	return false
}

func isWord(text string) bool {
	_, found := wordSet()[text]
	return found
}

func isWalk(text string) bool {
	runes := []rune(text)
	if len(runes) < leastWalk {
		return false
	}
	back := make([]rune, len(runes))
	for i, r := range runes {
		back[len(runes)-1-i] = r
	}
	for _, w := range walks() {
		if strings.Contains(w, text) || strings.Contains(w, string(back)) {
			return true
		}
	}
	return false
}
