package sign

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	reference "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// The signatures are those that receivers verify with the libraries of the
// standard.
func TestWebhookAsTheReferenceDoes(t *testing.T) {
	at := time.Unix(1_800_000_000, 999_000_000)
	now, before := WebhookSecret(bytes.Repeat([]byte{1}, WebhookKeySize)), WebhookSecret(bytes.Repeat([]byte{2}, WebhookKeySize))
	body := []byte(`{"type":"audit.events"}`)
	signature, err := Webhook("aud_1", at, body, now, before)
	if err != nil {
		t.Fatal(err)
	}
	for secret, good := range map[string]bool{now: true, before: true, WebhookSecret(bytes.Repeat([]byte{3}, WebhookKeySize)): false} {
		library, err := reference.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			id, body string
			good     bool
		}{{"aud_1", string(body), good}, {"aud_2", string(body), false}, {"aud_1", string(body) + " ", false}} {
			header := http.Header{}
			header.Set("webhook-id", c.id)
			header.Set("webhook-timestamp", WebhookTime(at))
			header.Set("webhook-signature", signature)
			if err := library.VerifyIgnoringTimestamp([]byte(c.body), header); (err == nil) != c.good {
				t.Errorf("message %s, body %s: %v, want good %t", c.id, c.body, err, c.good)
			}
		}
	}
}

func TestWebhookRefusesWhatIsNoSecret(t *testing.T) {
	for _, bad := range []string{"", "whsec_!", "AQEB", "whsec_AQ"} {
		signature, err := Webhook("aud_1", time.Unix(1, 0), nil, bad)
		if err == nil || signature != "" || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %q, %v", bad, signature, err)
		}
	}
}
