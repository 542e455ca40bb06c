package cli

import (
	"context"
	"errors"

	"github.com/latchkey-dev/latchkey/internal/server"
)

type doctorCommand struct {
	dataFlags
	JSON bool `name:"json" help:"Print JSON."`
}

var errFindings = errors.New("something is wrong; see the details above")

type doctorReport struct {
	OK       bool             `json:"ok"`
	Findings []server.Finding `json:"findings"`
}

func (d *doctorCommand) Run(ctx context.Context, std Streams) error {
	findings, err := server.Examine(ctx, d.config(std))
	if err != nil {
		return err
	}
	report := doctorReport{OK: true, Findings: findings}
	t := table{header: []string{"CHECK", "STATE", "DETAIL"}}
	for _, f := range findings {
		state := "ok"
		if !f.OK {
			state, report.OK = "WRONG", false
		}
		t.add(f.Check, state, f.Detail)
	}
	if d.JSON {
		err = printJSON(std.Out, report)
	} else {
		err = t.print(std.Out)
	}
	if err == nil && !report.OK {
		err = errFindings
	}
	return err
}
