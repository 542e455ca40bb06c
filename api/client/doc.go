// Package client holds the wire types of the native client API, as programs
// send them and the server answers: plain structs of JSON in snake_case. The
// protocol, with every limit and the signatures, is docs/client-protocol.md.
//
// Times are integers, Unix milliseconds in UTC; an absent moment is null. Every
// answer is signed over its exact bytes, so a program verifies before it reads
// any of these.
//
// It knows neither the domain nor HTTP and imports the standard library only.
package client
