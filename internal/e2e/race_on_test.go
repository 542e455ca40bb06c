//go:build race

package e2e_test

// underRace says whether the tests run under the race detector.
const underRace = true
