"""From psycopg's exceptions to our error tree, by SQLSTATE (manual, appendix A) where the server gave one."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from nexus_core.connectors._postgresql_objects import sentence
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

if TYPE_CHECKING:
    import psycopg

# While a session is opened, libpq tells of these by text alone.
_CREDENTIALS = ("authentication failed", "pg_hba.conf", "not permitted to log in")
_DATABASE = "does not exist"
_DENIED = "permission denied"
_SECURITY = ("SSL", "certificate")
_SETTING_OF = {"57014": "statement_timeout_s", "55P03": "lock_timeout_s"}
_ENDED = ("08", "57P")
_REACH = "Check that the server runs and is reachable from here."


def translated(driver: ModuleType, error: psycopg.Error, source: str, *, opened: bool) -> SourceError:
    """Give the typed error of a psycopg exception; `opened` says whether the session had begun."""
    reason, state = sentence(error), error.sqlstate or ""
    if error.pgconn is not None and error.pgconn.needs_password:
        return PasswordNeededError(source)
    if isinstance(error, driver.errors.ConnectionTimeout):
        return SourceTimeoutError(source, reason, "connect_timeout_s")
    if setting := _SETTING_OF.get(state):
        return SourceTimeoutError(source, reason, setting)
    if not state:
        return _lost(driver, error, source) if opened else _refused(reason, source)
    return _by_state(state, reason, source, opened=opened)


def _by_state(state: str, reason: str, source: str, *, opened: bool) -> SourceError:
    if state.startswith("28"):
        return CredentialsRefusedError(source, reason)
    if state.startswith("3D"):
        return SourceError(source, reason, "Check the name of the database.")
    if state == "42501":
        return SourceDeniedError(source, reason)
    if state.startswith(("0A", "22", "42")):
        return SourceDataError(source, reason)
    if opened and state.startswith(_ENDED):
        return SourceDroppedError(source, reason)
    return SourceUnavailableError(source, reason, _REACH)


def _refused(reason: str, source: str) -> SourceError:
    if any(text in reason for text in _CREDENTIALS):
        return CredentialsRefusedError(source, reason)
    if _DENIED in reason:
        database = source.rpartition("/")[2]
        return SourceDeniedError(source, reason, f'GRANT CONNECT ON DATABASE "{database}" TO this account')
    if _DATABASE in reason:
        return SourceError(source, reason, "Check the names of account and database.")
    if any(text in reason for text in _SECURITY):
        return SourceError(source, reason, "Check sslmode and sslrootcert.")
    return SourceUnavailableError(source, reason, _REACH)


def _lost(driver: ModuleType, error: psycopg.Error, source: str) -> SourceError:
    if isinstance(error, driver.OperationalError):
        return SourceDroppedError(source, sentence(error))
    return SourceDataError(source, sentence(error))
