package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
)

func TestPanelButtons(t *testing.T) {
	for _, tt := range []struct {
		given   string
		asked   appsUpdate
		want    []api.PanelButton
		refused bool
	}{
		{given: "in their order", asked: appsUpdate{PanelButton: []string{"Start=start", "1 = 1, no? =check"}},
			want: []api.PanelButton{{Text: "Start", Value: "start"}, {Text: "1 = 1, no? ", Value: "check"}}},
		{given: "none", asked: appsUpdate{NoPanelButtons: true}, want: []api.PanelButton{}},
		{given: "both", asked: appsUpdate{PanelButton: []string{"Start=start"}, NoPanelButtons: true}, refused: true},
		{given: "a text alone", asked: appsUpdate{PanelButton: []string{"Start"}}, refused: true},
	} {
		t.Run(tt.given, func(t *testing.T) {
			u, err := tt.asked.update()
			if (err != nil) != tt.refused {
				t.Fatal(err)
			}
			if tt.refused {
				return
			}
			if diff := cmp.Diff(&tt.want, u.Settings.PanelButtons); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
