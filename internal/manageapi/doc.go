// Package manageapi is the management API under /api/v1: every use case of the
// service as a documented HTTP call, for the dashboard (by cookie) and for
// machines (by API key). Its routes are one table, in routes.go.
//
// A request travels: mux → guard (who calls, may they, is the request well
// formed) → handler (decode, one service call, encode). Handlers return
// errors; only a [latchkey.Error] shows its text to the client. The OpenAPI
// document and the page that explains it are made from the same table and the
// types of package api, and a request is checked against that document before
// its handler sees it.
//
// It knows no SQL and no rule of the domain.
package manageapi
