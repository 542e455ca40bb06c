// Package egress makes HTTP requests to URLs that others chose: webhooks of
// sellers, files behind links. It owns the decision where this server may
// connect to, and the bounds of such a request.
//
// The text of a URL is checked early, so that its owner learns at once what is
// wrong with it, but no safety rests on that: names lead elsewhere tomorrow, and
// resolvers read 127.1 and 0x7f000001 as addresses. What counts is the address
// that is about to be dialed, and it is judged on every connection, after the
// name was resolved and before the first packet.
//
// It knows nothing of webhooks, signatures or retries.
package egress
