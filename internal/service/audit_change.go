package service

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// edited returns the details of an edit with what it changed: every edit of the
// audit log comes through here. Fields that may be secret or personal are a
// [latchkey.Secret], of which it is told only that they changed: the log is kept
// for ever, and read by more people than they are.
func edited(details, before, after map[string]any) map[string]any {
	changes := latchkey.AuditChanges(before, after)
	if len(changes) == 0 {
		return details
	}
	details = maps.Clone(details)
	if details == nil {
		details = map[string]any{}
	}
	details[latchkey.AuditChanged] = changes
	return details
}

// appFields are the settings by their names on the wire, and the texts.
func appFields(app *latchkey.App) (map[string]any, error) {
	b, err := json.Marshal(app.Settings)
	if err != nil {
		return nil, fmt.Errorf("write settings: %w", err)
	}
	fields := map[string]any{}
	if err := json.Unmarshal(b, &fields); err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	fields["name"] = app.Name
	for key, text := range app.Messages {
		fields["messages."+string(key)] = text
	}
	return fields, nil
}

func subscriptionFields(sub *latchkey.Subscription) map[string]any {
	return map[string]any{"name": sub.Name, "level": sub.Level}
}

func licenseFields(l *latchkey.License) map[string]any {
	return map[string]any{"level": l.Level, "duration": l.Duration.String(), "note": latchkey.Secret(l.Note)}
}

func userFields(u *latchkey.User) map[string]any {
	return map[string]any{"username": latchkey.Secret(u.Name), "email": latchkey.Secret(u.Email), "password": latchkey.Secret(string(u.PasswordState) + u.PasswordHash),
		"hwid_affected": u.HWIDAffected, "device_limit": u.DeviceLimit}
}

func variableFields(v *latchkey.Variable) map[string]any {
	return map[string]any{"name": v.Name, "value": v.Value, "needs_sign_in": v.NeedsSignIn, "min_level": v.MinLevel}
}

func userVariableFields(v *latchkey.UserVariable) map[string]any {
	return map[string]any{"value": v.Value, "read_only": v.ReadOnly}
}

func fileFields(f *latchkey.File) map[string]any {
	fields := fileDetails(f)
	fields["link"] = f.Link
	return fields
}

func webhookFields(w *latchkey.Webhook) map[string]any {
	fields := webhookDetails(w)
	fields["url"] = w.URL
	return fields
}

func channelFields(c *latchkey.Channel) map[string]any {
	return map[string]any{"name": c.Name, "delay": c.Delay, "history": c.History, "min_level": c.MinLevel}
}

func accessFields(e *latchkey.AccessEntry) map[string]any {
	return map[string]any{"reason": e.Reason, "expires_at": e.ExpiresAt}
}

func apiKeyFields(k *latchkey.APIKey) map[string]any {
	return map[string]any{"name": k.Name, "permissions": k.Permissions, "apps": k.AppIDs, "expires_at": k.ExpiresAt}
}

func logWebhookFields(h *latchkey.LogWebhook) map[string]any {
	return map[string]any{"host": logWebhookView(h).Host, "url": h.URL}
}

func auditWebhookFields(h *latchkey.AuditWebhook) map[string]any {
	return map[string]any{"host": hostOf(h.URL), "url": h.URL}
}
