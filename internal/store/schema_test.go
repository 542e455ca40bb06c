package store_test

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// What of a schema must be the same in both engines, one line each.
var schemaQueries = map[string]map[string]string{
	"sqlite": {
		"columns": `SELECT t.name || '.' || c.name || ' ' || c.type || CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN ' NOT NULL' ELSE '' END
			FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'`,
		"unique keys": `SELECT t.name || ' ' || (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY name))
			FROM sqlite_schema t JOIN pragma_index_list(t.name) i WHERE t.type = 'table' AND i."unique" = 1`,
		"indexes": `SELECT t.name || ' ' || i.name || ' ' || (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
			|| CASE WHEN i.partial THEN ' partial' ELSE '' END
			FROM sqlite_schema t JOIN pragma_index_list(t.name) i WHERE t.type = 'table' AND i.origin = 'c'`,
		"foreign keys": `SELECT t.name || ' ' || f."from" || ' ' || f."table" || '.' || f."to" || ' ' || f.on_delete
			FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'`,
	},
	"postgres": {
		"columns": `SELECT table_name || '.' || column_name || ' ' || CASE data_type WHEN 'text' THEN 'TEXT' WHEN 'bigint' THEN 'INTEGER'
			WHEN 'bytea' THEN 'BLOB' ELSE data_type END || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
			FROM information_schema.columns WHERE table_schema = 'public'`,
		"unique keys": `SELECT i.indrelid::regclass || ' ' || (SELECT string_agg(a.attname, ',' ORDER BY a.attname COLLATE "C")
			FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey))
			FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique`,
		"indexes": `SELECT i.indrelid::regclass || ' ' || i.indexrelid::regclass || ' ' || (SELECT string_agg(a.attname, ',' ORDER BY k.n)
			FROM unnest(i.indkey) WITH ORDINALITY k (attnum, n) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum)
			|| CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
			FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace
			AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u'))`,
		"foreign keys": `SELECT o.conrelid::regclass || ' ' || a.attname || ' ' || o.confrelid::regclass || '.' || b.attname
			|| CASE o.confdeltype WHEN 'c' THEN ' CASCADE' ELSE ' NO ACTION' END
			FROM pg_constraint o, unnest(o.conkey, o.confkey) k (mine, other), pg_attribute a, pg_attribute b
			WHERE o.contype = 'f' AND o.connamespace = 'public'::regnamespace
			AND a.attrelid = o.conrelid AND a.attnum = k.mine AND b.attrelid = o.confrelid AND b.attnum = k.other`,
	},
}

func TestSchemasAgree(t *testing.T) {
	got := map[string]map[string][]string{}
	for _, db := range []*store.DB{storetest.SQLite(t), storetest.Postgres(t)} {
		engine := db.Engine()
		got[engine] = map[string][]string{"checks": checks(t, db)}
		for what, query := range schemaQueries[engine] {
			lines := column(t, db, query)
			lines = slices.DeleteFunc(lines, func(l string) bool {
				// What is named search_ is how each engine finds text; see search.go.
				return strings.HasPrefix(l, "goose_") || strings.HasPrefix(l, "sqlite_") || strings.HasPrefix(l, "search_") || strings.Contains(l, " search_")
			})
			slices.Sort(lines)
			if len(lines) == 0 {
				t.Errorf("%s: no %s found", engine, what)
			}
			got[engine][what] = lines
		}
	}
	if diff := cmp.Diff(got["sqlite"], got["postgres"]); diff != "" {
		t.Errorf("sqlite - and postgres + differ:\n%s", diff)
	}
}

// checks returns the CHECKs as the migrations write them.
func checks(t *testing.T, db *store.DB) []string {
	t.Helper()
	return regexp.MustCompile(`CHECK \(.*`).FindAllString(db.MigrationText(), -1)
}

// column returns the rows of a query for one text column.
func column(t *testing.T, db *store.DB, query string) (out []string) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(t.Context(), query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s sql.NullString
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s.String)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func TestTextSortsByBytes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		db := open(t)
		for _, name := range []string{"b", "B", "a", "_", "1", "é", "Z"} {
			put(t, db, name, "x")
		}
		got := column(t, db, `SELECT name FROM meta WHERE name NOT LIKE 'migration.%' ORDER BY name`)
		if want := "1 B Z _ a b é"; strings.Join(got, " ") != want {
			t.Errorf("%s, want %s", fmt.Sprint(got), want)
		}
	})
}
