package service

import (
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// Tokens are a prefix that secret scanners recognise, 256 random bits, and a
// checksum that tells a mistyped token from a revoked one without the database.
const (
	apiKeyPrefix         = "lk_"
	accountSessionPrefix = "lks_"
	setupPrefix          = "lkb_"
)

var tokenEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func (s *Service) newToken(prefix string) (latchkey.Secret, error) {
	var b [36]byte
	if _, err := io.ReadFull(s.rand, b[:32]); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	binary.BigEndian.PutUint32(b[32:], crc32.ChecksumIEEE(b[:32]))
	return latchkey.Secret(prefix + tokenEncoding.EncodeToString(b[:])), nil
}

// plausibleToken reports whether a token has its prefix and checksum.
func plausibleToken(prefix string, token latchkey.Secret) bool {
	text, ok := strings.CutPrefix(token.Reveal(), prefix)
	if !ok || len(text) != tokenEncoding.EncodedLen(36) {
		return false
	}
	b, err := tokenEncoding.DecodeString(text)
	return err == nil && len(b) == 36 && binary.BigEndian.Uint32(b[32:]) == crc32.ChecksumIEEE(b[:32])
}

func (s *Service) randomHex(bytes int) (latchkey.Secret, error) {
	b := make([]byte, bytes)
	if _, err := io.ReadFull(s.rand, b); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	return latchkey.Secret(hex.EncodeToString(b)), nil
}

// newOwnerID makes the 10 letters and digits that name an account on the
// compatible wire.
func (s *Service) newOwnerID() (string, error) {
	mask, err := latchkey.NewMask("**********", latchkey.Charset{Lowercase: true, Uppercase: true})
	if err != nil {
		return "", err
	}
	id, err := mask.Generate(s.rand)
	return id.Reveal(), err
}
