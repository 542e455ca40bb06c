package service

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Precondition is what a caller expects of the thing that a use case changes.
type Precondition struct {
	Any  bool     // it exists
	Tags []string // or [Service.Tag] of it is one of these
}

// Tagged is something that can have been changed since somebody looked at it.
type Tagged interface {
	// tagged is what edits change, without what follows from the clock or from
	// what customers do all day: a sign-in does not spoil an edit.
	tagged() any
}

// expectation is a precondition on its way through a use case.
type expectation struct {
	Precondition
	judged bool // in the transaction that runs now
}

type expectationKey struct{}

// errNotJudged reports a use case that would have ignored its precondition.
var errNotJudged = errors.New("service: the precondition of this call was not judged")

// WithPrecondition returns a context in which a use case changes its thing only
// if that is as expected, and otherwise answers request.precondition_failed.
// Of one thing only: use cases of many, and those that make something, fail.
func WithPrecondition(ctx context.Context, p Precondition) context.Context {
	return context.WithValue(ctx, expectationKey{}, &expectation{Precondition: p})
}

// Tag is a short text that is another one whenever what can be edited of v is.
func (s *Service) Tag(v Tagged) (string, error) {
	text, err := json.Marshal(v.tagged())
	if err != nil {
		return "", fmt.Errorf("write down state: %w", err)
	}
	// Keyed: the state holds what its readers must not guess at.
	return hex.EncodeToString(s.box.Lookup("tag", fmt.Sprintf("%T", v), string(text))[:tagBytes]), nil
}

// tagBytes is long enough that two states never share a tag by chance.
const tagBytes = 10

// expected judges the precondition of a call, if it has one, by the thing as it
// is in the transaction that changes it, locked.
func (s *Service) expected(ctx context.Context, thing func() (Tagged, error)) error {
	e, ok := ctx.Value(expectationKey{}).(*expectation)
	if !ok {
		return nil
	}
	e.judged = true
	if e.Any {
		return nil
	}
	v, err := thing()
	if err != nil {
		return err
	}
	tag, err := s.Tag(v)
	if err != nil {
		return err
	}
	if !slices.Contains(e.Tags, tag) {
		return latchkey.Fail(latchkey.CodePrecondition)
	}
	return nil
}

// write runs a transaction of a use case of the management API: it keeps what
// the caller asks beside the substance of the call, or nothing is changed.
func (s *Service) write(ctx context.Context, body func(tx *store.Tx) error) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		e, _ := ctx.Value(expectationKey{}).(*expectation)
		if e != nil {
			e.judged = false
		}
		r, _ := ctx.Value(repetitionKey{}).(*repetition)
		if r != nil {
			if err := r.claim(ctx, tx, s.now()); err != nil {
				return err
			}
		}
		if err := body(tx); err != nil {
			return err
		}
		if e != nil && !e.judged {
			return errNotJudged
		}
		if r != nil {
			return r.keep(ctx, tx)
		}
		return nil
	})
}
