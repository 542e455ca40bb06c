package password

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestVerifyBcrypt(t *testing.T) {
	// From the tests of crypt_blowfish, the implementation that PHP has and others
	// are judged by.
	const php = "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"
	const blowfish = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	long := strings.Repeat("0123456789", 7) + "ab" // as much as bcrypt looks at
	made, err := bcrypt.GenerateFromPassword([]byte(long), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(t, 1, cheap)
	for _, tt := range []struct {
		rule     string
		hash     string
		password string
		ok       bool
	}{
		{"a hash of version 2y", php, "\xff\xff\xa3", true},
		{"a wrong password", php, "\xff\xff", false},
		{"no password", php, "", false},
		{"a hash of version 2a", blowfish, "U*U", true},
		{"the same of version 2b", "$2b" + blowfish[3:], "U*U", true},
		{"another password", blowfish, "U*U*", false},
		{"72 bytes", string(made), long, true},
		{"what follows them is not looked at, as everywhere", string(made), long + "cd", true},
		{"less is not enough", string(made), long[:71], false},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			ok, renew, err := g.Verify(t.Context(), tt.hash, latchkey.Secret(tt.password))
			if err != nil || ok != tt.ok || renew != tt.ok {
				t.Errorf("got %v, %v, %v; want %v and to be renewed if so", ok, renew, err, tt.ok)
			}
		})
	}
	for rule, hash := range map[string]string{
		"a cost that would hold others up": "$2y$13" + php[6:],
		"a cost that would take years":     "$2y$31" + php[6:],
		"a version that nobody writes":     "$2x" + php[3:],
		"one character less":               php[:59],
	} {
		t.Run(rule+" is refused at once", func(t *testing.T) {
			if ok, _, err := g.Verify(t.Context(), hash, "\xff\xff\xa3"); ok || !errors.Is(err, ErrHash) {
				t.Errorf("got %v, %v", ok, err)
			}
		})
	}
}
