// Package licensefile reads and writes lists of licenses as files: keys a line,
// CSV, JSON and JSON lines, and reads the lists that other services export.
//
// It owns what the formats look like, and streams: a file may be larger than
// memory, and nothing in it makes a reader hold more than a row. It knows
// neither HTTP nor the database; whether a row may become a license is the
// domain's rule.
package licensefile
