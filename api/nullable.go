package api

import (
	"encoding/json"
	"fmt"
)

// Nullable is a field of an edit in which null means something else than
// leaving the field out. Its zero value leaves the field out, if the field's
// JSON tag says omitzero.
type Nullable[T any] struct {
	Set   bool // the field is there
	Value *T   // nil: it is null
}

// Null is a field that is there and null.
func Null[T any]() Nullable[T] { return Nullable[T]{Set: true} }

// Value is a field that is there with a value.
func Value[T any](v T) Nullable[T] { return Nullable[T]{Set: true, Value: &v} }

// MarshalJSON writes the value or null.
func (n Nullable[T]) MarshalJSON() ([]byte, error) { return json.Marshal(n.Value) }

// UnmarshalJSON reads a value or null; either sets the field.
func (n *Nullable[T]) UnmarshalJSON(b []byte) error {
	n.Set, n.Value = true, nil
	if err := json.Unmarshal(b, &n.Value); err != nil {
		return fmt.Errorf("read value: %w", err)
	}
	return nil
}
