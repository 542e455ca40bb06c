package service

import (
	"context"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// ActorKind says what stands behind a call.
type ActorKind string

// The kinds. The zero Actor is anonymous.
const (
	ActorAnonymous ActorKind = ""
	ActorAccount   ActorKind = "account"
	ActorAPIKey    ActorKind = "api_key"
	ActorCustomer  ActorKind = "customer"
	ActorServer    ActorKind = "server"
)

// Actor is who makes a call.
type Actor struct {
	Kind      ActorKind
	ID        string // id of the account or API key
	AccountID string
	SessionID string // of an account that signed in by cookie
	// Token is what the cookie holds, so that the session can be given another.
	Token latchkey.Secret
	// ConfirmedUntil is for how long the password that such an account has typed
	// in last counts for what asks for it anew.
	ConfirmedUntil time.Time
	Administrator  bool
	Permissions    []latchkey.Permission // of an API key
	AppIDs         []string              // of an API key; empty: all of the account's apps
	ExpiresAt      time.Time             // of an API key; zero: never
}

// May reports whether the actor has a permission at all; whether it has it for
// a certain app is judged in the use case.
func (a Actor) May(p latchkey.Permission) bool {
	switch a.Kind {
	case ActorAccount:
		return p != latchkey.PermAdministrator || a.Administrator
	case ActorAPIKey:
		return slices.Contains(a.Permissions, p) && (p != latchkey.PermAdministrator || a.Administrator)
	}
	return false
}

// Origin is where a call comes from, for the audit log.
type Origin struct {
	RequestID string
	IP        string
}

type actorKey struct{}

// OriginKey is the key under which a context holds the *[Origin] of a call,
// for contexts that find their values by themselves. Others use [WithOrigin].
type OriginKey struct{}

// WithActor returns a context that carries who makes the call.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom returns the actor of a call, anonymous if there is none.
func ActorFrom(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}

// WithOrigin returns a context that carries where the call comes from.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, OriginKey{}, &o)
}

// OriginFrom returns the origin of a call.
func OriginFrom(ctx context.Context) Origin {
	if o, ok := ctx.Value(OriginKey{}).(*Origin); ok {
		return *o
	}
	return Origin{}
}
