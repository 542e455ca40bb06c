package legacyapi

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// BenchmarkReadForm reads a sign-in as the published clients send it.
func BenchmarkReadForm(b *testing.B) {
	body := "type=license&key=ABCDEF-GHIJKL-MNOPQR-STUVWX-YZABCD-EFGHIJ&hwid=4c4c4544-0042-3510-8052-b4c04f4e3832&sessionid=" +
		strings.Repeat("aB3_-9", 20) + "&name=My+Program&ownerid=AbCdEfGhIj"
	w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/api/1.3/", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f := &form{}
	b.ReportAllocs()
	for b.Loop() {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		if err := f.read(w, r); err != nil || f.get("ownerid") != "AbCdEfGhIj" {
			b.Fatal(f, err)
		}
		f.clear()
	}
}

// BenchmarkEncode encodes the answers of check and of a sign-in.
func BenchmarkEncode(b *testing.B) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	who := service.Customer{Username: "ABCDEF-GHIJKL", Now: now, IP: "203.0.113.7", HWID: "4c4c4544-0042-3510-8052-b4c04f4e3832",
		CreatedAt: now, LastSignIn: now, Holdings: []latchkey.Holding{{Name: "default", Level: 1, LicenseKey: "ABCDEF-GHIJKL",
			UserSubscription: latchkey.UserSubscription{ExpiresAt: now.Add(time.Hour)}}}}
	common := answer{Success: true, Code: codeDone, Nonce: "00000000-0000-4000-8000-000000000000", OwnerID: "AbCdEfGhIj"}
	b.Run("check", func(b *testing.B) {
		a := common
		a.Message, a.Role = textValidated, roleNotChecked
		b.ReportAllocs()
		var text []byte
		for b.Loop() {
			text = appendAnswer(text[:0], &a)
		}
	})
	b.Run("license", func(b *testing.B) {
		b.ReportAllocs()
		var text []byte
		for b.Loop() {
			a := common
			a.Message, a.Info = "Logged in!", newInfo(who, true)
			text = appendAnswer(text[:0], &a)
		}
	})
}
