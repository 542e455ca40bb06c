package listfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func days(n int64) latchkey.Duration { return latchkey.Duration{Amount: n, Unit: latchkey.UnitDay} }

// readAll reads a file, and once more a byte at a time: how it arrives changes
// nothing.
func readAll(t *testing.T, text string, o Options) ([]Row, *Reader, error) {
	t.Helper()
	rows, r, err := readFrom(strings.NewReader(text), o)
	slow, _, slowErr := readFrom(iotest.OneByteReader(strings.NewReader(text)), o)
	if diff := cmp.Diff(rows, slow, cmpopts.EquateComparable(Row{})); diff != "" || fmt.Sprint(err) != fmt.Sprint(slowErr) {
		t.Errorf("read slowly it is something else (%v, %v):\n%s", err, slowErr, diff)
	}
	return rows, r, err
}

func readFrom(in io.Reader, o Options) (rows []Row, r *Reader, err error) {
	if r, err = NewReader(in, o); err != nil {
		return nil, nil, err
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, r, nil
		}
		if err != nil {
			return rows, r, err
		}
		row.exact, row.banned, row.usedBy = false, false, false
		rows = append(rows, row)
	}
}

func TestFilesOfEveryForm(t *testing.T) {
	used := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	type lic = latchkey.ImportedLicense
	for name, c := range map[string]struct {
		format Format
		text   string
		want   []Row
	}{
		"keys a line, with defaults": {Text, "\ufeffAAAA\r\n\r\n  BBBB \nC,C|C\n", []Row{
			{Number: 1, Line: 1, ImportedLicense: lic{Key: "AAAA\r", Level: 3, Duration: days(7)}},
			{Number: 2, Line: 3, ImportedLicense: lic{Key: "  BBBB ", Level: 3, Duration: days(7)}},
			{Number: 3, Line: 4, ImportedLicense: lic{Key: "C,C|C", Level: 3, Duration: days(7)}}}},
		"KEY,LEVEL,DAYS in one line": {Text, "A,1,30|B,2,0.5|C,3,9999|oops|E,1,1|", []Row{
			{Number: 1, Line: 1, ImportedLicense: lic{Key: "A", Level: 1, Duration: days(30)}},
			{Number: 2, Line: 1, ImportedLicense: lic{Key: "B", Level: 2, Duration: latchkey.Duration{Amount: 12, Unit: latchkey.UnitHour}}},
			{Number: 3, Line: 1, ImportedLicense: lic{Key: "C", Level: 3, Duration: latchkey.Lifetime()}},
			{Number: 4, Line: 1, ImportedLicense: lic{Level: 3, Duration: days(7)}, Skip: latchkey.SkipRow},
			{Number: 5, Line: 1, ImportedLicense: lic{Key: "E", Level: 1, Duration: days(1)}}}},
		"KEY,LEVEL,DAYS a line": {Text, "A,1,30\nB,2,1\n", []Row{
			{Number: 1, Line: 1, ImportedLicense: lic{Key: "A", Level: 1, Duration: days(30)}},
			{Number: 2, Line: 2, ImportedLicense: lic{Key: "B", Level: 2, Duration: days(1)}}}},
		"CSV as we write it": {CSV, "\ufeffkey,status,level,duration,note,used_at,ban_reason\r\n" +
			"A,banned,2,1mo,\"a \"\"b\"\",\r\nc\",2026-02-03T04:05:06.000Z,'=1+1\r\n\r\nB,,,,'-,,\r\n", []Row{
			{Number: 1, Line: 2, ImportedLicense: lic{Key: "A", Level: 2, Duration: latchkey.Duration{Amount: 1, Unit: latchkey.UnitMonth}, Note: "a \"b\",\r\nc",
				Status: latchkey.LicenseBanned, UsedAt: used, BanReason: "=1+1"}},
			{Number: 2, Line: 5, ImportedLicense: lic{Key: "B", Level: 3, Duration: days(7), Note: "-"}}}},
		"CSV of a spreadsheet": {CSV, "Key;Level;Days;Note\nA;1;30;a, b\n\"B\"x;1;1;\nC;1\n", []Row{
			{Number: 1, Line: 2, ImportedLicense: lic{Key: "A", Level: 1, Duration: days(30), Note: "a, b"}},
			{Number: 2, Line: 3, ImportedLicense: lic{Level: 3, Duration: days(7)}, Skip: latchkey.SkipRow},
			{Number: 3, Line: 4, ImportedLicense: lic{Level: 3, Duration: days(7)}, Skip: latchkey.SkipRow}}},
		"a JSON list": {JSON, "\ufeff" + `[{"key":"A","level":2,"duration":"5w","note":"ü\n","status":"used","used_at":"2026-02-03T04:05:06Z"},"B",7,{"key":["C"]}]`, []Row{
			{Number: 1, ImportedLicense: lic{Key: "A", Level: 2, Duration: latchkey.Duration{Amount: 5, Unit: latchkey.UnitWeek}, Note: "ü\n", Status: latchkey.LicenseUsed, UsedAt: used}},
			{Number: 2, ImportedLicense: lic{Key: "B", Level: 3, Duration: days(7)}},
			{Number: 3, ImportedLicense: lic{Level: 3, Duration: days(7)}, Skip: latchkey.SkipRow},
			{Number: 4, ImportedLicense: lic{Level: 3, Duration: days(7)}, Skip: latchkey.SkipRow}}},
		"KeyAuth's seller API": {JSON, `{"success":true,"message":"Successfully Retrieved Licenses","keys":[
			{"id":"1","key":"A","note":null,"expires":"2592000","status":"Not Used","level":"1","genby":"ann","gendate":"1700000000","usedon":null,"usedby":null,"app":"x","banned":null},
			{"key":"B","note":"vip","expires":"315569260","status":"Used","level":"2","usedon":"1770091506","usedby":"bob","banned":null},
			{"key":"C","expires":"3601","status":"Banned","level":"1","banned":"chargeback","usedon":null}],"nonce":[1]}`, []Row{
			{Number: 1, ImportedLicense: lic{Key: "A", Level: 1, Duration: days(30), Status: latchkey.LicenseNotUsed}},
			{Number: 2, ImportedLicense: lic{Key: "B", Level: 2, Duration: latchkey.Lifetime(), Note: "vip", Status: latchkey.LicenseUsed, UsedAt: used}},
			{Number: 3, ImportedLicense: lic{Key: "C", Level: 1, Duration: latchkey.Duration{Amount: 3601, Unit: latchkey.UnitSecond}, Status: latchkey.LicenseBanned, BanReason: "chargeback"}}}},
		"KeyAuth's dashboard": {JSON, `[{"key":"A","level":"1","expiry":30},{"key":"B","level":"2","expiry":0.041666666666667},{"key":"C","level":"1","expiry":3652.4219907407}]`, []Row{
			{Number: 1, ImportedLicense: lic{Key: "A", Level: 1, Duration: days(30)}},
			{Number: 2, ImportedLicense: lic{Key: "B", Level: 2, Duration: latchkey.Duration{Amount: 1, Unit: latchkey.UnitHour}}},
			{Number: 3, ImportedLicense: lic{Key: "C", Level: 1, Duration: latchkey.Lifetime()}}}},
		"an object of objects": {JSON, `{"0":{"token":"A","rank":"0","days":"30","used_by":""},"1":{"token":"B","rank":"1","days":"1","used_by":"bob"}}`, []Row{
			{Number: 1, ImportedLicense: lic{Key: "A", Level: 1, Duration: days(30)}},
			{Number: 2, ImportedLicense: lic{Key: "B", Level: 2, Duration: days(1), Status: latchkey.LicenseUsed}}}},
		"JSON lines": {Lines, "{\"key\":\"A\"}\r\n\n{\"key\":\"B\"} x\n{\"key\":\"C\",\"key\":\"D\"}\n\"E\"\n{\"progress\":{\"made\":1}}\n{\"done\":true,\"count\":1}\n", []Row{
			{Number: 1, Line: 1, ImportedLicense: lic{Key: "A", Level: 3, Duration: days(7)}},
			{Number: 2, Line: 3, ImportedLicense: lic{Key: "B", Level: 3, Duration: days(7)}, Skip: latchkey.SkipRow},
			{Number: 3, Line: 4, ImportedLicense: lic{Key: "C", Level: 3, Duration: days(7)}, Skip: latchkey.SkipRow},
			{Number: 4, Line: 5, ImportedLicense: lic{Key: "E", Level: 3, Duration: days(7)}}}},
		"values that mean nothing": {CSV, "key,level,duration,status,used_at\nA,x,30d,,\nB,1,30,,\nC,1,30d,paused,\nD,1,1d,used,yesterday\nE\xff,1,1d,,\n", []Row{
			{Number: 1, Line: 2, ImportedLicense: lic{Key: "A", Level: 3, Duration: days(30)}, Skip: latchkey.SkipLevel},
			{Number: 2, Line: 3, ImportedLicense: lic{Key: "B", Level: 1, Duration: days(7)}, Skip: latchkey.SkipDuration},
			{Number: 3, Line: 4, ImportedLicense: lic{Key: "C", Level: 1, Duration: days(30), Status: "paused"}},
			{Number: 4, Line: 5, ImportedLicense: lic{Key: "D", Level: 1, Duration: days(1), Status: latchkey.LicenseUsed}, Skip: latchkey.SkipTime},
			{Number: 5, Line: 6, ImportedLicense: lic{Level: 1, Duration: days(1)}, Skip: latchkey.SkipUTF8}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := readAll(t, c.text, Options{Format: c.format, Level: 3, Duration: days(7)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateComparable(Row{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFilesThatCannotBeReadToTheirEnd(t *testing.T) {
	deep := strings.Repeat("[", 20_000)
	for name, c := range map[string]struct {
		format Format
		text   string
	}{
		"an empty file of CSV":      {CSV, ""},
		"CSV without a key":         {CSV, "level,note\n1,x\n"},
		"CSV with two keys":         {CSV, "key,license\nA,B\n"},
		"an open quote":             {CSV, "key\n\"A\n"},
		"a header without an end":   {CSV, strings.Repeat("x", 1<<20)},
		"UTF-16":                    {CSV, "\xff\xfek\x00e\x00y\x00"},
		"no JSON":                   {JSON, "key,level"},
		"no list":                   {JSON, `{"success":true}`},
		"a text":                    {JSON, `"A"`},
		"half a list":               {JSON, `[{"key":"A"},`},
		"two lists":                 {JSON, `[] []`},
		"bad UTF-8":                 {JSON, "[{\"key\":\"A\xff\"}]"},
		"a name twice":              {JSON, `[{"key":"A","key":"B"}]`},
		"a deep list":               {JSON, deep},
		"a deep value":              {JSON, `[{"key":"A","x":` + deep},
		"a value of ten megabytes":  {JSON, `[{"key":"` + strings.Repeat("A", 10<<20) + `"}]`},
		"a broken export":           {Lines, "{\"key\":\"A\"}\n{\"done\":false,\"problem\":{}}\n"},
		"a row that is no JSON":     {JSON, `[{"key":"A"},nope]`},
		"an object that goes on":    {JSON, `{"keys":[]}x`},
		"a list inside of the list": {JSON, `{"keys":[`},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := readAll(t, c.text, Options{Format: c.format})
			if latchkey.CodeOf(err) != latchkey.CodeMalformed {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestARowThatIsTooLongSpoilsNoOther(t *testing.T) {
	long := strings.Repeat("x", 10<<20)
	for format, text := range map[Format]string{
		Text:  "A\n" + long + "\nB\n",
		CSV:   "key\nA\n" + long + "\nB\n",
		Lines: `"A"` + "\n" + `"` + long + `"` + "\n" + `"B"` + "\n",
	} {
		rows, _, err := readFrom(strings.NewReader(text), Options{Format: format})
		if err != nil || len(rows) != 3 || rows[1].Skip != latchkey.SkipLong || rows[2].Key != "B" || rows[2].Skip != "" {
			t.Errorf("%s: %+v, %v", format, rows, err)
		}
	}
}

func TestWhatNoLicenseTakesIsNamed(t *testing.T) {
	for format, text := range map[Format]string{
		CSV:  "key,ID,used_by,Colour\nA,1,2,3\n",
		JSON: `[{"key":"A","ID":1,"used_by":null},{"key":"B","used_by":"u","Colour":{}}]`,
	} {
		_, r, err := readAll(t, text, Options{Format: format})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"ID", "used_by", "Colour"}, r.Ignored()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
}

func TestErrorsOfTheSourceStay(t *testing.T) {
	gone := errors.New("gone")
	for _, format := range []Format{Text, CSV, JSON, Lines} {
		for _, text := range []string{"", "key", "key\nA", "[", `[{"key":"A"},`, `"A"` + "\n"} {
			_, _, err := readFrom(io.MultiReader(strings.NewReader(text), iotest.ErrReader(gone)), Options{Format: format})
			if text != "key" && text != "key\nA" && format == CSV || text[:min(1, len(text))] != "[" && format == JSON && text != "" {
				continue // what comes first is an error of its own
			}
			if !errors.Is(err, gone) {
				t.Errorf("%s after %q: %v", format, text, err)
			}
		}
	}
}
