package api_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/latchkey-dev/latchkey/api"
)

func TestTimesAreUTCWithMillisecondsAndAbsentWhenNotSet(t *testing.T) {
	type body struct {
		At    api.Time `json:"at"`
		Until api.Time `json:"until,omitzero"`
	}
	zone := time.FixedZone("east", 2*3600)
	got, err := json.Marshal(body{At: api.At(time.Date(2025, 3, 1, 14, 0, 0, 5_000_000, zone))})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"at":"2025-03-01T12:00:00.005Z"}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var back body
	if err := json.Unmarshal([]byte(`{"at":"2025-03-01T14:00:00.005+02:00","until":null}`), &back); err != nil {
		t.Fatal(err)
	}
	want := body{At: api.At(time.Date(2025, 3, 1, 12, 0, 0, 5_000_000, time.UTC))}
	if diff := cmp.Diff(want, back); diff != "" {
		t.Error(diff)
	}
}

func TestNullableTellsAbsentFromNull(t *testing.T) {
	for text, want := range map[string]api.Nullable[int64]{
		`{}`:                    {},
		`{"device_limit":null}`: api.Null[int64](),
		`{"device_limit":3}`:    api.Value[int64](3),
	} {
		var edit api.UpdateUser
		if err := json.Unmarshal([]byte(text), &edit); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, edit.DeviceLimit); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		again, err := json.Marshal(edit)
		if err != nil || string(again) != text {
			t.Errorf("%s came back as %s, %v", text, again, err)
		}
	}
}
