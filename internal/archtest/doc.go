// Package archtest holds the tests of the house itself: who may import whom,
// where the clock and randomness come in, how long a file may grow, and that
// what the documents name is there. It has no code of its own, knows the other
// packages only as the go command lists them, and nothing imports it.
package archtest
