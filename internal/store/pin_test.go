package store_test

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// modernc.org/sqlite is C translated for one version of modernc.org/libc; with
// another it may misbehave without a word.
func TestSQLiteHasTheLibcItWasMadeFor(t *testing.T) {
	var built, wanted string
	var sqlite struct{ GoMod string }
	goJSON(t, &sqlite, "list", "-m", "-json", "modernc.org/sqlite")
	var libc struct{ Version string }
	goJSON(t, &libc, "list", "-m", "-json", "modernc.org/libc")
	built = libc.Version
	var mod struct {
		Require []struct{ Path, Version string }
	}
	goJSON(t, &mod, "mod", "edit", "-json", sqlite.GoMod)
	for _, r := range mod.Require {
		if r.Path == "modernc.org/libc" {
			wanted = r.Version
		}
	}
	if built != wanted || wanted == "" {
		t.Errorf("this build uses modernc.org/libc %s, modernc.org/sqlite wants %q: run go get modernc.org/libc@%s", built, wanted, wanted)
	}
}

func goJSON(t *testing.T, into any, args ...string) {
	t.Helper()
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("go %v: %v", args, err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("go %v: %v", args, err)
	}
}
