package service

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	// auditScan bounds the events that one page looks at, where no index knows
	// all that it is narrowed by.
	auditScan = 5_000
	auditPart = 500 // events read at a time, by such pages and by exports
)

// AuditFilter narrows and orders an audit log; zero fields do not.
type AuditFilter struct {
	ActorKind  string        // account, api_key, customer or server
	Actor      string        // id
	Actions    []string      // names, or patterns such as license.*
	TargetKind latchkey.Kind // of what it was done to
	Target     string        // id
	From       time.Time     // or at it
	To         time.Time     // before it
	Search     string        // an id, or text anywhere in an event, without regard to case
	Sort       string        // "-at" (default, newest first), "at"
	Page
}

// AuditView is an event with the names of what it mentions by id, as far as
// that is still there and the caller may read it.
type AuditView struct {
	latchkey.AuditEvent
	Names map[string]string
}

// auditSearch is a filter that has been checked.
type auditSearch struct {
	query      store.AuditQuery
	actorKind  string
	actor      string
	actions    []string // those that it may be; nil: any
	targetKind latchkey.Kind
	target     string
	text       string
	// whole says that the query leaves out all that the filter does. Otherwise
	// fits has to look at each event.
	whole bool
}

// search checks the filter and finds the index that answers it.
func (f *AuditFilter) search(chain string) (a auditSearch, err error) {
	a = auditSearch{actorKind: f.ActorKind, actor: f.Actor, targetKind: f.TargetKind, target: f.Target, text: f.Search}
	a.query = store.AuditQuery{Chain: chain, From: f.From, To: f.To}
	switch f.Sort {
	case "", "-at":
	case "at":
		a.query.Ascending = true
	default:
		return a, latchkey.Invalid("sort", "Sort by at or -at.")
	}
	switch ActorKind(f.ActorKind) {
	case "", ActorAccount, ActorAPIKey, ActorCustomer, ActorServer:
	default:
		return a, latchkey.Invalid("actor_kind", "An actor is an account, an api_key, a customer or the server.")
	}
	if err := checkSearch(f.Search); err != nil {
		return a, err
	}
	if a.actions, err = f.actions(); err != nil {
		return a, err
	}
	a.choose()
	return a, nil
}

// actions are the names that the patterns and the kind of the target stand for.
func (f *AuditFilter) actions() (names []string, err error) {
	for _, pattern := range f.Actions {
		found := latchkey.AuditActionsNamed(pattern)
		if len(found) == 0 {
			return nil, latchkey.Invalid("action", "There is no such action; a pattern ends in .*, such as license.*")
		}
		names = append(names, found...)
	}
	if f.TargetKind == "" {
		return sorted(names), nil
	}
	of := latchkey.AuditActionsOf(f.TargetKind)
	if len(of) == 0 {
		return nil, latchkey.Invalid("target_kind", "No event is about such a thing.")
	}
	if len(f.Actions) > 0 {
		of = slices.DeleteFunc(of, func(name string) bool { return !slices.Contains(names, name) })
	}
	return sorted(of), nil
}

// sorted is a list without repetitions, not nil if the list is not.
func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// choose has the most telling condition decide.
func (a *auditSearch) choose() {
	conditions := 0
	for _, set := range []bool{a.actorKind != "", a.actor != "", a.actions != nil, a.target != "", a.text != ""} {
		if set {
			conditions++
		}
	}
	decided := 1
	switch {
	case latchkey.KindOf(a.text) != "":
		a.query.About = a.text
	case a.target != "":
		a.query.Target = a.target
	case a.actor != "":
		a.query.Actor = a.actor
	case len(a.actions) > 0 && len(a.actions) <= store.MaxAuditActions:
		a.query.Actions = a.actions
	case a.actorKind != "" && a.actorKind != string(ActorCustomer):
		a.query.ActorKind = a.actorKind
	default:
		decided = 0
	}
	// What an action may be done to does not say what it was done to.
	a.whole = conditions == decided && a.targetKind == ""
}

// fits reports whether the filter leaves the event.
func (a *auditSearch) fits(e *latchkey.AuditEvent) bool {
	return (a.actorKind == "" || e.ActorKind == a.actorKind) && (a.actor == "" || e.ActorID == a.actor) &&
		(a.actions == nil || slices.Contains(a.actions, e.Action)) && (a.target == "" || e.TargetID == a.target) &&
		(a.targetKind == "" || latchkey.KindOf(e.TargetID) == a.targetKind) && (a.text == "" || e.Mentions(a.text))
}

// impossible says that nothing can fit: no action of those asked for is done to
// what was asked for.
func (a *auditSearch) impossible() bool { return a.actions != nil && len(a.actions) == 0 }

// readAudit is read for an app's log or, with appID "", for the server's own,
// which only administrators may read.
func (s *Service) readAudit(ctx context.Context, appID string, body func(tx *store.Tx) error) error {
	if appID == "" {
		if _, err := require(ctx, latchkey.PermAdministrator); err != nil {
			return err
		}
		return s.db.Read(ctx, body)
	}
	return s.read(ctx, latchkey.PermAuditRead, appID, func(tx *store.Tx, _ *latchkey.App) error { return body(tx) })
}

func auditChain(appID string) string {
	if appID == "" {
		return latchkey.InstanceChain
	}
	return appID
}

// ListAuditEvents lists an app's audit log or, with appID "", the server's own.
// By one of actor, target and actions, and by an id that is searched, events are
// found at once, within any times; of what more it is narrowed by each event is
// looked at, 5,000 for a page at most: a page may have fewer events than asked
// for, or none, and a next page all the same.
func (s *Service) ListAuditEvents(ctx context.Context, appID string, f AuditFilter) (list List[AuditView], err error) {
	a, err := f.search(auditChain(appID))
	if err != nil {
		return list, err
	}
	shape := f
	shape.Page = Page{}
	if a.query.Keyset, err = s.keyset(f.Page, a.query.Ascending, "audit", appID, shape); err != nil {
		return list, err
	}
	err = s.readAudit(ctx, appID, func(tx *store.Tx) error {
		found, err := s.auditPage(ctx, tx, appID, &a, shape)
		if err != nil {
			return err
		}
		list.Next = found.Next
		list.Items, err = withNames(ctx, tx, appID, found.Items)
		return err
	})
	return list, err
}

// auditPage finds the events of one page.
func (s *Service) auditPage(ctx context.Context, tx *store.Tx, appID string, a *auditSearch, shape AuditFilter) (list List[latchkey.AuditEvent], err error) {
	k := a.query.Keyset
	switch {
	case a.impossible():
		return list, nil
	case a.whole:
		events, err := tx.AuditLog(ctx, a.query)
		if err != nil {
			return list, err
		}
		return page(s, events, k, store.AuditPlace, "audit", appID, shape)
	}
	q := a.query
	q.Limit = auditPart
	for scanned := 0; scanned < auditScan; scanned += auditPart {
		events, err := tx.AuditLog(ctx, q)
		if err != nil {
			return list, err
		}
		for i := range events {
			q.After = store.AuditPlace(&events[i])
			if a.fits(&events[i]) {
				list.Items = append(list.Items, events[i])
			}
			if len(list.Items) == k.Limit-1 {
				list.Next, err = s.cursor(k, q.After, "audit", appID, shape)
				return list, err
			}
		}
		if len(events) < auditPart {
			return list, nil
		}
	}
	list.Next, err = s.cursor(k, q.After, "audit", appID, shape)
	return list, err
}

// nameReaders are the permissions without which names of a kind are not told.
var nameReaders = map[latchkey.Kind]latchkey.Permission{
	latchkey.KindUser: latchkey.PermUsersRead, latchkey.KindLicense: latchkey.PermLicensesRead, latchkey.KindToken: latchkey.PermTokensRead,
	latchkey.KindSubscription: latchkey.PermSubscriptionsRead, latchkey.KindVariable: latchkey.PermVariablesRead, latchkey.KindFile: latchkey.PermFilesRead,
	latchkey.KindWebhook: latchkey.PermWebhooksRead, latchkey.KindChannel: latchkey.PermChatsRead,
	latchkey.KindBlacklistEntry: latchkey.PermBlacklistsRead, latchkey.KindWhitelistEntry: latchkey.PermWhitelistsRead,
	latchkey.KindApp: latchkey.PermAppsRead, latchkey.KindAccount: latchkey.PermAccount, latchkey.KindAPIKey: latchkey.PermAccount,
}

// withNames adds to events the names of what they mention.
func withNames(ctx context.Context, tx *store.Tx, appID string, events []latchkey.AuditEvent) ([]AuditView, error) {
	actor := ActorFrom(ctx)
	ids := map[latchkey.Kind][]string{}
	views := make([]AuditView, len(events))
	for i := range events {
		views[i].AuditEvent = events[i]
		for _, id := range events[i].IDs() {
			kind := latchkey.KindOf(id)
			if p := nameReaders[kind]; p != "" && (actor.May(p) || appID == "" && actor.May(latchkey.PermAdministrator)) {
				ids[kind] = append(ids[kind], id)
			}
		}
	}
	names := map[string]string{}
	for kind, list := range ids {
		if err := readNames(ctx, tx, appID, kind, sorted(list), names); err != nil {
			return nil, err
		}
	}
	for i := range views {
		for _, id := range views[i].IDs() {
			if name, there := names[id]; there {
				if views[i].Names == nil {
					views[i].Names = map[string]string{}
				}
				views[i].Names[id] = name
			}
		}
	}
	return views, nil
}

// readNames reads names of one kind. Of accounts and their keys, who is no
// administrator learns their own.
func readNames(ctx context.Context, tx *store.Tx, appID string, kind latchkey.Kind, ids []string, names map[string]string) error {
	actor := ActorFrom(ctx)
	own := actor.AccountID
	if actor.May(latchkey.PermAdministrator) {
		own = ""
	}
	switch kind {
	case latchkey.KindApp:
		if slices.Contains(ids, appID) {
			app, err := tx.App(ctx, appID)
			if err != nil {
				return err
			}
			names[appID] = app.Name
		}
		return nil
	case latchkey.KindAccount:
		if own != "" {
			ids = slices.DeleteFunc(ids, func(id string) bool { return id != own })
		}
		return tx.AccountNames(ctx, ids, names)
	case latchkey.KindAPIKey:
		return tx.KeyNames(ctx, own, ids, names)
	}
	return tx.Names(ctx, appID, kind, ids, names)
}

// scope tells the audit log how an export was narrowed, without what was
// searched for.
func (f *AuditFilter) scope() map[string]any {
	scope := map[string]any{}
	for name, value := range map[string]string{"actor_kind": f.ActorKind, "actor": f.Actor, "action": strings.Join(f.Actions, ","),
		"target_kind": string(f.TargetKind), "target": f.Target, "from": moment(f.From), "to": moment(f.To)} {
		if value != "" {
			scope[name] = value
		}
	}
	if f.Search != "" {
		scope["search"] = true
	}
	return scope
}
