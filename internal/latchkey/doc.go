// Package latchkey is the domain: accounts, applications, subscriptions,
// licenses, users, devices and sessions, their states and the rules between
// them. A seller could read and check every rule in it.
//
// It knows no context, SQL, HTTP, clock or source of randomness: callers pass
// the time and an [io.Reader]. It imports the standard library and
// golang.org/x/text (Unicode normalisation of names) only.
//
// Times are UTC with millisecond precision, durations are whole seconds or
// calendar months and years, and every refusal is an [*Error] with a stable
// [Code].
package latchkey
