package outbox

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/mail"
)

func TestWhatAMailServerSays(t *testing.T) {
	for _, c := range []struct {
		err  error
		want latchkey.DeliveryResult
	}{
		{nil, latchkey.DeliveryResult{}},
		{&mail.Error{Code: mail.CodeRefused, Status: 550}, latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "mail.refused 550"}},
		{&mail.Error{Code: mail.CodeRecipient}, latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "mail.recipient"}},
		{&mail.Error{Code: mail.CodeMessage}, latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "mail.message"}},
		{&mail.Error{Code: mail.CodeDeferred, Status: 451}, latchkey.DeliveryResult{Outcome: latchkey.DeliveryPutOff, Error: "mail.deferred 451"}},
		{&mail.Error{Code: mail.CodeCanceled}, latchkey.DeliveryResult{Outcome: latchkey.DeliveryPutOff, Error: "mail.canceled"}},
		{&mail.Error{Code: mail.CodeUnreachable}, latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "mail.unreachable"}},
		{&mail.Error{Code: mail.CodeTimeout}, latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "mail.timeout"}},
		{&mail.Error{Code: mail.CodeTLS}, latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "mail.tls"}},
		{&mail.Error{Code: mail.CodeSignIn, Status: 535}, latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "mail.sign_in 535"}},
		{errors.New("something else"), latchkey.DeliveryResult{Outcome: latchkey.DeliveryPutOff, Error: "internal"}},
	} {
		if diff := cmp.Diff(c.want, mailResult(c.err)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.err, diff)
		}
	}
}

func TestMail_waits_where_none_is_set_up(t *testing.T) {
	got := Mail(nil)(t.Context(), &latchkey.Delivery{})
	if want := (latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "mail.not_configured"}); got != want {
		t.Errorf("%+v", got)
	}
}
