package service

import (
	"context"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// admitToken judges the token of a program that starts, and returns its id if
// it is to be bound to the program's file. Errors: token.required,
// token.hash_required, token.invalid, token.blacklisted, token.hash_mismatch.
func (s *Service) admitToken(ctx context.Context, appID string, in *ClientInit) (unbound string, err error) {
	if in.Token == "" {
		return "", latchkey.Fail(latchkey.CodeTokenRequired)
	}
	if in.TokenHash == "" {
		return "", latchkey.Fail(latchkey.CodeTokenHashRequired)
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		t, err := tx.TokenByValue(ctx, appID, in.Token, in.TokenHash)
		if err != nil {
			return err
		}
		if !t.IsBound() {
			unbound = t.ID
		}
		return t.Admit(t.SameFile)
	})
	return unbound, err
}

// firstSeen stores what a program brings that is the first of its kind: the
// file that its token is bound to, and the hash that the app is to allow. Of
// programs that come at once exactly one is the first; the others are judged by
// what it has brought. Errors: those of admitToken, app.hash_mismatch.
func (s *Service) firstSeen(ctx context.Context, appID, token string, in *ClientInit, learns bool) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		if learns {
			if err := learnHash(ctx, tx, appID, in.Hash, now); err != nil {
				return err
			}
		}
		if token == "" {
			return nil
		}
		bound, err := tx.BindToken(ctx, appID, token, in.TokenHash, now)
		if err != nil {
			return err
		}
		if bound {
			audit(ctx, tx, now, appID, "token.bind", token, nil)
			return nil
		}
		t, err := tx.TokenByValue(ctx, appID, in.Token, in.TokenHash)
		if err != nil {
			return err
		}
		if err := t.Admit(t.SameFile); err != nil || t.SameFile {
			return err
		}
		return latchkey.Fail(latchkey.CodeBusy) // it was reset between the two statements
	})
}

// learnHash makes a file hash the one that the app allows, unless another one
// came before it.
func learnHash(ctx context.Context, tx *store.Tx, appID, hash string, now time.Time) error {
	app, err := tx.LockApp(ctx, appID)
	if err != nil {
		return err
	}
	if !app.Settings.LearnsHash(hash) {
		return app.Settings.CheckProgram("", hash)
	}
	app.Settings.Hashes = []string{strings.ToLower(hash)}
	app.UpdatedAt = now
	audit(ctx, tx, now, appID, "app.learn_hash", appID, map[string]any{"hash": app.Settings.Hashes[0]})
	return tx.UpdateApp(ctx, &app)
}
