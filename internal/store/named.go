package store

// NamedQuery narrows and orders a list of things that have names: those whose
// name contains Search in any case of letters, by id, which is the order of
// creation, or by name, where no two of an app have the same. The After of a
// keyset by name is a name.
//
// A search looks at every name of an app in the order of the list: an app has
// few of them, up to some hundreds.
type NamedQuery struct {
	Search string
	ByName bool
	Keyset
}

// Place is where a thing stands in the list: the After of the page behind it.
func (q *NamedQuery) Place(id, name string) string {
	if q.ByName {
		return name
	}
	return id
}

// page returns the whole query for one page. folded is the column of the names
// without regard to the case of letters.
func (q *NamedQuery) page(appID, selection, folded string) (string, []any) {
	w := newWhere("app_id = ?", appID)
	if q.Search != "" {
		w.add(folded+` LIKE ? ESCAPE '\'`, contains(foldNote(q.Search)))
	}
	return w.page(selection, q.Place("id", "name"), q.Keyset)
}
