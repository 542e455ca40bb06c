package cli

import "testing"

func TestByteSize(t *testing.T) {
	for text, want := range map[string]byteSize{
		"1": 1, "512": 512, "64KiB": 64 << 10, "50MiB": 50 << 20, "5 GiB": 5 << 30, "1TiB": 1 << 40,
		"": 0, "0": 0, "-1": 0, "x": 0, "1.5GiB": 0, "50MB": 0, "KiB": 0, "9223372036854775807": 1<<63 - 1, "8388608TiB": 0,
	} {
		var got byteSize
		if err := got.UnmarshalText([]byte(text)); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}
