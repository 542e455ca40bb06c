package cli

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// byteSize is a number of bytes as people write it: 512, 64KiB, 50MiB, 5GiB, 1TiB.
type byteSize int64

// UnmarshalText reads a size of at least one byte.
func (b *byteSize) UnmarshalText(text []byte) error {
	digits, shift := string(text), 0
	for unit, by := range map[string]int{"KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40} {
		if rest, ok := strings.CutSuffix(digits, unit); ok {
			digits, shift = rest, by
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
	if err != nil || n < 1 || n > math.MaxInt64>>shift {
		return errors.New("a size is a number of bytes, or one with KiB, MiB, GiB or TiB, such as 50MiB")
	}
	*b = byteSize(n << shift)
	return nil
}
