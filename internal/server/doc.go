// Package server is the composition root: it opens the data folder (key file,
// database), builds the use cases and every HTTP surface over them, and runs
// them until it is told to stop. The command line and every end-to-end test
// start the product through it.
//
// It is the only place, beside the command line, that takes the clock and the
// randomness of the operating system. It knows no business rule and no SQL.
package server
