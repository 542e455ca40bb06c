package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// ImportCall is how an import is called.
type ImportCall struct {
	DryRun bool   // change nothing, only tell what would come of it
	Abort  bool   // import nothing if a row is refused
	Repeat string // the caller's own name for the call; "": none
	Asked  string // what else the caller said of how to read the file: part of what a repeated call has to repeat
}

// importOnce makes an import repeatable: a call that was made before is answered
// with the report of then.
type importOnce struct {
	service *Service
	action  string // in the audit log
	needs   latchkey.Permission
	appID   string
	call    ImportCall
	digest  func() []byte // of the file, once it has been read
	skip    func() error  // reads a row of it away
	run     func(ctx context.Context) (ImportReport, error)
	repeat  *store.Repeat // nil: the call cannot be repeated
}

// do imports, or finds that it was done.
func (o *importOnce) do(ctx context.Context) (ImportReport, error) {
	if o.call.Repeat == "" || o.call.DryRun {
		return o.run(ctx)
	}
	if err := checkRepeat(o.call.Repeat); err != nil {
		return ImportReport{}, err
	}
	o.repeat = &store.Repeat{Call: o.service.box.Lookup("repeat", ActorFrom(ctx).ID, o.call.Repeat)}
	if !o.service.calls.begin(o.repeat.Call) {
		return ImportReport{}, running(clearingTime)
	}
	defer o.service.calls.end(o.repeat.Call)
	var earlier store.Repeat
	var found bool
	err := o.service.read(ctx, o.needs, o.appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
		earlier, found, err = tx.Repeat(ctx, o.repeat.Call, o.service.now().Add(-repeatMemory))
		return err
	})
	if err != nil {
		return ImportReport{}, err
	}
	if !found {
		return o.run(ctx)
	}
	return o.again(&earlier)
}

// again returns the report of an earlier call, if this one asks for the same.
func (o *importOnce) again(earlier *store.Repeat) (report ImportReport, err error) {
	for err == nil {
		err = o.skip()
	}
	if !errors.Is(err, io.EOF) {
		return report, err
	}
	if !bytes.Equal(earlier.Asked, o.asked()) {
		return report, latchkey.Fail(latchkey.CodeRepeatDiffers)
	}
	report = newImportReport(false)
	if err := json.Unmarshal(earlier.Answer, &report); err != nil {
		return report, fmt.Errorf("read report: %w", err)
	}
	return report, nil
}

// asked is a hash of all that the call asks for.
func (o *importOnce) asked() []byte {
	return o.service.box.Lookup(o.action, o.appID, fmt.Sprint(o.call.Abort), o.call.Asked, string(o.digest()))
}

// keep stores the report, in the transaction that ends the import, for who asks
// again.
func (o *importOnce) keep(ctx context.Context, tx *store.Tx, report *ImportReport, now time.Time) (err error) {
	if o.repeat == nil {
		return nil
	}
	if o.repeat.Answer, err = json.Marshal(report); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	o.repeat.Asked, o.repeat.CreatedAt = o.asked(), now
	claimed, err := tx.ClaimRepeat(ctx, o.repeat, now.Add(-repeatMemory))
	if err != nil {
		return err
	}
	if !claimed { // on another server, at the same time
		return running(clearingTime)
	}
	return tx.AnswerRepeat(ctx, o.repeat)
}
