// Package panelapi is the JSON API behind the customer's own page: /panel/api/.
// Whoever calls it is a customer of one application, known by a cookie of that
// application's part of the API. It decodes, makes one call into the service
// and encodes; it knows neither the dashboard nor the APIs of programs, and
// serves no page.
package panelapi
