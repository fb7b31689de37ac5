package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"deltatrace/traceability"
)

// The oldest servers that the read model is kept on: older ones get no more
// corrections from their makers.
const (
	oldestPostgres  = 14
	oldestCockroach = 23
)

// connectTimeout is how long to wait for a server whose URL does not say.
const connectTimeout = 10 * time.Second

// postgresURL is how the database is named.
const postgresURL = "postgresql://user:password@host:5432/database"

// postgresSettings are those of every session. As with SQLite, the last
// transactions may be lost when the server fails, never consistency: the cursor
// goes with their rows, and the projector brings them again.
//
// Every question is answered through an index, whose order is the order asked for
// (TestPostgresPlans holds it), so the planner need not consider anything else; it
// would while the tables grow faster than its statistics, and read all of a
// party's events to sort them for a page of a hundred. Nor does a plan depend on
// the values: to plan each of the 50 questions of a long chain took six times as
// long as to answer them.
const postgresSettings = `SET synchronous_commit = off; SET jit = off; SET plan_cache_mode = force_generic_plan;
	SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_sort = off`

// cockroachSettings keep a migration in its transaction: newer versions would
// commit before each change of the schema.
const cockroachSettings = `SET autocommit_before_ddl = off`

// openPostgres connects to the server, and checks that it is one to work with. It
// works in the schema, or in the user's own when that is empty.
func openPostgres(ctx context.Context, url, schema string) (*postgresEngine, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// Its text has the URL between backquotes, which may have the password.
		scheme, _, _ := strings.Cut(url, "://")
		why := err.Error()[strings.LastIndex(err.Error(), "`")+1:]
		return nil, withCause(traceability.Invalid("db", scheme+"://…", postgresURL), errors.New(strings.TrimPrefix(why, ": ")))
	}
	to := &config.ConnConfig.Config
	to.ConnectTimeout = cmp.Or(to.ConnectTimeout, connectTimeout)
	if to.RuntimeParams["application_name"] == "" {
		to.RuntimeParams["application_name"] = "deltatrace"
	}
	if schema != "" {
		to.RuntimeParams["search_path"] = schema
	}
	config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		cockroach, err := checkServer(c.PgConn().ParameterStatus)
		if err != nil {
			return err
		}
		if !cockroach {
			_, err = c.Exec(ctx, postgresSettings)
		} else if _, err = c.Exec(ctx, cockroachSettings); codeOf(err) == unknownSetting {
			err = nil // an older version, which needs it not
		}
		if err != nil {
			return fmt.Errorf("settings: %w", err)
		}
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open read model: %w", err)
	}
	c, err := pool.Acquire(ctx)
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("open read model: %w", explain(err, to))
	}
	defer c.Release()
	cockroach := c.Conn().PgConn().ParameterStatus(cockroachVersion) != ""
	return &postgresEngine{pool: pool, cockroach: cockroach}, nil
}

// cockroachVersion is what only CockroachDB says of itself.
const cockroachVersion = "crdb_version"

// checkServer reads which server it is from what that said of itself.
func checkServer(status func(string) string) (cockroach bool, err error) {
	name, version, oldest := "PostgreSQL", status("server_version"), oldestPostgres
	if is := status(cockroachVersion); is != "" { // CockroachDB CCL v25.2.1 (…)
		_, version, _ = strings.Cut(is, " v")
		name, oldest, cockroach = "CockroachDB", oldestCockroach, true
	}
	major := version // 15.18 (Debian …), 18beta1
	if end := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		major = version[:end]
	}
	if n, err := strconv.Atoi(major); err != nil || n < oldest {
		return cockroach, traceability.Invalid("db", name+" "+version, fmt.Sprintf("%s %d or newer", name, oldest))
	}
	return cockroach, nil
}

// Codes of what a connection fails with.
const (
	wrongPassword  = "28P01"
	wrongUser      = "28000"
	noDatabase     = "3D000"
	unknownSetting = "42704"
)

// explain says what to do about a connection that could not be made. The errors
// of the driver have user, host and database in them, and not the password.
func explain(err error, to *pgconn.Config) error {
	switch code := codeOf(err); code {
	case wrongPassword, wrongUser:
		return withCause(traceability.NewError(traceability.CodeInvalid, "db",
			fmt.Sprintf("数据库服务器拒绝用户“%s”登录，请检查 --db 中的用户名和密码", to.User),
			fmt.Sprintf("the database server refuses user %q: check user and password in --db", to.User)), err)
	case noDatabase:
		return withCause(traceability.NewError(traceability.CodeInvalid, "db",
			fmt.Sprintf("数据库“%s”不存在，请先创建：createdb %s", to.Database, to.Database),
			fmt.Sprintf("the database %q does not exist; make it first: createdb %s", to.Database, to.Database)), err)
	case "":
		return err
	default:
		return fmt.Errorf("%s: %w", code, err)
	}
}

// codeOf returns the server's code of an error, or nothing.
func codeOf(err error) string {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return server.Code
	}
	return ""
}

func withCause(e *traceability.Error, cause error) *traceability.Error {
	e.Err = cause
	return e
}
