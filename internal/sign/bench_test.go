package sign_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/sign"
)

// BenchmarkSign signs answers of 300 bytes.
func BenchmarkSign(b *testing.B) {
	body, key, at := bytes.Repeat([]byte("a"), 300), testKey(1), time.Unix(1_800_000_000, 0)
	b.Run("1.2", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sign.Compat12("a key of the program", body)
		}
	})
	b.Run("1.3", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sign.Compat13(key, at, body)
		}
	})
}
