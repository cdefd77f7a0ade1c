"""An open session with a SQL Server database, and what its driver's errors mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, Literal, Protocol

from pydantic import SecretStr

from nexus_core.errors import (
    CredentialsRefusedError,
    PasswordNeededError,
    SourceDataError,
    SourceDeniedError,
    SourceDroppedError,
    SourceError,
    SourceTimeoutError,
    SourceUnavailableError,
)

Row = dict[str, Any]
OWN_APPLICATION = "lineage-nexus"
DENIED = frozenset({229, 230, 262, 297, 300, 371, 916, 15247})
"""Errors that say that a right is missing (SQL Server, Database Engine events and errors)."""
LOST = frozenset({20003, 20004, 20006, 20047, 10054, 596, 6005})
"""Errors after which the connection is of no more use."""
_CREDENTIALS = {
    4060: "Make a user for the login in that database; docs/sources/sqlserver.md",
    4064: "Give the login a default database that it may use.",
    15113: "The login is locked out: ALTER LOGIN … WITH PASSWORD = … UNLOCK.",
    18452: "Windows authentication is not supported: make a SQL login.",
    18456: "Check login and password; docs/sources/sqlserver.md",
    20018: "Check login, password and database; docs/sources/sqlserver.md",
    18470: "The login is disabled: ALTER LOGIN … ENABLE.",
    18487: "The password has expired.",
    18488: "The password must be changed.",
    40615: "Let this address through the server's firewall.",
}
_SETTING_OF = {1222: "lock_timeout_s", 20003: "statement_timeout_s"}
_BATCH_ROWS = 1_000
_SERVER_SAID = 20018
_LOGIN_FAILED = 18456
_DB_LIBRARY = re.compile(r"DB-Lib error message (?P<number>\d+), severity \d+:\n(?P<said>[^\n]*)")
_PASSING = frozenset({1205, 701, 802, 8645, 8651, 10928, 10929, 40197, 40501, 40613, 49918, 49919, 49920})

Encryption = Literal["off", "request", "require"]


class ServerSettings(Protocol):
    """The settings that this module reads."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def user(self) -> str | None: ...
    @property
    def password(self) -> SecretStr | None: ...
    @property
    def encryption(self) -> Encryption: ...
    @property
    def connect_timeout_s(self) -> int: ...
    @property
    def statement_timeout_s(self) -> int: ...
    @property
    def lock_timeout_s(self) -> int: ...


class Session:
    """A session in one database; statements are named in `sql`."""

    def __init__(self, connection: Any, sql: Mapping[str, str]) -> None:
        self._connection, self._sql = connection, sql
        self._abandoned = False

    def all(self, query: str, values: Mapping[str, Any] | None = None, **replaced: str) -> list[Row]:
        """Give all rows of a statement whose `{NAME}`s are replaced, for results of bounded size."""
        return self.run(self._text(query, replaced), values)

    def one(self, query: str) -> Row:
        """Give the only row of a statement."""
        return self.all(query)[0]

    def details(self, query: str, ids: Sequence[int]) -> list[Row]:
        """Give the rows of objects."""
        return self.all(query, ids=", ".join(str(int(each)) for each in ids))

    def run(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Give all rows of a statement, for results of bounded size."""

        def ask() -> list[Row]:
            with self._connection.cursor(as_dict=True) as cursor:
                cursor.execute(sql, dict(values)) if values else cursor.execute(sql)
                return list(cursor)

        rows: list[Row] = self._waited(ask)
        return rows

    def close(self) -> None:
        """Close the session, unless a call that nobody waits for any more still uses it, which closes it at its end."""
        if not self._abandoned:
            self._connection.close()

    def rows(self, query: str, values: Mapping[str, Any] | None = None, **replaced: str) -> Iterator[Row]:
        """Give rows as they arrive; no other statement may run before the last one was taken."""
        text = self._text(query, replaced)
        with self._connection.cursor(as_dict=True) as cursor:
            self._waited(lambda: cursor.execute(text, dict(values)) if values else cursor.execute(text))
            while rows := self._waited(lambda: cursor.fetchmany(_BATCH_ROWS)):
                yield from rows

    def _text(self, query: str, replaced: Mapping[str, str]) -> str:
        text = self._sql[query]
        for name, value in replaced.items():
            text = text.replace("{" + name + "}", value)
        return text

    def _waited(self, call: Callable[[], Any]) -> Any:
        try:
            return _interruptible(call, self._connection.close)
        except KeyboardInterrupt:
            self._abandoned = True
            raise


@contextmanager
def opened(
    driver: Any, settings: ServerSettings, sql: Mapping[str, str], source: str, database: str
) -> Iterator[Session]:
    """Open a session and close it; raises a SourceError of the kind that the driver's error means."""
    begun = False
    try:
        session = Session(_interruptible(lambda: _connect(driver, settings, database)), sql)
        begun = True
        try:
            yield session
        finally:
            session.close()
    except (driver.Error, OSError) as error:
        guarded = settings.password is None
        raise translated(error, f"{source}/{database}", opened=begun, guarded=guarded) from error


def code(error: Exception) -> int:
    """Give the number of a driver's error: the server's, else that of DB-Library; 0 where it has none.

    pymssql tells the number of an earlier failure where a connection failed and the server said nothing: its text alone
    is of this one.
    """
    number, text = _parts(error)
    own = _DB_LIBRARY.match(text)
    return int(own["number"]) if own else number


def sentence(error: Exception) -> str:
    """Give what the server said, else what DB-Library did."""
    text = _parts(error)[1].strip()
    if own := _DB_LIBRARY.match(text):
        return own["said"] if int(own["number"]) != _SERVER_SAID else "the server refused the login"
    return text.partition("DB-Lib error message")[0].partition("\n")[0].removesuffix(".") or "no reason given"


def _parts(error: Exception) -> tuple[int, str]:
    """Give number and text, which some classes of the driver wrap once more."""
    args: tuple[Any, ...] = error.args
    while len(args) == 1 and isinstance(args[0], tuple):
        args = args[0]
    number = args[0] if args and isinstance(args[0], int) else 0
    said = args[-1] if args else ""
    return number, said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def translated(error: Exception, source: str, *, opened: bool, guarded: bool) -> SourceError:
    """Give the typed error of a driver's; `opened` if the session had begun, `guarded` if no password was given."""
    number, reason = code(error), sentence(error)
    if setting := _SETTING_OF.get(number):
        return SourceTimeoutError(source, reason, setting)
    if number in DENIED:
        return SourceDeniedError(source, reason)
    if number in _CREDENTIALS:
        asked = number == _LOGIN_FAILED and guarded
        return PasswordNeededError(source) if asked else CredentialsRefusedError(source, reason, _CREDENTIALS[number])
    if opened and (number in LOST or number in (0, 20018)):
        return SourceDroppedError(source, reason)
    if number in _PASSING or number == 0 or number >= 20_000:
        return SourceUnavailableError(source, reason, "Check that the server runs and is reachable from here.")
    return SourceDataError(source, reason)


def _interruptible(call: Callable[[], Any], abandon: Callable[[], None] = lambda: None) -> Any:
    """Wait for a call of the driver, which heeds no signal, so that an interrupt ends the wait.

    The call goes on then; `abandon` is called once it has ended, since a connection is of one thread at a time.
    """
    future: Future[Any] = Future()
    left = Event()

    def run() -> None:
        try:
            future.set_result(call())
        except Exception as error:  # noqa: BLE001 it is raised where the result is awaited
            future.set_exception(error)
        if left.is_set():
            abandon()

    Thread(target=run, daemon=True).start()
    try:
        return future.result()
    except KeyboardInterrupt:
        left.set()
        raise


def _connect(driver: Any, settings: ServerSettings, database: str) -> Any:
    return driver.connect(
        server=settings.host,
        port=str(settings.port),
        user=settings.user or "",
        password=settings.password.get_secret_value() if settings.password else "",
        database=database,
        tds_version="7.4",
        encryption=settings.encryption,
        login_timeout=settings.connect_timeout_s,
        timeout=settings.statement_timeout_s,
        appname=OWN_APPLICATION,
        read_only=True,  # to a readable replica of an availability group, where there is one
        autocommit=True,
        conn_properties=f"SET LOCK_TIMEOUT {settings.lock_timeout_s * 1000}; SET TEXTSIZE 2147483647; SET NOCOUNT ON",
    )
