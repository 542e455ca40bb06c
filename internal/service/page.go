package service

// DefaultLimit and MaxLimit bound a page.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// Page asks for a part of a list. The zero Page is the first 50 items.
type Page struct {
	Limit  int    // 1 to 1,000; 0 means 50
	Cursor string // Next of the page before; opaque, authenticated, bound to the list, its app, sort and filters
}

// List is a page of items. Next is "" on the last page.
type List[T any] struct {
	Items []T
	Next  string
}

// Change is the outcome of a bulk action.
type Change struct {
	Matched int64 // how many the selection named
	Changed int64 // how many were changed
}
