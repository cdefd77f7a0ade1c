"""A database with one of everything on our server of SQL Server's protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.sources import GOLDEN, PEOPLE_ROWS, PEOPLE_TABLE, Fixture
from tests.tds_server import SqlServer

_FOLDER = GOLDEN / "sqlserver"
_STATEMENT = "INSERT INTO dbo.b SELECT x FROM dbo.a WHERE x > {n}"


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the database `Shop`."""
    server: SqlServer = fixture("sqlserver")
    server.add("Shop", (_FOLDER / "schema.sql").read_text(encoding="utf-8"))
    server.add("msdb", (_FOLDER / "agent.sql").read_text(encoding="utf-8"))
    server.logins["admin"] = "s3cret-admin"  # a password shows whether one is ever shown
    yield server.url("Shop", "admin:s3cret-admin")


@contextmanager
def reader(fixture: Fixture) -> Iterator[str]:
    """A login with the rights that the docs list; what SQL Server refuses it, this server cannot show."""
    server: SqlServer = fixture("sqlserver")
    server.logins["nexus"] = ""
    yield server.url("Shop", "nexus")


@contextmanager
def denying(fixture: Fixture) -> Iterator[str]:
    """A database of which texts and statements may not be read."""
    server: SqlServer = fixture("sqlserver")
    seen = "INSERT INTO sys.objects (object_id, name, type) VALUES (1, 'seen', 'U'), (2, 'v', 'V'), (3, 'p', 'P');"
    server.add("denying", seen, "INSERT INTO sys.sql_modules VALUES (2, NULL), (3, NULL);")
    server.logins["outsider"], server.refused["outsider"] = "", {"VIEW DEFINITION", "VIEW DATABASE STATE"}
    yield server.url("denying", "outsider")


@contextmanager
def rows(fixture: Fixture) -> Iterator[str]:
    """A database with the table `people`, in the catalogue and as rows."""
    server: SqlServer = fixture("sqlserver")
    kinds = {"id": 56, "c1": 167, "quantity": 56, "made": 40, "phone": 127}
    columns = ", ".join(f"(1, {place}, '{name}', {kind})" for place, (name, kind) in enumerate(kinds.items(), start=1))
    server.add(
        "looked",
        "INSERT INTO sys.objects (object_id, name, type) VALUES (1, 'people', 'U');",
        f"INSERT INTO sys.columns (object_id, column_id, name, user_type_id) VALUES {columns};",
        f"{PEOPLE_TABLE.replace('people', 'dbo.people')}; INSERT INTO dbo.people VALUES {PEOPLE_ROWS};",
    )
    yield server.url("looked")
    server.databases.pop("looked").close()


@contextmanager
def many(fixture: Fixture, count: int) -> Iterator[str]:
    """A database with so many tables of three columns."""
    server: SqlServer = fixture("sqlserver")
    numbers = f"WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}) SELECT"
    server.add(
        "many",
        f"INSERT INTO sys.objects (object_id, name, type) {numbers} 1000 + n, 't' || n, 'U' FROM c;",
        f"INSERT INTO sys.columns (object_id, column_id, name, user_type_id) {numbers} 1000 + n, k, 'c' || k, 56 "
        "FROM c, (SELECT 1 AS k UNION SELECT 2 UNION SELECT 3);",
        "CREATE INDEX sys.columns_of ON columns (object_id);",
    )
    yield server.url("many")
    server.databases.pop("many").close()


@contextmanager
def busy(fixture: Fixture) -> Iterator[tuple[str, Callable[[], None]]]:
    """A database whose cached plans tell of one statement more, each time."""
    server: SqlServer = fixture("sqlserver")
    server.add("busy", "INSERT INTO sys.database_query_store_options VALUES (0);")
    database = server.databases["busy"]

    def work() -> None:
        with server.lock:
            (n,) = database.execute("SELECT count(*) FROM sys.dm_exec_sql_text").fetchone()
            database.execute("INSERT INTO sys.dm_exec_sql_text VALUES (?, 5, 0, ?)", (n, _STATEMENT.format(n=n)))
            database.execute(
                "INSERT INTO sys.dm_exec_query_stats (sql_handle, query_hash, last_execution_time, execution_count) "
                "VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%S', 'now'), 1)",
                (n, f"0x{n:016}"),
            )

    yield server.url("busy"), work
