// Package e2e tests the whole program as its users meet it: the real binary as
// a process of its own, real HTTP over loopback, real SQLite and PostgreSQL,
// and real crashes. It holds tests and the few things that they share: starting
// and killing servers, a seller on the management API, a customer's program on
// the compatible client API.
//
// It must not know the inside of the program. It imports the wire types and
// what starts PostgreSQL, and learns everything else from answers, files and
// exit codes, as an operator would.
//
// LATCHKEY_RACE_ROUNDS and LATCHKEY_KILL_ROUNDS ask for more rounds than the
// five that every run has.
package e2e
