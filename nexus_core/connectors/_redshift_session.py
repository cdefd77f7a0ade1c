"""The settings of a Redshift cluster, and a read-only session on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from nexus_core.connectors import _queries
from nexus_core.connectors._samples import SampledSettings
from nexus_core.connectors.objects import GrantAdvice
from nexus_core.errors import PasswordNeededError, SourceError, SourceUnavailableError

if TYPE_CHECKING:
    from redshift_connector.core import Connection

OWN_APPLICATION = "lineage-nexus"
DENIED, TIMED_OUT = "42501", "57014"
_SQL = _queries.load("redshift")


class RedshiftSettings(SampledSettings):
    """A cluster or serverless workgroup; without `database`, every database that lets the account connect is read."""

    port: int = Field(5439, description="Port.")
    ssl: bool = Field(True, description="Whether to encrypt the connection.")
    sslmode: Literal["verify-ca", "verify-full"] = "verify-ca"
    iam: bool = Field(False, description="Whether to sign in by AWS credentials of the environment instead.")
    db_user: str | None = Field(None, description="Database account that IAM gives credentials of.")
    cluster_identifier: str | None = Field(None, description="Cluster, for IAM.")
    region: str | None = Field(None, description="AWS region, for IAM.")
    profile: str | None = Field(None, description="AWS profile, for IAM.")
    connect_timeout_s: int = Field(30, ge=1, description="Seconds to wait for the server.")
    statement_timeout_s: int = Field(60, ge=1, description="Seconds that one of our statements may run.")
    query_log: bool = Field(True, description="Whether to read the log of statements.")
    query_log_days: int = Field(7, ge=1, description="How far back a first harvest reads the log.")


class Session:
    """An open connection to one database; each statement is a read-only transaction of its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, query: str, given: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        """Run a statement of redshift.sql, `NAME` or `NAME:LIST` for one that takes a list of numbers."""
        name, _, numbers = query.partition(":")
        sql = _SQL[name].replace("{oids}", numbers or "0").replace("{queries}", numbers or "0")
        return self.run(sql if given else sql.replace("%%", "%"), given)

    def run(self, sql: str, given: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        """Run a statement, for results of bounded size."""
        names, rows = self.answer(sql, given)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def answer(self, sql: str, given: tuple[Any, ...] = ()) -> tuple[list[str], list[Any]]:
        """Run a statement; give the names of its columns, and its rows."""
        with self._connection.cursor() as cursor:
            cursor.execute("BEGIN READ ONLY")
            try:
                cursor.execute(sql, given or None)
                return [each[0] for each in cursor.description], list(cursor.fetchall())
            finally:
                with suppress(Exception):  # the connection may be gone; what went wrong before is on its way
                    cursor.execute("ROLLBACK")

    def set(self, name: str, value: str) -> None:
        """Set a parameter of the session; both are constants of ours."""
        with self._connection.cursor() as cursor:
            cursor.execute(f"SET {name} TO {value}")


@contextmanager
def session(settings: RedshiftSettings, database: str, source: str) -> Iterator[Session]:
    """Open a session with time limits; translates the driver's errors."""
    from redshift_connector.error import Error

    try:
        with _connect(settings, database) as connection:
            connection.autocommit = True
            opened = Session(connection)
            opened.set("statement_timeout", str(settings.statement_timeout_s * 1000))
            opened.set("search_path", "pg_catalog")
            yield opened
    except (Error, OSError) as error:
        raise translated(error, f"{source}/{database}", settings) from error


def _connect(settings: RedshiftSettings, database: str) -> Connection:
    import redshift_connector

    given: dict[str, Any] = {"user": settings.user or "", "password": _password(settings)}
    if settings.iam:
        given = {"iam": True, "db_user": settings.db_user, "cluster_identifier": settings.cluster_identifier}
        given |= {"region": settings.region, "profile": settings.profile}
    given |= {"host": settings.host, "port": settings.port, "database": database, "application_name": OWN_APPLICATION}
    given |= {"ssl": True, "sslmode": settings.sslmode} if settings.ssl else {"ssl": False}
    given["timeout"] = max(settings.connect_timeout_s, settings.statement_timeout_s + 5)
    try:
        return redshift_connector.connect(**{name: value for name, value in given.items() if value is not None})
    except Exception as error:
        _close_half_open(error)
        raise


def _close_half_open(error: Exception) -> None:
    """Close the socket of a connection that failed while it was made: the driver leaves it open."""
    for frame, _ in walk_tb(error.__traceback__):
        opening = getattr(frame.f_locals.get("self"), "_usock", None)
        if opening is not None:
            opening.close()


def _password(settings: RedshiftSettings) -> str:
    return settings.password.get_secret_value() if settings.password else ""


def state(error: Exception) -> str | None:
    """Give the SQLSTATE of a server's error."""
    said = error.args[0] if error.args else None
    return said.get("C") if isinstance(said, dict) else None


def sentence(error: Exception) -> str:
    """Give what a server's or driver's error says, in one line."""
    said = error.args[0] if error.args else ""
    text = said.get("M", "") if isinstance(said, dict) else " ".join(str(each) for each in error.args)
    return text.strip().split("\n", 1)[0].removesuffix(".") or type(error).__name__


def translated(error: Exception, source: str, settings: RedshiftSettings) -> SourceError:
    """Give our error for the driver's."""
    reason, code = sentence(error), state(error)
    if code and code.startswith("28") and not settings.iam and settings.password is None:
        return PasswordNeededError(source)
    if code == TIMED_OUT:
        return SourceUnavailableError(source, reason, "A statement took too long: raise statement_timeout_s, or retry.")
    if code and code.startswith(("08", "53", "57", "58", "XX")):
        return SourceUnavailableError(source, reason, "Check the cluster's state, and retry.")
    if code or "SSL" in reason:
        advice = "Check account, password, database and encryption; docs/sources/redshift.md"
        return SourceError(source, reason, advice)
    return SourceUnavailableError(source, reason, "Check that the cluster runs and is reachable from here.")


def advice(opened: Session, settings: RedshiftSettings, error_type: type[Exception]) -> Iterator[GrantAdvice]:
    """Give the grants that an account lacks for all that the settings ask for."""
    user = settings.user or settings.db_user
    rights = next(iter(opened.rows("rights")), None)
    free = rights and (rights["superuser"] or str(rights["syslog_access"]).upper() == "UNRESTRICTED")
    if settings.query_log and not free:
        grant = f'ALTER USER "{user}" SYSLOG ACCESS UNRESTRICTED'
        yield GrantAdvice("SYSLOG ACCESS UNRESTRICTED", "statements that other accounts ran", grant)
    try:
        opened.rows("statistics:0")
    except error_type as error:
        if state(error) != DENIED:
            raise
        yield GrantAdvice("sys:monitor", "row counts and sizes", f'GRANT ROLE sys:monitor TO "{user}"')
