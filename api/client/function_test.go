package client_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/latchkey-dev/latchkey/api/client"
)

// TestFunctionsAreThoseOfTheSpecification compares the table with that of
// docs/client-protocol.md, row by row.
func TestFunctionsAreThoseOfTheSpecification(t *testing.T) {
	text, err := os.ReadFile("../../docs/client-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	stages := map[string]client.Stage{"–": client.StageNone, "started": client.StageStarted, "two_factor": client.StageTwoFactor, "signed_in": client.StageSignedIn}
	repeats := map[string]client.Repetition{"reads": client.RepeatReads, "done once": client.RepeatFindsDone, "remembered": client.RepeatRemembered}
	row := regexp.MustCompile("(?m)^\\| `([a-z/-]+)` \\| (–|started|two_factor|signed_in) \\| (reads|done once|remembered) \\|")
	written := map[string]client.Function{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		written[m[1]] = client.Function{Path: m[1], Stage: stages[m[2]], Repeat: repeats[m[3]]}
	}
	coded := map[string]client.Function{}
	for _, f := range client.Functions() {
		coded[f.Path] = f
	}
	if diff := cmp.Diff(coded, written); diff != "" {
		t.Errorf("the code (-) and the specification (+) differ:\n%s", diff)
	}
}
