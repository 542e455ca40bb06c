package secretbox_test

import (
	"crypto/rand"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

func BenchmarkBox(b *testing.B) {
	file, err := secretbox.GenerateKeyFile(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	box, err := secretbox.New(file, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	place := secretbox.Place{Table: "licenses", Row: "lic_01hqxk3v8y0000000000000000", Column: "key"}
	key := []byte("ABCDEF-GHIJKL-MNOPQR-STUVWX-YZABCD-EFGHIJ")
	sealed, err := box.Seal(place, key)
	if err != nil {
		b.Fatal(err)
	}
	token, err := box.SealToken(key, "client-session", "app_01hqxk3v8y0000000000000000")
	if err != nil {
		b.Fatal(err)
	}
	for name, do := range map[string]func() error{
		"seal":   func() error { _, err := box.Seal(place, key); return err },
		"open":   func() error { _, err := box.Open(place, sealed); return err },
		"lookup": func() error { box.Lookup("license", place.Row, string(key)); return nil },
		"seal_token": func() error {
			_, err := box.SealToken(key, "client-session", "app_01hqxk3v8y0000000000000000")
			return err
		},
		"open_token": func() error {
			_, err := box.OpenToken(token, "client-session", "app_01hqxk3v8y0000000000000000")
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
