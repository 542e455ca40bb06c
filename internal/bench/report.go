package bench

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// report is everything that was measured.
type report struct {
	options
	args    []string
	machine machine
	suites  []*suite
}

// columns of a table of one program.
func columns() []string {
	return []string{"row", "clients", "per second", "× floor", "goal at 64", "p50 ms", "p99 ms", "p99 × hello", "CPU ms", "CPU × hello", "MiB", "own MiB", "refused"}
}

// table is a suite's figures: medians over the rounds.
func (s *suite) table() [][]string {
	lines := [][]string{columns()}
	if len(s.targets) > 1 {
		lines[0] = slices.Insert(lines[0], 1, "program")
	}
	floors := []row{{name: helloRow, what: "the floor"}}
	if s.wants(argonRow) {
		floors = append(floors, row{name: argonRow})
	}
	for _, r := range slices.Concat(floors, s.rows) {
		for _, clients := range s.Concurrency {
			if r.next == nil {
				lines = append(lines, s.line(nil, r, clients))
				continue
			}
			for _, t := range s.targets {
				lines = append(lines, s.line(t, r, clients))
			}
		}
	}
	return slices.DeleteFunc(lines, func(line []string) bool { return line == nil })
}

func (s *suite) line(t *target, r row, clients int) []string {
	samples := s.results[place{t, r.name, clients}]
	if len(samples) == 0 {
		return nil
	}
	ratio, slower, costs, goal := "", "", "", ""
	if floor := s.floorOf(t, r, clients); floor != nil {
		ratio = fmt.Sprintf("%.2f %s", median(over(samples, floor, func(m sample) float64 { return m.rate })), r.floor)
	}
	if hello := s.results[place{nil, helloRow, clients}]; r.next != nil {
		slower = fmt.Sprintf("%.1f", median(over(samples, hello, func(m sample) float64 { return m.p99.Seconds() })))
		costs = fmt.Sprintf("%.2f", median(over(samples, hello, func(m sample) float64 { return m.cpu.Seconds() })))
	}
	if clients == 64 || r.most > 0 {
		goal = r.goal
	}
	line := []string{r.name, strconv.Itoa(clients), number(of(samples, func(m sample) float64 { return m.rate })), ratio, goal,
		milliseconds(samples, func(m sample) time.Duration { return m.p50 }),
		milliseconds(samples, func(m sample) time.Duration { return m.p99 }), slower,
		milliseconds(samples, func(m sample) time.Duration { return m.cpu }), costs,
		blank(of(samples, func(m sample) float64 { return float64(m.memory >> 20) })),
		blank(of(samples, func(m sample) float64 { return float64(m.own >> 20) })),
		blank(of(samples, func(m sample) float64 { return float64(m.shed) }))}
	if len(s.targets) > 1 {
		name := ""
		if t != nil {
			name = t.name
		}
		line = slices.Insert(line, 1, name)
	}
	return line
}

// floorOf are the samples that a row is measured by: a floor's, or another
// row's of the same target.
func (s *suite) floorOf(t *target, r row, clients int) []sample {
	if floor := s.results[place{nil, r.floor, clients}]; floor != nil {
		return floor
	}
	return s.results[place{t, r.floor, clients}]
}

// over divides figures of the same rounds.
func over(samples, floor []sample, figure func(sample) float64) []float64 {
	var all []float64
	for i := range min(len(samples), len(floor)) {
		all = append(all, figure(samples[i])/figure(floor[i]))
	}
	return all
}

func of(samples []sample, figure func(sample) float64) float64 {
	all := make([]float64, len(samples))
	for i, m := range samples {
		all[i] = figure(m)
	}
	return median(all)
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

func milliseconds(samples []sample, figure func(sample) time.Duration) string {
	return blankText(fmt.Sprintf("%.3f", of(samples, func(m sample) float64 { return figure(m).Seconds() * 1000 })))
}

func number(f float64) string {
	if f < 100 {
		return fmt.Sprintf("%.1f", f)
	}
	return strconv.FormatInt(int64(f+0.5), 10)
}

func blank(f float64) string {
	if f == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f", f)
}

func blankText(text string) string {
	if text == "0.000" {
		return ""
	}
	return text
}

// writeText writes the report for a terminal.
func (r *report) writeText(out io.Writer) error {
	if _, err := fmt.Fprintf(out, "%s\n%d licenses, %d users\n", r.machine, r.Licenses, r.Users); err != nil {
		return err
	}
	for _, s := range r.suites {
		if _, err := fmt.Fprintf(out, "\n%s\n", s.name); err != nil {
			return err
		}
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, line := range s.table() {
			if _, err := fmt.Fprintln(w, strings.Join(line, "\t")+"\t"); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
		for _, rest := range s.rests {
			if _, err := fmt.Fprintln(out, rest); err != nil {
				return err
			}
		}
	}
	return nil
}

// saveMarkdown writes the report as a document, or adds its figures to one.
func (r *report) saveMarkdown(file string) error {
	if r.Append != "" {
		return r.addTo(file)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Benchmarks\n\nWritten by `make bench`; edit `internal/bench/report.go`, not this file. What the figures mean,\nand a million licenses: [docs/performance.md](docs/performance.md).\n\n%s\n", explanation)
	fmt.Fprint(&b, "\n| row | what is done |\n|---|---|\n| hello | the floor |\n| argon2id | the password hash, as many at once as the server's gate lets through |\n")
	for _, row := range r.chosen() {
		fmt.Fprintf(&b, "| %s | %s |\n", row.name, row.what)
	}
	fmt.Fprintf(&b, "\nMachine: %s.\n", r.machine)
	r.figures(&b, "Figures")
	return os.WriteFile(file, b.Bytes(), 0o644)
}

func (r *report) addTo(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	b := bytes.NewBuffer(text)
	r.figures(b, r.Append)
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// figures writes the command and what it measured.
func (r *report) figures(b *bytes.Buffer, heading string) {
	fmt.Fprintf(b, "\n## %s\n\n    latchkey-bench %s\n\n%d licenses, %d users, %d signed in; median of %d rounds of %v.\n",
		heading, quoted(r.args), r.Licenses, r.Users, min(r.Sessions, r.Users), r.Rounds, r.Duration)
	for _, s := range r.suites {
		fmt.Fprintf(b, "\n### %s\n\n", strings.ToUpper(s.name[:1])+s.name[1:])
		for i, line := range s.table() {
			fmt.Fprintf(b, "| %s |\n", strings.Join(line, " | "))
			if i == 0 {
				fmt.Fprintf(b, "|%s\n", strings.Repeat("---|", len(line)))
			}
		}
		for _, rest := range s.rests {
			fmt.Fprintf(b, "\n%s.\n", rest)
		}
	}
}

// quoted is a command line that a shell reads as these arguments.
func quoted(args []string) string {
	all := make([]string, len(args))
	for i, arg := range args {
		all[i] = arg
		if strings.Contains(arg, " ") {
			all[i] = strconv.Quote(arg)
		}
	}
	return strings.Join(all, " ")
}

const explanation = `Numbers of one machine mean little on another, and the machine may have been shared, so every figure
stands beside a floor that was measured in the same round: *hello* is a bare ` + "`net/http`" + ` server in a process of its own
that answers 300 bytes of JSON, signed by Ed25519 as the client API signs. Load generator, server and database share the
processors and speak over loopback on connections that stay open. Every answer is checked for success and one in 64 for its
signature; a wrong one ends the run. *CPU ms* is the processor time of the server process for each request, without
PostgreSQL's; *MiB* the most memory that one server process had resident, with the pages of SQLite's file that it maps, and
*own MiB* what it had at the end without them; *refused* the requests that a busy server sent away.`
