package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Why a database cannot be served by this program.
var (
	ErrNewerSchema = errors.New("the database was migrated by a newer version of Latchkey; use that version or a backup made before")
	ErrOldSchema   = errors.New("the database has not been migrated to this version of Latchkey; run latchkey migrate")
	ErrOtherSchema = errors.New("the database was migrated with other files than this program's; it may come from a development version")
)

// migrationBackup begins the names of the copies that migrations make.
const migrationBackup = "before-migration-from-"

const qSchemaVersion = `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`

// Migrate brings the schema to this program's version, each step in its own
// transaction, so that a killed run is simply repeated. Several programs may
// call it at once. Before it changes a SQLite database that is in use it writes
// a verified copy into backupDir, readable by its owner only. A database of a
// newer version is [ErrNewerSchema], one made by other files of the same
// numbers [ErrOtherSchema].
func (db *DB) Migrate(ctx context.Context, backupDir string) error {
	for {
		current, target, err := db.versions(ctx)
		switch {
		case err != nil:
			return err
		case current > target:
			return ErrNewerSchema
		case current == target:
			return db.recordChecksums(ctx)
		}
		err = db.engine.migrate(ctx, current, backupDir)
		if err == nil {
			continue
		}
		// Another program may have been faster: go on if somebody got further.
		if now, _, verr := db.versions(ctx); verr != nil || now <= current {
			return wrap("migrate database", err)
		}
	}
}

// CheckSchema reports whether the schema is this program's: nil,
// [ErrNewerSchema], [ErrOldSchema] or [ErrOtherSchema].
func (db *DB) CheckSchema(ctx context.Context) error {
	current, target, err := db.versions(ctx)
	switch {
	case err != nil:
		return err
	case current > target:
		return ErrNewerSchema
	case current < target:
		return ErrOldSchema
	}
	return db.compareChecksums(ctx)
}

// versions returns the database's schema version, 0 for an empty one, and this
// program's. It changes nothing.
func (db *DB) versions(ctx context.Context) (current, target int64, err error) {
	if target, err = latest(db.engine.migrations()); err != nil {
		return 0, 0, err
	}
	q := db.engine.reader()
	var found int64
	if err := q.QueryRowContext(ctx, db.engine.versionTable()).Scan(&found); err != nil {
		return 0, 0, wrap("read schema version", err)
	}
	if found == 0 {
		return 0, target, nil
	}
	err = q.QueryRowContext(ctx, qSchemaVersion).Scan(&current)
	return current, target, wrap("read schema version", err)
}

// latest returns the number of the last migration file.
func latest(files fs.FS) (int64, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("find migrations: %w", errors.Join(err, fs.ErrNotExist))
	}
	number, _, _ := strings.Cut(names[len(names)-1], "_")
	return strconv.ParseInt(number, 10, 64)
}

func mustSub(files fs.FS, dir string) fs.FS {
	sub, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the folder's name is a constant
	}
	return sub
}

func (e *sqliteEngine) migrations() fs.FS { return mustSub(sqliteMigrations, "migrations/sqlite") }

func (e *sqliteEngine) versionTable() string {
	return `SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'goose_db_version'`
}

func (*sqliteEngine) sizeQuery() string {
	return `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
}

func (e *postgresEngine) versionTable() string {
	return `SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'goose_db_version'`
}

func (*postgresEngine) sizeQuery() string {
	return `SELECT pg_database_size(current_database())`
}

func (e *sqliteEngine) migrate(ctx context.Context, current int64, backupDir string) error {
	if current > 0 {
		if err := e.backup(ctx, backupDir, fmt.Sprintf(migrationBackup+"%05d", current)); err != nil {
			return fmt.Errorf("back up before migrating: %w", err)
		}
	}
	// A connection of its own: the writer's is in use. Another program that
	// migrates holds the lock for as long as it needs.
	pool, err := openFile(e.path, 1, "busy_timeout(600000)")
	if err != nil {
		return err
	}
	defer pool.Close()
	return up(ctx, goose.DialectSQLite3, pool, e.migrations())
}

func (e *postgresEngine) migrate(ctx context.Context, _ int64, _ string) error {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600))
	if err != nil {
		return fmt.Errorf("make advisory lock: %w", err)
	}
	// Without the statement timeout of served requests: a migration may take long.
	pool := stdlib.OpenDB(*e.config)
	defer pool.Close()
	return up(ctx, goose.DialectPostgres, pool, e.migrations(), goose.WithSessionLocker(locker))
}

func up(ctx context.Context, dialect goose.Dialect, pool *sql.DB, files fs.FS, options ...goose.ProviderOption) error {
	options = append(options, goose.WithDisableGlobalRegistry(true))
	provider, err := goose.NewProvider(dialect, pool, files, options...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	_, err = provider.Up(ctx)
	return err
}
