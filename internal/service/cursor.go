package service

import (
	"encoding/json"
	"fmt"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// keyset turns a page into the store's terms. list names what is listed, with
// everything that shapes it (app, sort, filters): a cursor is sealed for
// exactly that list and refused for any other with request.cursor_invalid.
func (s *Service) keyset(p Page, ascending bool, list ...any) (store.Keyset, error) {
	k := store.Keyset{Ascending: ascending, Limit: p.Limit}
	if k.Limit == 0 {
		k.Limit = DefaultLimit
	}
	if k.Limit < 1 || k.Limit > MaxLimit {
		return k, latchkey.Invalid("limit", "A page has 1 to 1,000 items.")
	}
	// One more than asked for tells whether there is a next page.
	k.Limit++
	if p.Cursor == "" {
		return k, nil
	}
	binding, err := cursorBinding(ascending, list)
	if err != nil {
		return k, err
	}
	after, err := s.box.OpenToken(p.Cursor, "cursor", binding)
	if err != nil {
		return k, latchkey.Fail(latchkey.CodeCursorInvalid)
	}
	k.After = string(after)
	return k, nil
}

func cursorBinding(ascending bool, list []any) (string, error) {
	b, err := json.Marshal(append([]any{ascending}, list...))
	if err != nil {
		return "", fmt.Errorf("bind cursor: %w", err)
	}
	return string(b), nil
}

// page cuts the extra item off and makes the next page's cursor.
func page[T any](s *Service, items []T, k store.Keyset, id func(*T) string, list ...any) (List[T], error) {
	if len(items) < k.Limit {
		return List[T]{Items: items}, nil
	}
	items = items[:k.Limit-1]
	next, err := s.cursor(k, id(&items[len(items)-1]), list...)
	if err != nil {
		return List[T]{}, err
	}
	return List[T]{Items: items, Next: next}, nil
}

// cursor is what goes on with a list after an id.
func (s *Service) cursor(k store.Keyset, after string, list ...any) (string, error) {
	binding, err := cursorBinding(k.Ascending, list)
	if err != nil {
		return "", err
	}
	next, err := s.box.SealToken([]byte(after), "cursor", binding)
	if err != nil {
		return "", fmt.Errorf("make cursor: %w", err)
	}
	return next, nil
}

// ascending reads a sort parameter: "-created" (newest first, the default) or
// "created".
func ascending(sort string) (bool, error) {
	switch sort {
	case "", "-created":
		return false, nil
	case "created":
		return true, nil
	}
	return false, latchkey.Invalid("sort", "Sort by created or -created.")
}
