package latchkey_test

import (
	"crypto/rand"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func BenchmarkMaskGenerate(b *testing.B) {
	mask, err := latchkey.NewMask(latchkey.DefaultMask, latchkey.Charset{Lowercase: true, Uppercase: true})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := mask.Generate(rand.Reader); err != nil {
			b.Fatal(err)
		}
	}
}
