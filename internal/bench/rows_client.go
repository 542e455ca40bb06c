package bench

import "bytes"

// clientRows are the further functions of the compatible API, in version 1.3.
func clientRows() []row {
	early := func(t *target) bool { return t.early }
	all := []row{
		{name: "getvar", what: "a variable of the customer's own", next: anybody(func(t *target, w *worker, i int) {
			w.post(&t.fixture, "type", "getvar", "sessionid", t.sessions[i], "var", ownName)
		}), good: has(`"response":"` + ownValue + `"`)},
		{name: "checkblacklist", what: "is the caller on the blacklist, which is empty", next: anybody(func(t *target, w *worker, i int) {
			w.post(&t.fixture, "type", "checkblacklist", "sessionid", t.sessions[i], "hwid", device(i))
		}), good: func(r *response) bool { return refused(r) && bytes.Contains(r.body, []byte("is not blacklisted")) }},
		{name: "fetchStats", what: "the numbers of the application", next: anybody(func(t *target, w *worker, i int) {
			w.post(&t.fixture, "type", "fetchStats", "sessionid", t.sessions[i])
		}), good: has(`"numKeys":"`)},
		{name: "fetchOnline", what: "the names of 100 who are online", next: anybody(func(t *target, w *worker, i int) {
			w.post(&t.fixture, "type", "fetchOnline", "sessionid", t.sessions[i])
		}), good: has(`"users":[{"credential":"`)},
		{name: "chatget", what: "what was said in a channel, at most 100 messages", next: anybody(func(t *target, w *worker, i int) {
			w.post(&t.fixture, "type", "chatget", "sessionid", t.sessions[i], "channel", channel)
		}), good: has(`"message":"` + said + `"`)},
		{name: "file", what: "a file of 1 MiB, in hex and signed as a whole", next: anybody(func(t *target, w *worker, i int) {
			w.post(&t.fixture, "type", "file", "sessionid", t.sessions[i], "fileid", t.FileID)
		}), good: func(r *response) bool { return succeeded(r) && r.size > 2*fileSize }, sheds: true, most: 16, whole: 3 * fileSize},
		{name: "setvar", what: "sets a variable of the customer's own; after commit", next: anybody(setOwn), good: succeeded},
		{name: "log", what: "a line for the seller; after commit", next: anybody(func(t *target, w *worker, i int) {
			w.post(&t.fixture, "type", "log", "sessionid", t.sessions[i], "message", "started+with+the+usual+settings", "pcuser", "DESKTOP-1")
		}), good: succeeded},
		{name: "chatsend", what: "says something in a channel; after commit", next: anybody(say), good: succeeded},
	}
	hook := row{name: "webhook", what: "calls the floor for a program, and hands its answer on; four at once", next: anybody(func(t *target, w *worker, i int) {
		w.post(&t.fixture, "type", "webhook", "sessionid", t.sessions[i], "webid", t.webhook)
	}), good: has("hhhh"), sheds: true, most: 16}
	for i := range all {
		all[i].floor, all[i].signed, all[i].lacking = helloRow, true, early
	}
	hook.floor, hook.signed, hook.lacking = helloRow, true, noWebhook
	return append(all, hook)
}

func noWebhook(t *target) bool { return t.early || t.webhook == "" }

// anybody makes a call with the session of anybody who is signed in.
func anybody(call func(t *target, w *worker, session int)) func(*target, *worker) bool {
	return func(t *target, w *worker) bool {
		call(t, w, w.rng.IntN(len(t.sessions)))
		return true
	}
}

func setOwn(t *target, w *worker, i int) {
	w.post(&t.fixture, "type", "setvar", "sessionid", t.sessions[i], "var", ownName, "data", ownValue)
}

func say(t *target, w *worker, i int) {
	w.post(&t.fixture, "type", "chatsend", "sessionid", t.sessions[i], "channel", channel, "message", said)
}
