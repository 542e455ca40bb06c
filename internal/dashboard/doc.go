// Package dashboard serves the pages that people see: the start page and the
// setup page of a new server. They are whole without the network: styles and
// scripts are embedded, nothing runs inline, and what they do goes through the
// management API like every other program's calls.
//
// Of the service it asks one thing only: whether setup is still open.
package dashboard
