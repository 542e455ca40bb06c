package manageapi

import (
	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// The parts that inputs are put together from. They are exported because the
// parameters of unexported embedded structs would not be seen.

// NoInput is a call without parameters and body.
type NoInput struct{}

// AppPath names an app.
type AppPath struct {
	App string `path:"app" doc:"Id of the application."`
}

// SubscriptionPath names a subscription of an app.
type SubscriptionPath struct {
	AppPath
	Subscription string `path:"subscription" doc:"Id of the subscription."`
}

// LicensePath names a license of an app.
type LicensePath struct {
	AppPath
	License string `path:"license" doc:"Id of the license."`
}

// UserPath names a user of an app.
type UserPath struct {
	AppPath
	User string `path:"user" doc:"Id of the user."`
}

// PageQuery asks for a page of a list.
type PageQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" doc:"Items on the page; 50 if left out."`
	Cursor string `query:"cursor" maxLength:"4096" doc:"next of the page before."`
}

func (q PageQuery) page() service.Page { return service.Page{Limit: q.Limit, Cursor: q.Cursor} }

// NameSearch narrows a list of things that have names, of which an app has few.
type NameSearch struct {
	Search string `query:"search" maxLength:"200" doc:"Text of the name, anywhere and in any case of letters."`
}

type listNamedInput struct {
	AppPage
	NameSearch
	Sort string `query:"sort" enum:"created,-created,name,-name" doc:"created, oldest first, if left out."`
}

func (in *listNamedInput) filter() service.NamedFilter {
	return service.NamedFilter{Search: in.Search, Sort: in.Sort, Page: in.page()}
}

// each maps a list for the wire; the result is never nil, which would be null.
func each[A, B any](list []A, f func(*A) B) []B {
	out := make([]B, len(list))
	for i := range list {
		out[i] = f(&list[i])
	}
	return out
}

// texts are values of a named string type as plain text.
func texts[S ~string](list []S) []string {
	return each(list, func(s *S) string { return string(*s) })
}

// named are plain texts as values of a named string type.
func named[S ~string](list []string) []S {
	return each(list, func(s *string) S { return S(*s) })
}

func change(c service.Change) api.Change { return api.Change{Matched: c.Matched, Changed: c.Changed} }
