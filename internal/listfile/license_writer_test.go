package listfile

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// awkward are texts that formats and spreadsheets stumble over.
func awkward() []string {
	return []string{
		"", "plain", "a,b", `say "so"`, "two\nlines", "two\r\nlines", "a lone\rreturn", "\n", "\r\n", " ", " in spaces ", "tab\tbed", "semi;colon",
		"=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "\n=1", " =1", `"=1`, "'=1", "''=1", "'", "''", "'plain", " ' =1", "\u00a0=1", "＝1", "－", "-",
		"=cmd|' /C calc'!A0", `=HYPERLINK("http://x","y")`, "+-=@", "grüße", "日本語", "🔑 e\u0301", "\u202eevil", "null", "NULL", "true", "1e5", "007",
		"{\"key\":1}", "[", "\\", `\"`, "\u2028", "\x7f", "\x01",
	}
}

func awkwardLicenses() []latchkey.License {
	at := time.Date(2026, 2, 3, 4, 5, 6, 7_000_000, time.UTC)
	var list []latchkey.License
	for i, text := range awkward() {
		l := latchkey.License{ID: "lic_1", Key: latchkey.Secret("KEY-" + strings.Repeat("A", i+1)), Level: int64(i + 1), Duration: latchkey.Lifetime(), Note: text,
			Status: latchkey.LicenseNotUsed, CreatedAt: at, CreatedBy: "acc_1", UpdatedAt: at}
		switch i % 3 {
		case 1:
			l.Status, l.UsedAt, l.UsedBy, l.Duration = latchkey.LicenseUsed, at, "usr_1", latchkey.Duration{Amount: 5, Unit: latchkey.UnitWeek}
		case 2:
			l.Status, l.BannedAt, l.BanReason = latchkey.LicenseBanned, at, text
		}
		list = append(list, l)
	}
	return append(list, latchkey.License{ID: "lic_2", Key: "=KEY+1", Level: 1, Duration: latchkey.Lifetime(), Status: latchkey.LicenseNotUsed, CreatedAt: at, UpdatedAt: at},
		latchkey.License{ID: "lic_3", Key: `K,"E;Y'`, Level: 1, Duration: latchkey.Lifetime(), Status: latchkey.LicenseNotUsed, CreatedAt: at, UpdatedAt: at})
}

func write(t testing.TB, f Format, list []latchkey.License) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, f, map[int64]string{1: "=tier; other"})
	for i := range list {
		if err := w.Write(&list[i], list[i].Note); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What is written is read back to the same values.
func TestRoundTrip(t *testing.T) {
	list := awkwardLicenses()
	for _, f := range []Format{CSV, JSON, Lines, Text} {
		t.Run(string(f), func(t *testing.T) {
			rows, _, err := readAll(t, string(write(t, f, list)), Options{Format: f, Duration: latchkey.Lifetime()})
			if err != nil || len(rows) != len(list) {
				t.Fatalf("%d rows of %d, %v", len(rows), len(list), err)
			}
			for i, l := range list {
				want := latchkey.ImportedLicense{Key: l.Key.Reveal(), Level: l.Level, Duration: l.Duration, Note: l.Note, Status: l.Status,
					BanReason: l.BanReason, UsedAt: l.UsedAt, BannedAt: l.BannedAt}
				if f == Text {
					want = latchkey.ImportedLicense{Key: l.Key.Reveal(), Duration: latchkey.Lifetime()}
				}
				if diff := cmp.Diff(want, rows[i].ImportedLicense); diff != "" || rows[i].Skip != "" {
					t.Errorf("%q comes back %s (-want +got):\n%s", l.Note, rows[i].Skip, diff)
				}
			}
		})
	}
}

// Another reader of CSV finds the same cells, and none of them is a formula.
func TestCSVIsOneAndSafe(t *testing.T) {
	list := awkwardLicenses()
	records, err := csv.NewReader(bytes.NewReader(write(t, CSV, list))).ReadAll()
	if err != nil || len(records) != len(list)+1 || strings.Join(records[0], ",") != columns {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for i, record := range records[1:] {
		for _, cell := range record {
			bare := strings.TrimLeft(cell, " \"\u00a0")
			if bare != "" && strings.ContainsRune(formulaStarts, []rune(bare)[0]) {
				t.Errorf("%q of %q is a formula", cell, list[i].Note)
			}
		}
		// The standard library's reader makes LF of CR LF.
		if want := strings.ReplaceAll(list[i].Note, "\r\n", "\n"); unguard(record[5]) != want {
			t.Errorf("%q comes back as %q", want, record[5])
		}
	}
}

func TestJSONIsTheManagementAPIs(t *testing.T) {
	for _, l := range awkwardLicenses() {
		want := api.License{ID: l.ID, Key: l.Key.Reveal(), Status: string(l.Status), Level: l.Level, Duration: l.Duration.String(), Note: l.Note,
			CreatedAt: api.At(l.CreatedAt), CreatedBy: l.CreatedBy, UsedAt: api.At(l.UsedAt), UsedBy: l.UsedBy, UsedByName: l.Note,
			BanReason: l.BanReason, BannedAt: api.At(l.BannedAt), UpdatedAt: api.At(l.UpdatedAt)}
		line := appendJSON(nil, &l, l.Note)
		var got api.License
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&got); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		var names, wantNames map[string]any
		text, err := json.Marshal(want)
		if err != nil || json.Unmarshal(text, &wantNames) != nil || json.Unmarshal(line, &names) != nil || len(names) != len(wantNames) {
			t.Errorf("%s has other fields than %s", line, text)
		}
	}
}

func TestAnEmptyListIsOne(t *testing.T) {
	for f, want := range map[Format]string{Text: "", CSV: columns + "\r\n", JSON: "[]\n", Lines: ""} {
		if got := write(t, f, nil); string(got) != want {
			t.Errorf("%s: %q", f, got)
		}
	}
}

func TestNamesOfFilesAreHarmless(t *testing.T) {
	for app, want := range map[string]string{
		"Demo": "licenses-Demo-2026-03-01.csv", "": "licenses-app-2026-03-01.csv", "日本": "licenses-app-2026-03-01.csv",
		"../a\"b\r\nc": "licenses-a-b--c-2026-03-01.csv", strings.Repeat("x", 60): "licenses-" + strings.Repeat("x", 40) + "-2026-03-01.csv",
	} {
		if got := CSV.Name("licenses", app, "2026-03-01"); got != want {
			t.Errorf("%q: %s, want %s", app, got, want)
		}
	}
}

func FuzzCell(f *testing.F) {
	for _, text := range awkward() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		safe := guard(text)
		if unguard(safe) != text || isFormula(safe) && safe[0] != '\'' {
			t.Errorf("%q is written as %q and read as %q", text, safe, unguard(safe))
		}
	})
}

// Whatever is read and is a license is read again the same after it was
// written, in every format that holds it.
func fuzzFormat(f *testing.F, format Format, seeds ...string) {
	for _, seed := range append(seeds, string(write(f, format, awkwardLicenses()))) {
		f.Add([]byte(seed))
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, r, err := readFrom(bytes.NewReader(file), Options{Format: format, Duration: latchkey.Lifetime()})
		if err != nil {
			if latchkey.CodeOf(err) != latchkey.CodeMalformed {
				t.Fatal(err)
			}
			return
		}
		if len(r.Ignored()) > maxIgnored {
			t.Errorf("%d names are ignored", len(r.Ignored()))
		}
		for i := range rows {
			if rows[i].Number != int64(i+1) {
				t.Errorf("row %d is number %d", i, rows[i].Number)
			}
			if rows[i].Skip != "" {
				continue
			}
			l, skip := rows[i].License(now)
			if skip != "" {
				continue
			}
			for _, other := range []Format{CSV, JSON, Lines} {
				again, _, err := readFrom(bytes.NewReader(write(t, other, []latchkey.License{l})), Options{Format: other})
				if err != nil || len(again) != 1 || again[0].Skip != "" {
					t.Fatalf("%s of %+v: %+v, %v", other, l, again, err)
				}
				if back, skip := again[0].License(now); skip != "" || !cmp.Equal(l, back) {
					t.Errorf("%s: %+v comes back as %+v (%s)", other, l, back, skip)
				}
			}
		}
	})
}

func FuzzText(f *testing.F) { fuzzFormat(f, Text, "A,1,30|B,2,0.5|", "A|B\n", "\ufeffA\r\n") }

func FuzzCSV(f *testing.F) {
	fuzzFormat(f, CSV, "key;level\nA;1\n", "key,days,banned\n\"A\",1,1\n", "token\trank\nA\t1", "key\r\"", "key\n\"\"\n\"a\"\"\"x,\n")
}

func FuzzJSON(f *testing.F) {
	fuzzFormat(f, JSON, `{"keys":[{"key":"A","expires":"60","banned":"x"}]}`, `{"0":{"token":"A","rank":"1","days":"1"}}`, `["A"]`, `[[]]`, `{"a":[{}]}`)
}

func FuzzLines(f *testing.F) {
	fuzzFormat(f, Lines, `"A"`+"\n{}", `{"done":true}`, `{"key":"A"}{"key":"B"}`)
}
