// Package sign makes and verifies the signatures on answers to clients. It
// owns which bytes are signed and how a signature is written; it knows neither
// HTTP nor where keys come from.
package sign
