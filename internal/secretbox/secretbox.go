// Package secretbox keeps secrets readable only with the server's key file:
// it seals columns, derives look-up values and makes session tokens.
//
// It owns the key file's format and every key derived from it. It does no I/O:
// callers bring the file's bytes and a source of randomness.
package secretbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrKeyFile reports a key file that cannot be read as one.
var ErrKeyFile = errors.New("the key file is damaged or not a Latchkey key file")

// ErrSealed reports a sealed value that this key file does not open, or that
// was moved from another place.
var ErrSealed = errors.New("a sealed value does not open: wrong key file, or the value was altered or moved")

// keyFile is the JSON form of the key file. Keys is a list so that a later
// version can seal with a new key and still open with the old ones.
type keyFile struct {
	Format string    `json:"format"`
	Pepper string    `json:"pepper"` // base64, 32 bytes: look-up values, cursors, session tokens
	Keys   []fileKey `json:"keys"`   // the first seals, all open
}

type fileKey struct {
	ID     uint32 `json:"id"`
	Secret string `json:"secret"` // base64, 32 bytes
}

const fileFormat = "latchkey-key-file-v1"

// GenerateKeyFile returns the bytes of a new key file.
func GenerateKeyFile(rand io.Reader) ([]byte, error) {
	var pepper, key [32]byte
	for _, b := range [][]byte{pepper[:], key[:]} {
		if _, err := io.ReadFull(rand, b); err != nil {
			return nil, fmt.Errorf("read randomness: %w", err)
		}
	}
	b64 := base64.StdEncoding.EncodeToString
	out, err := json.MarshalIndent(keyFile{Format: fileFormat, Pepper: b64(pepper[:]),
		Keys: []fileKey{{ID: 1, Secret: b64(key[:])}}}, "", "  ")
	return append(out, '\n'), err
}

// Box seals and opens. Its methods are safe for concurrent use if rand is.
type Box struct {
	rand    io.Reader
	current uint32
	aeads   map[uint32]cipher.AEAD
	lookup  []byte
	token   cipher.AEAD
	check   []byte
}

// New reads a key file. rand must be a cryptographic source.
func New(file []byte, rand io.Reader) (*Box, error) {
	var f keyFile
	dec := json.NewDecoder(strings.NewReader(string(file)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil || f.Format != fileFormat || len(f.Keys) == 0 {
		return nil, ErrKeyFile
	}
	if _, err := dec.Token(); err != io.EOF { // two files in one, or a half-overwritten one
		return nil, ErrKeyFile
	}
	pepper, err := decodeKey(f.Pepper)
	if err != nil {
		return nil, err
	}
	b := &Box{rand: rand, current: f.Keys[0].ID, aeads: map[uint32]cipher.AEAD{}}
	for _, k := range f.Keys {
		secret, err := decodeKey(k.Secret)
		if err != nil {
			return nil, err
		}
		derived, err := hkdf.Key(sha256.New, secret, nil, "latchkey seal v1", 32)
		if err != nil {
			return nil, fmt.Errorf("derive key: %w", err)
		}
		block, err := aes.NewCipher(derived)
		if err != nil {
			return nil, fmt.Errorf("make cipher: %w", err)
		}
		if b.aeads[k.ID] != nil { // which of the two would seal is anybody's guess
			return nil, ErrKeyFile
		}
		if b.aeads[k.ID], err = cipher.NewGCM(block); err != nil {
			return nil, fmt.Errorf("make cipher: %w", err)
		}
	}
	if b.lookup, err = hkdf.Key(sha256.New, pepper, nil, "latchkey lookup v1", 32); err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	if b.check, err = hkdf.Key(sha256.New, pepper, nil, "latchkey check v1", 16); err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	tokenKey, err := hkdf.Key(sha256.New, pepper, nil, "latchkey token v1", 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	// Tokens are made on every init, so many that random 96-bit nonces would
	// one day repeat; XChaCha20-Poly1305 has 192.
	if b.token, err = chacha20poly1305.NewX(tokenKey); err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return b, nil
}

func decodeKey(s string) ([]byte, error) {
	k, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(k) != 32 {
		return nil, ErrKeyFile
	}
	return k, nil
}

// Fingerprint identifies the key file without giving anything of it away; the
// database keeps it to recognise a wrong file.
func (b *Box) Fingerprint() string { return hex.EncodeToString(b.check) }

// Place is where a sealed value lives. It is authenticated: a value moved to
// another row or column does not open.
type Place struct {
	Table, Row, Column string
}

func (p Place) bytes() []byte { return appendParts(nil, p.Table, p.Row, p.Column) }

func appendParts(b []byte, parts ...string) []byte {
	for _, s := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	return b
}

const sealVersion = 1

// Seal encrypts a value for its place with AES-256-GCM. The result is a
// version byte, the key's id, a random nonce and the ciphertext.
func (b *Box) Seal(p Place, value []byte) ([]byte, error) {
	aead := b.aeads[b.current]
	out := make([]byte, 5+aead.NonceSize(), 5+aead.NonceSize()+len(value)+aead.Overhead())
	out[0] = sealVersion
	binary.BigEndian.PutUint32(out[1:5], b.current)
	if _, err := io.ReadFull(b.rand, out[5:]); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	return aead.Seal(out, out[5:], value, p.bytes()), nil
}

// Open decrypts what [Box.Seal] made for the same place; [ErrSealed] otherwise.
func (b *Box) Open(p Place, sealed []byte) ([]byte, error) {
	if len(sealed) < 5 || sealed[0] != sealVersion {
		return nil, ErrSealed
	}
	aead, ok := b.aeads[binary.BigEndian.Uint32(sealed[1:5])]
	if !ok || len(sealed) < 5+aead.NonceSize() {
		return nil, ErrSealed
	}
	nonce := sealed[5 : 5+aead.NonceSize()]
	value, err := aead.Open(nil, nonce, sealed[5+aead.NonceSize():], p.bytes())
	if err != nil {
		return nil, ErrSealed
	}
	return value, nil
}

// Lookup returns the 32 bytes under which a secret value is found again:
// HMAC-SHA-256 over the purpose and parts, each with its length before it.
func (b *Box) Lookup(purpose string, parts ...string) []byte {
	mac := hmac.New(sha256.New, b.lookup)
	mac.Write(appendParts(appendParts(nil, purpose), parts...))
	return mac.Sum(nil)
}

// SealToken makes a URL-safe token that carries value and that only this key
// file opens, for the same purpose and binding.
func (b *Box) SealToken(value []byte, purpose string, binding ...string) (string, error) {
	out := make([]byte, b.token.NonceSize(), b.token.NonceSize()+len(value)+b.token.Overhead())
	if _, err := io.ReadFull(b.rand, out); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	out = b.token.Seal(out, out, value, appendParts(appendParts(nil, purpose), binding...))
	return base64.RawURLEncoding.EncodeToString(out), nil
}

// OpenToken returns the value of a token made by [Box.SealToken] for the same
// purpose and binding; [ErrSealed] for anything else, also for one that was
// cut, padded or spelled differently.
func (b *Box) OpenToken(token, purpose string, binding ...string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < b.token.NonceSize() || strings.ContainsAny(token, "\r\n") {
		return nil, ErrSealed
	}
	n := b.token.NonceSize()
	value, err := b.token.Open(nil, raw[:n], raw[n:], appendParts(appendParts(nil, purpose), binding...))
	if err != nil {
		return nil, ErrSealed
	}
	return value, nil
}
