package bench

import (
	"bytes"
	"strconv"
)

// post writes a call of the client API 1.3 into w.out: the common parameters
// and the pairs of names and values, which need no escaping.
func (w *worker) post(f *fixture, pairs ...string) {
	w.form = append(append(append(w.form[:0], "name="...), appName...), "&ownerid="...)
	w.form = append(w.form, f.OwnerID...)
	for i := 0; i < len(pairs); i += 2 {
		w.form = append(append(append(append(w.form, '&'), pairs[i]...), '='), pairs[i+1]...)
	}
	w.out = append(w.out[:0], "POST /api/1.3/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "...)
	w.out = strconv.AppendInt(w.out, int64(len(w.form)), 10)
	w.out = append(append(w.out, "\r\n\r\n"...), w.form...)
}

// get writes a call of the management API into w.out.
func (w *worker) get(f *fixture, query string) {
	w.out = append(append(append(append(append(append(w.out[:0], "GET "...), f.licensesPath()...), query...),
		" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "...), f.APIKey...), "\r\n\r\n"...)
}

// postJSON writes a call that makes licenses into w.out.
func (w *worker) postJSON(f *fixture, body string) { w.postTo(f, f.licensesPath(), body) }

// postTo writes a call with a body to the management API into w.out.
func (w *worker) postTo(f *fixture, path, body string) {
	w.out = append(append(append(append(append(w.out[:0], "POST "...), path...),
		" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer "...), f.APIKey...), "\r\nContent-Length: "...)
	w.out = strconv.AppendInt(w.out, int64(len(body)), 10)
	w.out = append(append(w.out, "\r\n\r\n"...), body...)
}

// succeeded is the judge of client API answers.
func succeeded(r *response) bool {
	return r.status == 200 && bytes.HasPrefix(r.body, []byte(`{"success":true`))
}

// refused is the judge of client API answers that have to be a no.
func refused(r *response) bool {
	return r.status == 200 && bytes.HasPrefix(r.body, []byte(`{"success":false`))
}

// busy reports whether an answer tells to come back later.
func busy(r *response) bool {
	return r.status == 503 || bytes.Contains(r.body, []byte(`"message":"The server is busy;`))
}

// listed is the judge of a page of licenses that is not empty.
func listed(r *response) bool {
	return r.status == 200 && bytes.Contains(r.body, []byte(`"licenses":[{`))
}

// sessionID reads the session out of the answer of init.
func sessionID(r *response) string {
	_, rest, _ := bytes.Cut(r.body, []byte(`"sessionid":"`))
	id, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(id)
}
