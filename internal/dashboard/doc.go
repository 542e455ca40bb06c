// Package dashboard serves the dashboard: the single-page application that is
// built from web/ into dist/app, with the headers, caching and compression that
// its files need. Of the service it asks one thing only: whether setup is still
// open. All that the application does goes through the management API, like
// every other program's calls.
//
// A program that was built without Node.js has no application to serve. It has
// the few plain pages of plain/ instead: how to build the dashboard, and the
// form that the setup link opens.
package dashboard
