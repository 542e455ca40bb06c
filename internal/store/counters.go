package store

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	qCounters = `SELECT name, CAST(SUM(value) AS BIGINT) FROM counters WHERE app_id = $1 GROUP BY name`

	// The rest of the statement is one row of VALUES for each counter.
	counterAdd  = `INSERT INTO counters (app_id, name, slot, value) VALUES `
	counterSums = ` ON CONFLICT (app_id, name, slot) DO UPDATE SET value = counters.value + excluded.value`
)

// The names of counters; those of licenses end in their status.
const (
	countLicenses    = "licenses."
	countUsers       = "users"
	countUsersBanned = "users.banned"
	countAccess      = "access." // and the list

	countResetRequests = "users.reset_requested"
)

// Counts is how many there are in an app.
type Counts struct {
	Licenses    map[latchkey.LicenseStatus]int64 // every status has its number
	Users       int64
	UsersBanned int64
	// ResetRequests is how many users wait for a reset of their devices.
	ResetRequests int64
	Blacklisted   int64 // entries
	Whitelisted   int64
}

// Listed is how many entries a list has.
func (c *Counts) Listed(list latchkey.AccessList) int64 { return *c.listed(list) }

func (c *Counts) listed(list latchkey.AccessList) *int64 {
	if list == latchkey.Whitelist {
		return &c.Whitelisted
	}
	return &c.Blacklisted
}

// Counts reads how many licenses and users an app has, without counting them.
func (tx *Tx) Counts(ctx context.Context, appID string) (Counts, error) {
	c := Counts{Licenses: map[latchkey.LicenseStatus]int64{latchkey.LicenseNotUsed: 0, latchkey.LicenseUsed: 0, latchkey.LicenseBanned: 0}}
	_, err := collect(tx, ctx, "read counters", qCounters, []any{appID}, func(row scanner) (n int64, err error) {
		var name string
		if err := row.Scan(&name, &n); err != nil {
			return n, err
		}
		status, ofLicenses := strings.CutPrefix(name, countLicenses)
		list, ofAccess := strings.CutPrefix(name, countAccess)
		switch {
		case ofAccess:
			*c.listed(latchkey.AccessList(list)) = n
		case ofLicenses:
			c.Licenses[latchkey.LicenseStatus(status)] = n
		case name == countUsers:
			c.Users = n
		case name == countUsersBanned:
			c.UsersBanned = n
		case name == countResetRequests:
			c.ResetRequests = n
		}
		return n, nil
	})
	return c, err
}

// counter names one number of an app.
type counter struct{ appID, name string }

func (c counter) compare(d counter) int {
	if n := strings.Compare(c.appID, d.appID); n != 0 {
		return n
	}
	return strings.Compare(c.name, d.name)
}

// count changes a number of the app by n, with the commit.
func (tx *Tx) count(appID, name string, n int64) {
	if tx.counts == nil {
		tx.counts = map[counter]int64{}
	}
	tx.counts[counter{appID, name}] += n
}

func (tx *Tx) countLicense(appID string, status latchkey.LicenseStatus, n int64) {
	tx.count(appID, countLicenses+string(status), n)
	tx.mark(appID, TopicLicenses) // whatever changes a license takes it from one status and adds it to another
}

// forgetCounts drops the changes of an app that is deleted.
func (tx *Tx) forgetCounts(appID string) {
	maps.DeleteFunc(tx.counts, func(c counter, _ int64) bool { return c.appID == appID })
}

// storeCounts stores what has changed, as the last thing before the audit
// events: counters are locked briefly, always in the same order, and on PostgreSQL
// each is spread over several rows, so that writes hardly wait for each other.
func (tx *Tx) storeCounts() error {
	maps.DeleteFunc(tx.counts, func(_ counter, n int64) bool { return n == 0 })
	if len(tx.counts) == 0 {
		return nil
	}
	var text strings.Builder
	text.WriteString(counterAdd)
	slot := tx.db.engine.slot()
	args := make([]any, 0, 4*len(tx.counts))
	for i, c := range slices.SortedFunc(maps.Keys(tx.counts), counter.compare) {
		if i > 0 {
			text.WriteString(", ")
		}
		for j, sep := range []string{"($", ", $", ", $", ", $"} {
			text.WriteString(sep + strconv.Itoa(len(args)+j+1))
		}
		text.WriteString(")")
		args = append(args, c.appID, c.name, slot, tx.counts[c])
		if strings.HasPrefix(c.name, countLicenses) || strings.HasPrefix(c.name, countUsers) {
			tx.mark(c.appID, TopicCounters) // the others are not shown as numbers
		}
	}
	text.WriteString(counterSums)
	return wrap("store counters", tx.later(tx.ctx, text.String(), args...))
}
