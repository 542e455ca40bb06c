// Package listfile reads and writes lists of licenses and of users as files:
// keys a line, CSV, JSON and JSON lines, and reads the lists that other services
// export.
//
// It owns what the formats look like, and streams: a file may be larger than
// memory, and nothing in it makes a reader hold more than a row. It knows
// neither HTTP nor the database; whether a row may become a license or a user is
// the domain's rule.
package listfile
