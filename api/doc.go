// Package api holds the wire types of the management API, as the server
// writes them and programs read them: plain structs, JSON names in snake_case,
// with the limits of each field in tags that become the OpenAPI document.
//
// Ids are opaque text such as lic_06fs4kkq8vxg7m1x2ndn0k3b1r. Times are
// RFC 3339 in UTC with milliseconds ([Time]) and absent where nothing
// happened. Durations are text such as 45s, 30m, 12h, 30d, 5w, 1mo, 1y or
// lifetime. A list carries its items and, unless it is the last page, the
// cursor of the next.
//
// It knows neither the domain nor HTTP and imports the standard library only.
package api
