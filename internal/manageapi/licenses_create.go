package manageapi

import (
	"context"
	"net/http"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// maxListed is how many licenses are answered as one JSON value.
const maxListed = 1000

type createLicensesInput struct {
	AppPath
	Accept string `header:"Accept" doc:"application/x-ndjson asks for a stream of lines: progress while the batch is made, one license a line, and a last line that says done. More than 1,000 licenses always come so."`
	Repeat string `header:"Idempotency-Key" maxLength:"255" doc:"A name of your choice for this request. The same request made again within seven days answers with the same licenses and makes none."`
	Body   api.CreateLicenses
}

func (s *surface) createLicenses(ctx context.Context, in *createLicensesInput) (writer, error) {
	d, err := latchkey.ParseDuration(in.Body.Duration)
	if err != nil {
		return nil, err
	}
	asked := service.NewLicenses{
		Amount: valueOr(in.Body.Amount, 1), Mask: in.Body.Mask, Charset: charset(in.Body.Lowercase, in.Body.Uppercase),
		Level: valueOr(in.Body.Level, 1), Duration: d, Note: in.Body.Note, CustomKey: in.Body.CustomKey, Repeat: in.Repeat}
	if asked.Amount > maxListed || in.Accept == linesType {
		return s.streamLicenses(in.App, asked), nil
	}
	if in.Repeat != "" {
		return s.repeatLicenses(ctx, in.App, asked)
	}
	list, err := s.svc.CreateLicenses(ctx, in.App, asked)
	if err != nil {
		return nil, err
	}
	return value(http.StatusCreated, api.LicensesCreated{Licenses: each(list, license)}), nil
}

// repeatLicenses makes a small batch that can be asked for again, and says
// whether it has been.
func (s *surface) repeatLicenses(ctx context.Context, appID string, asked service.NewLicenses) (writer, error) {
	batch, err := s.svc.CreateLicenseBatch(ctx, appID, asked, nil)
	if err != nil {
		return nil, err
	}
	out := api.LicensesCreated{Licenses: []api.License{}}
	err = s.svc.EachOfBatch(ctx, appID, batch, func(list []latchkey.License) error {
		out.Licenses = append(out.Licenses, each(list, license)...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, r *http.Request) {
		sayReplayed(w.Header(), batch.Replayed)
		value(http.StatusCreated, out)(w, r)
	}, nil
}

// streamLicenses makes a batch of any size and sends it a license a line.
func (s *surface) streamLicenses(appID string, asked service.NewLicenses) writer {
	return func(w http.ResponseWriter, r *http.Request) {
		out := s.stream(w, r, http.StatusCreated, linesType)
		batch, err := s.svc.CreateLicenseBatch(r.Context(), appID, asked, out.progress(asked.Amount))
		if err != nil {
			out.end(0, err)
			return
		}
		sayReplayed(w.Header(), batch.Replayed)
		var count int64
		err = s.svc.EachOfBatch(r.Context(), appID, batch, func(list []latchkey.License) error {
			for i := range list {
				if err := out.line(license(&list[i])); err != nil {
					return err
				}
			}
			count += int64(len(list))
			return out.flush()
		})
		out.end(count, err)
	}
}
