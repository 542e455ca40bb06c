package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

func TestVariables(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		second := s.second()
		v := latchkey.Variable{ID: s.id(latchkey.KindVariable, 0), AppID: s.app, Name: "Motd €", Value: latchkey.Secret(strings.Repeat("x", 65_536)),
			Size: 65_536, NeedsSignIn: true, MinLevel: 7, CreatedAt: noon, UpdatedAt: noon}
		theirs := v
		theirs.AppID, theirs.ID = second.app, s.id(latchkey.KindVariable, 0)
		s.write(func(tx *store.Tx) error {
			return errors.Join(tx.InsertVariable(t.Context(), &v), tx.InsertVariable(t.Context(), &theirs))
		})

		same := v
		same.ID = s.id(latchkey.KindVariable, 0)
		stamp := s.db.VariableStamp(s.app, "news")
		s.write(func(tx *store.Tx) error {
			if err := tx.InsertVariable(t.Context(), &same); latchkey.CodeOf(err) != latchkey.CodeVariableExists {
				t.Errorf("a second one of the name: %v", err)
			}
			same.Name = "news" // the transaction goes on
			return tx.InsertVariable(t.Context(), &same)
		})
		if stamp.Current() {
			t.Error("a new variable does not raise the stamp of its name")
		}
		err := s.db.Write(t.Context(), func(tx *store.Tx) error {
			taken := same
			taken.Name = v.Name
			return tx.UpdateVariable(t.Context(), &taken, same.Name)
		})
		if latchkey.CodeOf(err) != latchkey.CodeVariableExists {
			t.Errorf("renamed to one that is there: %v", err)
		}

		s.read(func(tx *store.Tx) error {
			byID, err1 := tx.Variable(t.Context(), s.app, v.ID)
			byName, err2 := tx.VariableByName(t.Context(), s.app, v.Name)
			if diff := cmp.Diff([]latchkey.Variable{v, v}, []latchkey.Variable{byID, byName}, cmp.Comparer(sameSecret)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			n, err3 := tx.VariableCount(t.Context(), s.app)
			if n != 2 {
				t.Errorf("%d variables", n)
			}
			return errors.Join(err1, err2, err3)
		})
		was, now := s.db.VariableStamp(s.app, v.Name), s.db.VariableStamp(s.app, "renamed")
		v.Name, v.Value, v.Size, v.NeedsSignIn, v.MinLevel, v.UpdatedAt = "renamed", "", 0, false, 0, noon.Add(time.Minute)
		s.write(func(tx *store.Tx) error { return tx.UpdateVariable(t.Context(), &v, "Motd €") })
		if was.Current() || now.Current() {
			t.Error("a renamed variable does not raise the stamps of both names")
		}
		s.read(func(tx *store.Tx) error {
			got, err := tx.VariableByName(t.Context(), s.app, "renamed")
			if diff := cmp.Diff(v, got, cmp.Comparer(sameSecret)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			_, gone := tx.VariableByName(t.Context(), s.app, "Motd €")
			if latchkey.CodeOf(gone) != latchkey.CodeVariableNotFound {
				t.Errorf("by its old name: %v", gone)
			}
			_, err2 := tx.VariableByName(t.Context(), second.app, "Motd €")
			return errors.Join(err, err2)
		})
		s.write(func(tx *store.Tx) error { return tx.DeleteVariable(t.Context(), &v) })
		if n := len(column(t, s.db, `SELECT name FROM variables`)); n != 2 {
			t.Errorf("%d variables of both apps are left", n)
		}
	})
}

func sameSecret(a, b latchkey.Secret) bool { return a == b }

// A value that is moved to another row does not open there.
func TestVariablesOpenInTheirPlaceOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		user := s.user(1, "ann")
		s.register(user)
		ids := []string{s.id(latchkey.KindVariable, 0), s.id(latchkey.KindVariable, 0)}
		s.write(func(tx *store.Tx) error {
			for n, id := range ids {
				name := "abc"[n : n+1]
				v := latchkey.Variable{ID: id, AppID: s.app, Name: name, Value: "value"}
				own := latchkey.UserVariable{ID: id, AppID: s.app, UserID: user.ID, Name: name, Value: "value"}
				if err := errors.Join(tx.InsertVariable(t.Context(), &v), tx.InsertUserVariable(t.Context(), &own)); err != nil {
					return err
				}
			}
			for _, swap := range []string{
				`UPDATE variables SET value_sealed = (SELECT v.value_sealed FROM variables v WHERE v.name = 'b') WHERE name = 'a'`,
				`UPDATE user_variables SET value_sealed = (SELECT v.value_sealed FROM variables v WHERE v.name = 'a') WHERE name = 'a'`,
			} {
				if _, err := tx.Exec(t.Context(), swap); err != nil {
					return err
				}
			}
			return nil
		})
		s.read(func(tx *store.Tx) error {
			if _, err := tx.VariableByName(t.Context(), s.app, "a"); !errors.Is(err, secretbox.ErrSealed) {
				t.Errorf("another's value: %v", err)
			}
			if _, err := tx.UserVariableByName(t.Context(), s.app, user.ID, "a"); !errors.Is(err, secretbox.ErrSealed) {
				t.Errorf("another table's value: %v", err)
			}
			_, err := tx.UserVariableByName(t.Context(), s.app, user.ID, "b")
			return err
		})
	})
}

func TestUserVariables(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		ann, bob := s.user(1, "ann"), s.user(2, "bob")
		s.register(ann, bob)
		v := latchkey.UserVariable{ID: s.id(latchkey.KindVariable, 0), AppID: s.app, UserID: ann.ID, Name: "plan", Value: "gold", ReadOnly: true, CreatedAt: noon, UpdatedAt: noon}
		bobs := v
		bobs.ID, bobs.UserID = s.id(latchkey.KindVariable, 0), bob.ID
		s.write(func(tx *store.Tx) error {
			return errors.Join(tx.InsertUserVariable(t.Context(), &v), tx.InsertUserVariable(t.Context(), &bobs))
		})
		second := v
		second.ID = s.id(latchkey.KindVariable, 0)
		if err := s.db.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertUserVariable(t.Context(), &second) }); !store.IsUnique(err) {
			t.Errorf("two of one name: %v", err)
		}
		v.Value, v.ReadOnly, v.UpdatedAt = "", false, noon.Add(time.Minute)
		s.write(func(tx *store.Tx) error { return tx.UpdateUserVariable(t.Context(), &v) })
		s.read(func(tx *store.Tx) error {
			byID, err1 := tx.UserVariable(t.Context(), s.app, ann.ID, v.ID)
			byName, err2 := tx.UserVariableByName(t.Context(), s.app, ann.ID, "plan")
			list, err3 := tx.UserVariables(t.Context(), s.app, ann.ID, store.Keyset{Ascending: true, Limit: 10})
			if diff := cmp.Diff([][]latchkey.UserVariable{{v}, {v}, {v}}, [][]latchkey.UserVariable{{byID}, {byName}, list}, cmp.Comparer(sameSecret)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			_, foreign := tx.UserVariable(t.Context(), s.app, bob.ID, v.ID)
			if latchkey.CodeOf(foreign) != latchkey.CodeVariableNotFound {
				t.Errorf("another user's: %v", foreign)
			}
			return errors.Join(err1, err2, err3)
		})
		s.write(func(tx *store.Tx) error {
			return errors.Join(tx.DeleteUserVariable(t.Context(), s.app, ann.ID, v.ID), tx.DeleteUser(t.Context(), s.app, bob.ID))
		})
		if left := column(t, s.db, `SELECT name FROM user_variables`); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}
