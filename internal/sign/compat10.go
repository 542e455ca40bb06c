package sign

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// ErrCompat10 reports a text that [OpenCompat10] cannot decrypt.
var ErrCompat10 = errors.New("not encrypted as version 1.0 of the compatible client API does, or under another key")

// SealCompat10 encrypts a text as version 1.0 of the compatible client API
// does: AES-256-CBC with PKCS #7, in lower-case hex. Key and initialization
// vector are the first characters of the hex text of a hash. Nothing
// authenticates it and the vector is the client's: it hides, and no more. The
// text is overwritten, since it may be large.
func SealCompat10(key, iv string, text []byte) []byte {
	padding := aes.BlockSize - len(text)%aes.BlockSize
	padded := append(text, bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(compat10(key), compat10IV(iv)).CryptBlocks(padded, padded)
	return hex.AppendEncode(make([]byte, 0, hex.EncodedLen(len(padded))), padded)
}

// OpenCompat10 decrypts what [SealCompat10] has made; [ErrCompat10].
func OpenCompat10(key, iv, sealed string) ([]byte, error) {
	text, err := hex.DecodeString(sealed)
	if err != nil || len(text) == 0 || len(text)%aes.BlockSize != 0 {
		return nil, ErrCompat10
	}
	cipher.NewCBCDecrypter(compat10(key), compat10IV(iv)).CryptBlocks(text, text)
	padding := int(text[len(text)-1])
	if padding == 0 || padding > aes.BlockSize || !bytes.HasSuffix(text, bytes.Repeat([]byte{byte(padding)}, padding)) {
		return nil, ErrCompat10
	}
	return text[:len(text)-padding], nil
}

func compat10(key string) cipher.Block {
	block, err := aes.NewCipher(hashText(key)[:32])
	if err != nil {
		panic(err) // the length is right
	}
	return block
}

func compat10IV(iv string) []byte { return hashText(iv)[:aes.BlockSize] }

// hashText is the SHA-256 of a text in lower-case hex.
func hashText(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return hex.AppendEncode(nil, sum[:])
}
