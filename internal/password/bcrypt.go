package password

import (
	"errors"
	"fmt"

	"golang.org/x/crypto/bcrypt"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// verifyBcrypt compares as bcrypt does everywhere: the first 72 bytes count. It
// is asked only until the hash's user signs in, who then gets one of ours.
func verifyBcrypt(hash string, cost int, password latchkey.Secret) (bool, error) {
	if cost > latchkey.MaxBcryptCost {
		return false, ErrHash
	}
	err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password.Reveal()))
	if err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, fmt.Errorf("compare bcrypt hash: %w", err)
	}
	return err == nil, nil
}
