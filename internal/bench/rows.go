package bench

import (
	"fmt"
	"slices"
	"strconv"
)

// row is one thing that is measured.
type row struct {
	name  string
	what  string
	floor string // the row whose rate is its measure
	goal  string // at 64 clients on SQLite and two processors; "" if there is none
	next  func(t *target, w *worker) bool
	good  func(r *response) bool
	// signed answers are verified, one in verifyEvery.
	signed bool
	// sheds: the server may refuse when it is busy, which is counted.
	sheds bool
	// fresh: each request uses up a new session.
	fresh bool
	// tokens: each request uses up a new sign-in token as well.
	tokens bool
	// native: it is a call of the native protocol.
	native bool
	// whole is how much of an answer is kept, in bytes, to verify its signature; 0: as ever.
	whole int
	// most is the greatest number of clients that makes sense; 0: any.
	most int
	// beside is the row that besideClients more clients do at the same time.
	beside string
	// units is what one request makes; 0: 1.
	units int
	// pace is how many requests a second all clients together make; 0: as many as they can.
	pace int
	// lacking reports that a target cannot do it, as an older program may not;
	// nil: every one can.
	lacking func(t *target) bool
	// hidden rows only go beside others.
	hidden bool
}

const (
	helloRow      = "hello"
	argonRow      = "argon2id"
	besideClients = 32
	floodRow      = "wrong password"
	floodPace     = 200
)

// rows is the table of what is measured, in its order within a round: what
// changes the database most comes last.
func rows(create int) []row {
	return slices.Concat(readingRows(), nativeRows(), clientRows(), writingRows(create))
}

func readingRows() []row {
	return []row{
		{name: "check", what: "is the session still valid", floor: helloRow, goal: "0.85", next: check, good: succeeded, signed: true},
		{name: "var", what: "a variable of the application, for who has signed in", floor: helloRow, goal: "0.80", next: variable, good: succeeded, signed: true,
			lacking: func(t *target) bool { return t.noVariables }},
		{name: "init", what: "opens a session", floor: helloRow, goal: "0.85", next: open, good: succeeded, signed: true},
		{name: "license", what: "sign-in by a bound license and its device; after commit", floor: helloRow, goal: "0.30",
			next: license, good: succeeded, signed: true, fresh: true},
		{name: "login", what: "sign-in by name and password; after commit", floor: argonRow, goal: "0.85",
			next: login, good: succeeded, signed: true, fresh: true, sheds: true},
		{name: tokenRow, what: "sign-in by a token that the seller's page has made, good once; after commit", floor: helloRow,
			next: loginToken, good: succeeded, signed: true, fresh: true, tokens: true, lacking: func(t *target) bool { return t.noTokens }},
		{name: "list", what: "first page of licenses", floor: helloRow, goal: "50 ms", next: list(""), good: listed, most: 16},
		{name: "search key", what: "a license by its key", floor: helloRow, goal: "50 ms", next: searchKey, good: listed, most: 16},
		{name: "search note", what: "licenses by a part of their note", floor: helloRow, goal: "50 ms", next: searchNote, good: listed, most: 16},
		{name: "search none", what: "licenses by a note that none has", floor: helloRow, goal: "50 ms", next: list("?search=no-such-order"), good: listedNone, most: 16},
		{name: "search user", what: "licenses by a user's name", floor: helloRow, goal: "50 ms", next: searchUser, good: listed, most: 16},
		{name: "check beside login", what: "check while 32 more clients do login", floor: "check", goal: "0.60", next: check, good: succeeded, signed: true, beside: "login"},
		{name: floodRow, floor: argonRow, next: wrongPassword, good: refused, signed: true, fresh: true, sheds: true, pace: floodPace, hidden: true},
		{name: "check beside flood", what: "check while 200 wrong passwords a second come in, limits off", floor: "check", next: check, good: succeeded, signed: true, beside: floodRow},
		{name: "license beside flood", what: "license while 200 wrong passwords a second come in, limits off", floor: "license",
			next: license, good: succeeded, signed: true, fresh: true, beside: floodRow},
	}
}

func writingRows(create int) []row {
	return []row{
		{name: "register", what: "redemption by name and password; after commit", floor: argonRow,
			next: (*target).register, good: succeeded, signed: true, fresh: true, sheds: true},
		{name: "redeem", what: "redemption by a license alone and its first device; after commit", floor: helloRow,
			next: redeem, good: succeeded, signed: true, fresh: true},
		{name: "create", what: fmt.Sprintf("%d licenses in one call; after commit; licenses/s", create), floor: "", goal: "",
			next: createLicenses(create), good: created(create), most: 1, units: create},
		{name: "check beside create", what: "check while one more client does create", floor: "check", goal: "0.50", next: check, good: succeeded, signed: true, beside: "create"},
		{name: "license beside create", what: "license while one more client does create", floor: "license",
			next: license, good: succeeded, signed: true, fresh: true, beside: "create"},
	}
}

func check(t *target, w *worker) bool {
	w.post(&t.fixture, "type", "check", "sessionid", t.sessions[w.rng.IntN(len(t.sessions))])
	return true
}

func variable(t *target, w *worker) bool {
	w.post(&t.fixture, "type", "var", "sessionid", t.sessions[w.rng.IntN(len(t.sessions))], "varid", variableName)
	return true
}

func open(t *target, w *worker) bool {
	w.post(&t.fixture, "type", "init", "ver", "1.0")
	return true
}

func license(t *target, w *worker) bool {
	session, more := t.fresh.take()
	user := w.rng.IntN(len(t.Bound))
	w.post(&t.fixture, "type", "license", "sessionid", session, "key", t.Bound[user], "hwid", device(user))
	return more
}

func login(t *target, w *worker) bool {
	session, more := t.fresh.take()
	user := w.rng.IntN(t.Named)
	w.post(&t.fixture, "type", "login", "sessionid", session, "username", userName(user), "pass", password, "hwid", device(user))
	return more
}

func wrongPassword(t *target, w *worker) bool {
	session, more := t.fresh.take()
	user := w.rng.IntN(t.Named)
	w.post(&t.fixture, "type", "login", "sessionid", session, "username", userName(user), "pass", "not-the-password", "hwid", device(user))
	return more
}

func redeem(t *target, w *worker) bool {
	session, more := t.fresh.take()
	if !more {
		return false
	}
	key, more := t.unused.take()
	w.post(&t.fixture, "type", "license", "sessionid", session, "key", key, "hwid", device(0))
	return more
}

func list(query string) func(*target, *worker) bool {
	return func(t *target, w *worker) bool {
		w.get(&t.fixture, query)
		return true
	}
}

func searchKey(t *target, w *worker) bool {
	w.get(&t.fixture, "?search="+t.Bound[w.rng.IntN(len(t.Bound))])
	return true
}

func searchNote(t *target, w *worker) bool {
	w.get(&t.fixture, "?search="+note(w.rng.IntN((t.Licenses+batch-1)/batch)))
	return true
}

func searchUser(t *target, w *worker) bool {
	w.get(&t.fixture, "?search="+userName(w.rng.IntN(t.Named)))
	return true
}

func listedNone(r *response) bool { return r.status == 200 && !listed(r) }

func createLicenses(n int) func(*target, *worker) bool {
	return func(t *target, w *worker) bool {
		w.postJSON(&t.fixture, `{"amount":`+strconv.Itoa(n)+`,"duration":"30d","note":"made by the benchmark"}`)
		return true
	}
}

// created is the judge of a batch: it must be as long as n keys are.
func created(n int) func(*response) bool {
	const keyLength = 41
	return func(r *response) bool { return r.status == 201 && r.size > int64(n)*keyLength }
}
