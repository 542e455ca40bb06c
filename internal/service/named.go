package service

import (
	"cmp"
	"slices"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// NamedFilter narrows, orders and pages a list of things that have names.
type NamedFilter struct {
	Search string // text of the name, in any case of letters; "" leaves all
	Sort   string // created, -created, name or -name, as far as the list has it; "" is its usual order
	Page
}

// named turns a filter into the store's terms, and returns what its cursors are
// bound to. sorts are the orders that the list has, its usual one first.
func (s *Service) named(f NamedFilter, sorts []string, list, appID string) (q store.NamedQuery, binding []any, err error) {
	if err := checkSearch(f.Search); err != nil {
		return q, nil, err
	}
	sort := cmp.Or(f.Sort, sorts[0])
	if !slices.Contains(sorts, sort) {
		return q, nil, latchkey.Invalid("sort", "Sort by one of "+strings.Join(sorts, ", ")+".")
	}
	by, down := strings.CutPrefix(sort, "-")
	q.Search, q.ByName = f.Search, by == "name"
	binding = []any{list, appID, f.Search, by}
	q.Keyset, err = s.keyset(f.Page, !down, binding...)
	return q, binding, err
}
