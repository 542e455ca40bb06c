package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// webhookSecret begins the secrets of Standard Webhooks.
const webhookSecret = "whsec_"

// WebhookKeySize is how many bytes a key of [WebhookSecret] has.
const WebhookKeySize = 32

var errWebhookSecret = errors.New("sign: not a secret of Standard Webhooks")

// WebhookSecret is a key as Standard Webhooks writes it.
func WebhookSecret(key []byte) string {
	return webhookSecret + base64.StdEncoding.EncodeToString(key)
}

// Webhook signs a message as Standard Webhooks 1.0 has it, in the form of its
// header webhook-signature: one signature for each secret, in their order.
func Webhook(id string, at time.Time, body []byte, secrets ...string) (signature string, err error) {
	var list []string
	for _, secret := range secrets {
		encoded, ours := strings.CutPrefix(secret, webhookSecret)
		key, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || !ours {
			return "", errWebhookSecret // the cause would show a part of it
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + WebhookTime(at) + "."))
		mac.Write(body)
		list = append(list, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(list, " "), nil
}

// WebhookTime is a moment as the header webhook-timestamp has it.
func WebhookTime(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
