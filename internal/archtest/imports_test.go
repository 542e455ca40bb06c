package archtest

import (
	"slices"
	"strings"
	"testing"
)

// storeys are the packages from the ground up. A package imports only packages
// of lower storeys, so those of one storey never import each other. A new
// package gets a place here first; docs and reasons are in ARCHITECTURE.md.
func storeys() [][]string {
	return [][]string{
		{"api", "api/client", "internal/latchkey", "internal/secretbox", "internal/sign", "internal/totp"}, // floor 0
		{"internal/blob", "internal/egress", "internal/geoip", "internal/leaked", "internal/listfile", "internal/logs", "internal/mail", "internal/metrics", "internal/password", "internal/pgtest", "internal/blob/s3/s3test", "internal/ratelimit", "internal/store", "internal/tracing"}, // floor 1
		{"internal/blob/blobtest", "internal/blob/s3"},
		{"internal/egress/egresstest", "internal/store/storetest"},
		{"internal/geoip/geoiptest", "internal/store/storetest"},
		{"internal/service"}, // floor 2
		{"internal/service/servicetest"},
		{"internal/web"}, // floor 3
		{"internal/clientapi", "internal/dashboard", "internal/legacyapi", "internal/manageapi", "internal/outbox", "internal/panel", "internal/panelapi", "internal/sweep"},
		{"internal/server"},                          // floor 4
		{"internal/bench", "internal/cli", "sdk/go"}, // floor 5
		{"latchkeytest"},
		{"cmd/latchkey", "cmd/latchkey-bench", "examples/console", "internal/archtest", "internal/e2e"},
	}
}

func storeyOf(path string) int {
	return slices.IndexFunc(storeys(), func(s []string) bool { return slices.Contains(s, path) })
}

func TestImports_go_down_only(t *testing.T) {
	for _, p := range packages(t) {
		t.Run(p.path(), func(t *testing.T) {
			own := storeyOf(p.path())
			if own < 0 {
				t.Fatal("this package has no storey; give it one in storeys")
			}
			for _, imported := range p.Imports {
				if !ours(imported) {
					continue
				}
				if s := storeyOf(within(imported)); s < 0 || s >= own {
					t.Errorf("imports %s, which is not below it", within(imported))
				}
			}
		})
	}
}

func TestImports_adapters_do_not_know_each_other(t *testing.T) {
	adapters := []string{"internal/panel", "internal/clientapi", "internal/dashboard", "internal/legacyapi", "internal/manageapi", "internal/panelapi"}
	for _, p := range packages(t) {
		if !slices.Contains(adapters, p.path()) {
			continue
		}
		for _, imported := range p.allImports() {
			if other := within(imported); other != p.path() && slices.Contains(adapters, other) {
				t.Errorf("%s imports %s, also if only in a test", p.path(), other)
			}
		}
	}
}

// TestImports_have_one_room says who may import what costs freedom: the
// database, and code that is made for tests.
func TestImports_have_one_room(t *testing.T) {
	for _, rule := range []struct {
		what      string
		imported  func(string) bool
		rooms     []string
		alsoTests bool // whether the rule binds test files too
	}{
		{"SQL and its drivers", func(i string) bool {
			return i == "database/sql" || strings.HasPrefix(i, "database/sql/") || strings.HasPrefix(i, "github.com/jackc/pgx/") ||
				strings.HasPrefix(i, "modernc.org/sqlite") || strings.HasPrefix(i, "github.com/pressly/goose/")
		}, []string{"internal/store", "internal/store/storetest", "internal/pgtest"}, true},
		{"what is made for tests", func(i string) bool {
			return slices.Contains([]string{"internal/blob/blobtest", "internal/blob/s3/s3test", "internal/egress/egresstest", "internal/geoip/geoiptest", "internal/pgtest", "internal/store/storetest", "internal/service/servicetest"}, within(i)) ||
				i == "testing" || strings.HasPrefix(i, "testing/") || strings.HasPrefix(i, "github.com/google/go-cmp/") ||
				strings.HasPrefix(i, "github.com/rogpeppe/go-internal/")
		}, []string{"internal/bench", "internal/blob/blobtest", "internal/blob/s3/s3test", "internal/egress/egresstest", "internal/geoip/geoiptest", "internal/pgtest", "internal/store/storetest", "internal/service/servicetest", "latchkeytest"}, false},
		{"the framework of the management API", func(i string) bool {
			return strings.HasPrefix(i, "github.com/danielgtaylor/huma/")
		}, []string{"internal/manageapi"}, true},
		{"the library of the metrics", func(i string) bool {
			return strings.HasPrefix(i, "github.com/prometheus/")
		}, []string{"internal/metrics"}, true},
		{"the library of the traces", func(i string) bool {
			return strings.HasPrefix(i, "go.opentelemetry.io/otel")
		}, []string{"internal/tracing"}, true},
		{"the library of S3's signatures", func(i string) bool {
			return strings.HasPrefix(i, "github.com/minio/")
		}, []string{"internal/blob/s3"}, true},
		{"the library of one-time codes", func(i string) bool {
			return strings.HasPrefix(i, "github.com/pquerna/otp")
		}, []string{"internal/totp"}, true},
		{"unsafe code and C", func(i string) bool { return i == "unsafe" || i == "C" }, nil, true},
	} {
		t.Run(rule.what, func(t *testing.T) {
			for _, p := range packages(t) {
				imports := p.Imports
				if rule.alsoTests {
					imports = p.allImports()
				}
				for _, i := range imports {
					if rule.imported(i) && !slices.Contains(rule.rooms, p.path()) {
						t.Errorf("%s imports %s", p.path(), i)
					}
				}
			}
		})
	}
}

// TestImports_of_light_packages keeps what strangers import, and the domain,
// free of dependencies.
func TestImports_of_light_packages(t *testing.T) {
	allowed := map[string][]string{ // beside the standard library
		"api":               nil,
		"api/client":        nil,
		"sdk/go":            {module + "/api/client"},
		"internal/latchkey": {"golang.org/x/text/"},
	}
	forbidden := []string{"context", "database/sql", "log", "net", "net/http", "os", "crypto/rand", "math/rand", "math/rand/v2"}
	for _, p := range packages(t) {
		beside, light := allowed[p.path()]
		if !light {
			continue
		}
		for _, i := range p.Imports {
			if !standard(i) && !slices.ContainsFunc(beside, func(prefix string) bool { return strings.HasPrefix(i, prefix) }) {
				t.Errorf("%s imports %s", p.path(), i)
			}
			if p.path() == "internal/latchkey" && slices.Contains(forbidden, i) {
				t.Errorf("the domain imports %s", i)
			}
		}
	}
}

func TestImports_no_vague_names(t *testing.T) {
	for _, p := range packages(t) {
		for _, part := range strings.Split(p.path(), "/") {
			if slices.Contains([]string{"util", "utils", "helper", "helpers", "manager", "common", "misc", "base", "shared"}, part) {
				t.Errorf("%s: name it after what it holds", p.path())
			}
		}
	}
}
