package service_test

import (
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestServerStatus(t *testing.T) {
	tell(t, []story{
		{"it tells an administrator what there is", func(s *scene) {
			st, err := s.Service.ServerStatus(s.Ctx())
			s.must(err)
			if st.Engine != s.DB.Engine() || st.DatabaseBytes <= 0 || st.Apps < 1 || st.Accounts < 1 || st.PasswordSlots < 1 || !st.Locations {
				s.Errorf("%+v", st)
			}
		}},
		{"it is for no one else", func(s *scene) {
			_, err := s.Service.ServerStatus(outside())
			s.refused(err, latchkey.CodeAuthRequired)
			_, err = s.Service.ServerStatus(s.machine(service.NewAPIKey{Name: "till", Permissions: []latchkey.Permission{latchkey.PermAppsRead}}))
			s.refused(err, latchkey.CodeForbidden)
		}},
	})
}
