package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// LogWebhook returns the handler of log lines: each is posted to the seller's
// Discord channel. What customers typed is text there and nothing else: it
// mentions nobody, links nowhere, and has no form.
func LogWebhook(svc *service.Service, client *egress.Client) Handler {
	return func(ctx context.Context, d *latchkey.Delivery) latchkey.DeliveryResult {
		line, err := svc.PostedLine(ctx, d)
		switch {
		case latchkey.CodeOf(err) == latchkey.CodeLogWebhookNotSet:
			return latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: string(latchkey.CodeLogWebhookNotSet)}
		case err != nil:
			return latchkey.DeliveryResult{Outcome: latchkey.DeliveryPutOff, Error: string(latchkey.CodeOf(err))}
		}
		body, err := json.Marshal(message(&line))
		if err != nil {
			return latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "internal"}
		}
		answer, err := client.Do(ctx, egress.Request{Method: http.MethodPost, URL: line.Webhook.URL.Reveal(), Body: body,
			Header: http.Header{"Content-Type": {"application/json"}}})
		result, gone := posted(answer, err)
		if gone {
			if err := svc.StopLogWebhook(ctx, &line.Webhook, result.Error); err != nil {
				return latchkey.DeliveryResult{Outcome: latchkey.DeliveryPutOff, Error: result.Error}
			}
		}
		return result
	}
}

// The parts of Discord's message that we use.
type discordMessage struct {
	Embeds          []discordEmbed  `json:"embeds"`
	AllowedMentions discordMentions `json:"allowed_mentions"`
}

type discordMentions struct {
	Parse []string `json:"parse"` // empty, not absent: nobody
}

type discordEmbed struct {
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Fields      []discordField `json:"fields"`
	Timestamp   string         `json:"timestamp"`
	Footer      discordFooter  `json:"footer"`
}

type discordField struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline"`
}

type discordFooter struct {
	Text string `json:"text"`
}

// message is a line as Discord shows it.
func message(line *service.PostedLine) discordMessage {
	embed := discordEmbed{Title: plain(line.App), Description: plain(line.Message), Fields: []discordField{},
		Timestamp: line.At.UTC().Format(time.RFC3339), Footer: discordFooter{Text: line.LineID}}
	for _, f := range []discordField{{"User", line.User, true}, {"Computer", line.Device, true}, {"Address", line.IP, true}} {
		if f.Value != "" {
			f.Value = plain(f.Value)
			embed.Fields = append(embed.Fields, f)
		}
	}
	return discordMessage{Embeds: []discordEmbed{embed}, AllowedMentions: discordMentions{Parse: []string{}}}
}

// plain puts a backslash before every sign that could mean something: Discord
// then shows the sign itself. Letters, digits, white space and everything beyond
// ASCII mean nothing there.
func plain(text string) string {
	var b strings.Builder
	b.Grow(2 * len(text))
	for _, r := range text {
		if r > ' ' && r < 0x7f && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// posted is what the receiver's answer means; gone reports that the webhook is
// no more.
func posted(answer *egress.Answer, err error) (result latchkey.DeliveryResult, gone bool) {
	if err != nil {
		return unposted(err), false
	}
	result = latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "status " + strconv.Itoa(answer.Status)}
	switch {
	case answer.Status/100 == 2:
		// It says when it will take the next one.
		result = latchkey.DeliveryResult{}
		if answer.Header.Get("X-Ratelimit-Remaining") == "0" {
			result.Wait = seconds(answer.Header.Get("X-Ratelimit-Reset-After"))
		}
	case answer.Status == http.StatusTooManyRequests:
		result.Outcome, result.Wait = latchkey.DeliveryUnreachable, max(time.Second, seconds(answer.Header.Get("Retry-After")))
	case answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden ||
		answer.Status == http.StatusNotFound || answer.Status == http.StatusGone:
		gone = true
	case answer.Status == http.StatusRequestTimeout || answer.Status >= 500:
		result.Outcome = latchkey.DeliveryUnreachable
	}
	return result, gone
}

func unposted(err error) latchkey.DeliveryResult {
	e, ok := errors.AsType[*egress.Error](err)
	if !ok {
		return latchkey.DeliveryResult{Outcome: latchkey.DeliveryPutOff, Error: "internal"}
	}
	result := latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: string(e.Code)}
	if e.Code == egress.CodeBusy { // it is not the receiver's fault
		result.Wait = time.Second
	}
	return result
}

// seconds reads a number of seconds, perhaps with a fraction; 0 if it is none.
func seconds(text string) time.Duration {
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || !(s > 0) || s > 1e6 {
		return 0
	}
	return time.Duration(s * float64(time.Second))
}
