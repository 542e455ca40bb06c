// Package bench measures a Latchkey server from outside, as a stranger would:
// the program runs as a process of its own, is filled and asked through its
// public APIs only, and stands beside a floor measured in the same round. It
// owns what is measured, the load generator and the report. It knows nothing
// of the server's inside, so that it measures older revisions as well.
package bench
