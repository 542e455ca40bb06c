// Package legacyapi serves the compatible client API, versions 1.0 to 1.3, to
// programs that were written for it elsewhere. It owns that wire: how its
// requests are read, the exact shape and order of its answers, their texts and
// their signatures. What is allowed is decided in internal/service; this
// package must not know how.
//
// A version is an envelope around functions that exist once: see version and
// functions.
package legacyapi
