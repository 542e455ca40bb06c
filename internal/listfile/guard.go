package listfile

import (
	"strings"
	"unicode"
)

// Spreadsheets take a cell that begins with one of these for a formula, some of
// them also in full width, and drop white space and quotes before it.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// isFormula reports whether a spreadsheet could take a cell for a formula.
func isFormula(cell string) bool {
	for _, r := range cell {
		switch {
		case strings.ContainsRune(formulaStarts, r):
			return true
		case r != '\'' && r != '"' && !unicode.IsSpace(r):
			return false
		}
	}
	return false
}

// guard makes a cell text for a spreadsheet: with an apostrophe before what
// could be a formula. An apostrophe does not change whether a cell could be
// one, so that unguard knows exactly which apostrophes guard added.
func guard(cell string) string {
	if isFormula(cell) {
		return "'" + cell
	}
	return cell
}

// unguard is the inverse of guard.
func unguard(cell string) string {
	if rest, quoted := strings.CutPrefix(cell, "'"); quoted && isFormula(rest) {
		return rest
	}
	return cell
}
