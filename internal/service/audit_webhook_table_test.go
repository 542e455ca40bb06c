package service_test

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

const receiver = "https://receiver.example.com/very-secret"

func auditWebhookUseCases() []useCase {
	return []useCase{
		{"AuditWebhook", latchkey.PermAuditRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.AuditWebhook(ctx, x.app))
		}, ""},
		{"SetAuditWebhook", latchkey.PermAppsSecrets, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.SetAuditWebhook(ctx, x.app, receiver, ""))
		}, ""},
		{"RotateAuditWebhookSecret", latchkey.PermAppsSecrets, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.RotateAuditWebhookSecret(ctx, x.app))
		}, ""},
		{"ResumeAuditWebhook", latchkey.PermAppsSecrets, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ResumeAuditWebhook(ctx, x.app))
		}, ""},
		{"TestAuditWebhook", latchkey.PermAppsSecrets, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.TestAuditWebhook(ctx, x.app))
		}, ""},
		{"DeleteAuditWebhook", latchkey.PermAppsSecrets, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteAuditWebhook(ctx, x.app)
		}, ""},
	}
}
