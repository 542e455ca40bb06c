package clientapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestLog(t *testing.T) {
	w := newWorld(t)
	started := w.start()
	w.refused(client.PathLog, client.Log{Session: started, Message: ""}, latchkey.CodeInvalid)
	w.refused(client.PathLog, client.Log{Session: started, Message: " \n "}, latchkey.CodeInvalid)
	w.refused(client.PathLog, client.Log{Session: started, Message: strings.Repeat("é", 1025)}, latchkey.CodeInvalid)
	w.refused(client.PathLog, client.Log{Session: started, Message: "x", DeviceName: strings.Repeat("é", 101)}, latchkey.CodeInvalid)
	w.twice(w.newRequest(client.PathLog, client.Log{Session: started, Message: strings.Repeat("é", 1024), DeviceName: "ADA-PC"}), "{}")
	w.Clock.Advance(time.Second)
	ada := w.registered("ada")
	w.twice(w.newRequest(client.PathLog, client.Log{Session: ada.Session, Message: "signed in"}), "{}")
	list, err := w.Service.ListLogs(w.Ctx(), w.app.ID, service.LogFilter{Sort: "created"})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 2 || list.Items[0].Device != "ADA-PC" || list.Items[1].Username != "ada" {
		t.Errorf("%d lines are kept", len(list.Items))
	}
}
