// Package clientapi serves the native client protocol, /api/client/v1/, as
// docs/client-protocol.md has it. It owns that wire: the order of its checks,
// how requests are read, and that every answer is signed over its exact bytes
// and the request that it answers. What is allowed is decided in
// internal/service; this package must not know how.
package clientapi
