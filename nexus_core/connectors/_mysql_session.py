"""An open session with a MySQL or MariaDB server, and what its driver's errors mean."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
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
DENIED = frozenset({1044, 1142, 1143, 1227, 1345, 1370})
"""Errors that say that a right is missing (MySQL, Server Error Message Reference)."""
LOST = frozenset({0, 1053, 1317, 1927, 2006, 2013, 2014, 2027, 2055})
"""Errors after which the session is of no more use."""
_CREDENTIALS = {
    1045: "Check account and password; docs/sources/mysql.md",
    1130: "Allow the account from this host: CREATE USER … @'HOST'; docs/sources/mysql.md",
    1698: "The account signs in without a password only; give it one.",
    1820: "Its password has expired: ALTER USER … IDENTIFIED BY ….",
    1862: "Its password has expired: ALTER USER … IDENTIFIED BY ….",
    2059: "The account's way of signing in needs another driver: ALTER USER … IDENTIFIED WITH caching_sha2_password.",
    3118: "Unlock it: ALTER USER … ACCOUNT UNLOCK.",
}
_ADVICE = {
    1049: "Check the name of the database.",
    1129: "Unblock the host: mysqladmin flush-hosts, or TRUNCATE TABLE performance_schema.host_cache.",
    2026: "Check ssl_mode and ssl_ca; docs/sources/mysql.md",
    3159: "The server wants TLS: set ssl_mode to required.",
}
_SETTING_OF = {1205: "lock_timeout_s", 1969: "statement_timeout_s", 3024: "statement_timeout_s"}
_BUSY = frozenset({1040, 1053, 1152, 1158, 1159, 1160, 1161, 1203, 1226})
_REACH = "Check that the server runs and is reachable from here."
_WORD = re.compile(r"(?:[A-Z][A-Z_ ]*[A-Z])")

SslMode = Literal["disabled", "preferred", "required", "verify_ca", "verify_identity"]


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
    def ssl_mode(self) -> SslMode: ...
    @property
    def ssl_ca(self) -> Path | None: ...
    @property
    def defaults_file(self) -> Path | None: ...
    @property
    def connect_timeout_s(self) -> int: ...
    @property
    def statement_timeout_s(self) -> int: ...
    @property
    def lock_timeout_s(self) -> int: ...


class Session:
    """A read-only session in UTC with time limits; statements are named in `sql`."""

    def __init__(self, driver: Any, connection: Any, sql: Mapping[str, str]) -> None:
        self._driver, self._connection, self._sql = driver, connection, sql
        about = self.one("session")
        self.server = f"{about['edition']} {about['version']}"
        self.mariadb = "mariadb" in about["version"].lower()
        self.version = tuple(int(part) for part in re.findall(r"\d+", about["version"])[:3])
        user, _, host = about["account"].rpartition("@")
        self.account = f"'{user}'@'{host}'"

    def one(self, query: str) -> Row:
        """Give the only row of a statement."""
        return next(iter(self.all(query)))

    def all(self, query: str, values: Mapping[str, Any] | None = None, **replaced: str) -> list[Row]:
        """Give all rows of a statement, for results of bounded size."""
        with self._connection.cursor() as cursor:
            cursor.execute(self._text(query, replaced), values or {})
            return list(cursor.fetchall())

    def run(self, sql: str) -> list[Row]:
        """Give all rows of a statement of the server's own, such as SHOW."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def ask(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Give all rows of any statement, values in the order of its columns."""
        with self._connection.cursor(self._driver.cursors.Cursor) as cursor:
            cursor.execute(sql, tuple(values) or None)
            return list(cursor.fetchall())

    def rows(self, query: str, values: Mapping[str, Any] | None = None, **replaced: str) -> Iterator[Row]:
        """Give rows as they arrive; left half-way, the session ends, since a server sends all that was asked."""
        cursor = self._connection.cursor(self._driver.cursors.SSDictCursor)
        cursor.execute(self._text(query, replaced), values or {})
        whole = False
        try:
            yield from cursor
            whole = True
        finally:
            if not whole:
                _abandon(cursor)

    def allows(self, table: str) -> bool:
        """Whether the account may read a table."""
        try:
            self.run(f"SELECT 1 FROM {table} LIMIT 0")
        except self._driver.MySQLError as error:
            if code(error) in DENIED or code(error) == 1146:
                return False
            raise
        return True

    def grants(self) -> dict[str, set[str]]:
        """Give the rights of the account by what they are on: `*.*`, `DATABASE.*`, `DATABASE.TABLE`."""
        found: dict[str, set[str]] = {}
        role = None if self.mariadb else str(self.run("SELECT current_role() AS role")[0]["role"])
        using = "" if role in (None, "NONE") else f" FOR CURRENT_USER() USING {role}"
        for row in self.run(f"SHOW GRANTS{using}"):
            text = str(next(iter(row.values())))
            granted = re.match(r"GRANT (.+?) ON (?:TABLE )?(\S+|`.*?`\.\S+) TO ", text)
            if granted:
                rights = {right.strip() for right in _WORD.findall(granted[1].upper())}
                found.setdefault(granted[2].replace("`", ""), set()).update(rights)
        return found

    def _text(self, query: str, replaced: Mapping[str, str]) -> str:
        text = self._sql[query]
        for name, value in replaced.items():
            text = text.replace("{" + name + "}", value)
        return text


@contextmanager
def opened(driver: Any, settings: ServerSettings, sql: Mapping[str, str], source: str) -> Iterator[Session]:
    """Open a session and close it; raises a SourceError of the kind that the driver's error means."""
    begun = False
    try:
        connection = _connect(driver, settings)
        begun = True
        try:
            _limit(connection, settings)
            yield Session(driver, connection, sql)
        finally:
            if connection.open:
                connection.close()
    except (driver.MySQLError, OSError, UnicodeDecodeError) as error:
        raise translated(error, source, opened=begun) from error


def code(error: Exception) -> int:
    """Give the number of a driver's error; 0 where it has none."""
    first = error.args[0] if error.args else 0
    return first if isinstance(first, int) else 0


def sentence(error: Exception) -> str:
    """Give the first line of a driver's error."""
    said = error.args[1] if len(error.args) > 1 else error
    return str(said).strip().split("\n", 1)[0].removesuffix(".") or type(error).__name__


def translated(error: Exception, source: str, *, opened: bool) -> SourceError:
    """Give the typed error of a driver's; `opened` says whether the session had begun."""
    number, reason = code(error), sentence(error)
    if isinstance(error, UnicodeDecodeError):
        return SourceDataError(source, str(error))
    if setting := _SETTING_OF.get(number):
        return SourceTimeoutError(source, reason, setting)
    if "timed out" in reason:
        return SourceTimeoutError(source, reason, "statement_timeout_s" if opened else "connect_timeout_s")
    if number in DENIED:
        return SourceDeniedError(source, reason)
    if number in _CREDENTIALS:
        asked = number == 1045 and "using password: NO" in reason
        return PasswordNeededError(source) if asked else CredentialsRefusedError(source, reason, _CREDENTIALS[number])
    if number in _ADVICE:
        return SourceError(source, reason, _ADVICE[number])
    if opened and number in LOST:
        return SourceDroppedError(source, reason)
    if 1 < number < 2000 and number not in _BUSY:
        return SourceDataError(source, reason)
    return SourceUnavailableError(source, reason, _REACH)


def _connect(driver: Any, settings: ServerSettings) -> Any:
    socket = settings.host if settings.host.startswith("/") else None
    return driver.connect(
        host="localhost" if socket else settings.host,
        unix_socket=socket,
        port=settings.port,
        user=settings.user,
        password=settings.password.get_secret_value() if settings.password else "",
        read_default_file=str(settings.defaults_file) if settings.defaults_file else None,
        charset="utf8mb4",
        autocommit=True,
        cursorclass=driver.cursors.DictCursor,
        connect_timeout=settings.connect_timeout_s,
        # The server ends statements itself: this is for a server or network that has gone silent.
        read_timeout=settings.statement_timeout_s + settings.lock_timeout_s + 30,
        program_name=OWN_APPLICATION,
        ssl=_tls(settings),
        ssl_disabled=settings.ssl_mode == "disabled",
    )


def _tls(settings: ServerSettings) -> ssl.SSLContext | None:
    """Give what a mode above `preferred` demands; None leaves it to the driver, which then encrypts if it can."""
    if settings.ssl_mode in ("disabled", "preferred"):
        return None
    context = ssl.create_default_context(cafile=str(settings.ssl_ca) if settings.ssl_ca else None)
    context.check_hostname = settings.ssl_mode == "verify_identity"
    context.verify_mode = ssl.CERT_NONE if settings.ssl_mode == "required" else ssl.CERT_REQUIRED
    return context


def _limit(connection: Any, settings: ServerSettings) -> None:
    mariadb = "mariadb" in connection.get_server_info().lower()
    limit = f"max_statement_time = {settings.statement_timeout_s}"
    if not mariadb:
        limit = f"max_execution_time = {settings.statement_timeout_s * 1000}"
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute(
            f"SET time_zone = '+00:00', lock_wait_timeout = {settings.lock_timeout_s}, sql_mode = '', {limit}"
        )


def _abandon(cursor: Any) -> None:
    """End a session whose result was not read to its end: the driver would read the rest, also when collected."""
    if cursor._result is not None:
        cursor._result.unbuffered_active = False
    if cursor.connection is not None and cursor.connection.open:
        cursor.connection.close()
