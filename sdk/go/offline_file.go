package latchkey

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/latchkey-dev/latchkey/api/client"
)

// graceMagic begins every file of this format.
const graceMagic = "LATCHKEY-GRACE-1"

const maxGraceFile = 1 << 20 // bytes

// graceRecord is a kept sign-in: all that its signature binds, and how
// much of the grace period is used up.
type graceRecord struct {
	App         string              `json:"app"`
	Target      string              `json:"target"`
	Nonce       string              `json:"nonce"`
	RequestHash string              `json:"request_hash"`
	Key         string              `json:"key"`
	Time        int64               `json:"time"`
	Body        []byte              `json:"body"`
	Signature   string              `json:"signature"`
	Successions []client.Succession `json:"successions,omitempty"`
	Highest     int64               `json:"highest"` // the latest moment seen, in Unix milliseconds
	Spent       int64               `json:"spent"`   // for how long it has been used, in milliseconds
}

func recordOf(a *answer, statements []client.Succession) *graceRecord {
	return &graceRecord{App: a.asked.app, Target: a.asked.target, Nonce: a.asked.nonce, RequestHash: hex.EncodeToString(a.asked.body[:]),
		Key: a.proof.key, Time: a.proof.ms, Body: a.body, Signature: a.proof.signature, Successions: statements, Highest: a.proof.ms}
}

// graceBox reads and writes the file, encrypted for one computer and one
// application: a copy on another computer does not open.
type graceBox struct {
	appID string
	hwid  string
	path  string
	rand  io.Reader
}

func (b graceBox) cipher() (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(b.hwid), []byte("latchkey-grace-v1"), b.appID, 32)
	if err != nil {
		return nil, fmt.Errorf("latchkey: derive key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("latchkey: make cipher: %w", err)
	}
	return cipher.NewGCM(block)
}

var errSealed = errors.New("what is kept is damaged, or of another computer or application")

func (b graceBox) load() (*graceRecord, error) {
	info, err := os.Stat(b.path)
	if err != nil || info.Size() > maxGraceFile {
		return nil, errors.New("nothing is kept")
	}
	sealed, err := os.ReadFile(b.path)
	if err != nil {
		return nil, fmt.Errorf("read what is kept: %w", err)
	}
	aead, err := b.cipher()
	if err != nil {
		return nil, err
	}
	sealed, ok := bytes.CutPrefix(sealed, []byte(graceMagic))
	if !ok || len(sealed) < aead.NonceSize() {
		return nil, errSealed
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(graceMagic))
	if err != nil {
		return nil, errSealed
	}
	var r graceRecord
	if err := json.Unmarshal(plain, &r); err != nil {
		return nil, errSealed
	}
	return &r, nil
}

// store replaces the file as a whole or not at all.
func (b graceBox) store(r *graceRecord) error {
	plain, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("latchkey: write record: %w", err)
	}
	aead, err := b.cipher()
	if err != nil {
		return err
	}
	sealed := make([]byte, len(graceMagic)+aead.NonceSize(), len(graceMagic)+aead.NonceSize()+len(plain)+aead.Overhead())
	nonce := sealed[copy(sealed, graceMagic):]
	if _, err := io.ReadFull(b.rand, nonce); err != nil {
		return fmt.Errorf("latchkey: read randomness: %w", err)
	}
	return replaceFile(b.path, aead.Seal(sealed, nonce, plain, []byte(graceMagic)))
}

func replaceFile(path string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".latchkey-*")
	if err != nil {
		return fmt.Errorf("latchkey: keep sign-in: %w", err)
	}
	_, err = temp.Write(content)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("latchkey: keep sign-in: %w", errors.Join(err, os.Remove(temp.Name())))
	}
	return nil
}

func removeGrace(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("latchkey: remove what is kept: %w", err)
	}
	return nil
}
