// Package web is what every HTTP surface of the server shares: [Wrap] gives a
// request its id, its client address, an access line and a net under panics;
// the rest are the parts that adapters use: problem+json answers and the one
// table from codes to statuses, body limits, security headers, the dashboard's
// cookie and the guard against cross-site requests.
//
// It knows no route and no use case; of the service it knows only the context
// values [service.Actor] and [service.Origin].
package web
