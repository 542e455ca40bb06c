package cli

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/latchkey-dev/latchkey/api"
)

// streamAbove is the number of licenses from which the server sends a stream
// of lines, and JSON is printed so.
const streamAbove = 1000

type licensesCreate struct {
	appFlag
	Amount    int64  `help:"How many; one call makes as many as the server allows (10,000,000 unless its operator says otherwise), all or none." default:"1" placeholder:"N"`
	Mask      string `help:"Each * becomes a random character. Six groups of six if not given." placeholder:"MASK"`
	Level     int64  `help:"Gives every subscription of this level." default:"1" placeholder:"N"`
	Duration  string `help:"45s, 30m, 12h, 30d, 5w, 1mo, 1y or lifetime." required:"" placeholder:"TIME"`
	Note      string `help:"Shown to you only."`
	Lowercase bool   `help:"Random characters may be lower-case letters. Both cases if neither is said."`
	Uppercase bool   `help:"Random characters may be upper-case letters."`
	CustomKey bool   `help:"Confirms a mask without a star: the mask is the key."`
	Repeat    string `name:"idempotency-key" help:"A name for this call: made again with it, the call gives the same licenses and makes none. A random one if not given." placeholder:"KEY"`
}

func (l *licensesCreate) Run(ctx context.Context, c *call) (err error) {
	path, err := l.path(ctx, c, "/apps/%s/licenses")
	if err != nil {
		return err
	}
	in := api.CreateLicenses{Amount: &l.Amount, Mask: l.Mask, Level: &l.Level, Duration: l.Duration, Note: l.Note, CustomKey: l.CustomKey}
	if l.Lowercase {
		in.Lowercase = &l.Lowercase
	}
	if l.Uppercase {
		in.Uppercase = &l.Uppercase
	}
	if l.Repeat == "" {
		l.Repeat = rand.Text()
	}
	header := named(l.Repeat)
	if l.Amount <= streamAbove {
		var created api.LicensesCreated
		if err := c.callOnce(ctx, request{method: http.MethodPost, path: path, header: header, in: in}, &created); err != nil {
			return err
		}
		if c.json {
			return printJSON(c.std.Out, created)
		}
		for _, license := range created.Licenses {
			if err := printf(c.std.Out, "%s\n", plain(license.Key)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := c.streamLicenses(ctx, request{method: http.MethodPost, path: path, header: header, in: in}, l.Amount); err != nil {
		return fmt.Errorf("%w; the same command with --idempotency-key %s goes on with it or gives what was made", err, l.Repeat)
	}
	return nil
}

// streamLicenses prints the licenses of a stream as they arrive: the keys
// alone, for people to copy, or one JSON object a line.
func (c *call) streamLicenses(ctx context.Context, q request, amount int64) (err error) {
	var lines *lines
	err = once(ctx, func() (err error) {
		lines, err = c.stream(ctx, q)
		return err
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lines.close()) }()
	bar := newBar(c.std.Err)
	defer bar.clear()
	out := bufio.NewWriter(c.std.Out)
	var count int64
	for {
		text, line, err := lines.next()
		switch {
		case errors.Is(err, io.EOF):
			return out.Flush()
		case err != nil:
			return errors.Join(err, out.Flush())
		case line.Progress != nil:
			bar.show("making licenses", line.Progress.Made, line.Progress.Amount)
			continue
		}
		count++
		bar.show("receiving licenses", count, amount)
		if !c.json {
			text = append([]byte(plain(line.Key)), '\n')
		}
		if _, err := out.Write(text); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
}
