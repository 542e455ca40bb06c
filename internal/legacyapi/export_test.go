package legacyapi

import (
	"maps"
	"slices"
)

// Types returns the types of all calls, for tests that want each of them.
func Types() []string {
	var types []string
	for _, f := range functions() {
		types = append(types, f.typ)
	}
	return types
}

// Versions returns the names of all versions in their order.
func Versions() []string { return slices.Sorted(maps.Keys(versions())) }
