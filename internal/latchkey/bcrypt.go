package latchkey

import (
	"regexp"
	"strconv"
)

// MaxBcryptCost bounds the hashes that users of other services bring along:
// each step doubles the time that a sign-in takes of the server, and 12 is
// about a quarter of a second.
const MaxBcryptCost = 12

// bcryptForm is what PHP, Node, Python and others write: the version, the cost,
// 22 characters of salt and 31 of the hash.
var bcryptForm = regexp.MustCompile(`^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$`)

// BcryptCost is the cost of a bcrypt hash; ok is false of every other text.
func BcryptCost(hash string) (cost int, ok bool) {
	parts := bcryptForm.FindStringSubmatch(hash)
	if parts == nil {
		return 0, false
	}
	cost, err := strconv.Atoi(parts[1])
	return cost, err == nil && cost >= 4 && cost <= 31
}
