"""Sessions of Snowflake: how to sign in, and how to ask a statement of snowflake.sql."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, Literal, TypeVar

from pydantic import Field, SecretStr

from nexus_core.connectors import _queries
from nexus_core.connectors._samples import SampledSettings
from nexus_core.connectors._snowflake_catalogue import Ask, Refused
from nexus_core.connectors._snowflake_errors import refuses, translated
from nexus_core.connectors._snowflake_history import OWN_TAG
from nexus_core.connectors._snowflake_names import Account
from nexus_core.errors import PasswordNeededError

_BATCH_ROWS = 1_000
_LOGOUT_S = 2
_Answer = TypeVar("_Answer")
_WRONG_PASSWORD = 390_100
_NONE = "-"  # the driver asks nobody without a password: then it is Snowflake that has to refuse
_SQL = _queries.load("snowflake")
_BRACED = ("database", "what", "where", "view", "columns", "named", "rows")
_VALUES: dict[str, Any] = {"schema": None, "table": None, "name": None}


class SnowflakeSettings(SampledSettings):
    """An account of Snowflake; without `database`, every database that the role may use is read."""

    host: str = Field("", description="Account (`ORGANISATION-ACCOUNT`), or the host that answers for it.")
    port: int = Field(443, description="Port.")
    protocol: Literal["https", "http"] = "https"
    account: str | None = Field(None, description="Account, where the host does not tell it.")
    role: str | None = None
    warehouse: str | None = None
    private_key_file: Path | None = Field(None, description="Key of a key pair; the password is its passphrase.")
    token: SecretStr | None = Field(None, description="OAuth or programmatic access token.")
    bearer_kind: Literal["oauth", "programmatic_access_token"] = "programmatic_access_token"
    connect_timeout_s: int = Field(30, ge=1, description="Seconds that a login may take.")
    statement_timeout_s: int = Field(300, ge=1, description="Seconds that one of our statements may run.")
    query_log: bool = Field(True, description="Whether to read QUERY_HISTORY, ACCESS_HISTORY and TASK_HISTORY.")
    query_log_days: int = Field(7, ge=1, le=365, description="How far back a first harvest reads them.")
    query_log_delay_minutes: int = Field(180, ge=0, description="How late ACCESS_HISTORY may be; read up to then.")

    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Give the host of the account."""
        return ((Account.of(self.host, self.account).host, self.port),)


@contextmanager
def session(driver: Any, settings: SnowflakeSettings, account: Account) -> Iterator[Ask]:
    """Sign in, and give the way to ask; translates the driver's errors, and signs out in the end."""
    try:
        connection = _aside(lambda: _connect(driver, settings, account))
        try:
            yield lambda query, **given: _rows(driver, connection, query, given)
        finally:
            with suppress(TimeoutError):
                _aside(connection.close, _LOGOUT_S + 1)
    except driver.Error as error:
        explained = translated(account.namespace, error)
        if error.errno == _WRONG_PASSWORD and not _has_secret(settings):
            explained = PasswordNeededError(account.namespace)
        raise explained from error


def _rows(driver: Any, connection: Any, query: str, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Ask one of our statements; identifiers replace the braces, values are bound."""
    sql = _sql(query, given)
    with closing(connection.cursor(driver.DictCursor)) as cursor:
        try:
            _aside(lambda: cursor.execute(sql, _VALUES | given if "%(" in _SQL[query] else None))
        except driver.Error as error:
            if refuses(error):
                raise Refused(translated("", error).reason) from error
            raise
        while rows := _aside(lambda: cursor.fetchmany(_BATCH_ROWS)):
            yield from rows


def _aside(call: Callable[[], _Answer], wait_s: float | None = None) -> _Answer:
    """Call the driver in a thread of its own: it heeds no signal while it waits, so that nobody else could end it."""
    answer: Future[_Answer] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 - raised where the answer is awaited
            answer.set_exception(error)

    Thread(target=run, name="nexus-snowflake", daemon=True).start()
    return answer.result(wait_s)


def _sql(query: str, given: dict[str, Any]) -> str:
    sql = _SQL[query]
    if query == "statements":
        access = given.pop("with_access")
        sql = sql.replace("{access}", _SQL["access" if access else "no_access"])
        sql = sql.replace("{join}", _SQL["access_join"] if access else "")
    for name in [name for name in _BRACED if f"{{{name}}}" in sql]:
        sql = sql.replace(f"{{{name}}}", str(given.pop(name)))
    return sql


def _connect(driver: Any, settings: SnowflakeSettings, account: Account) -> Any:
    key = {"private_key_file": str(settings.private_key_file)} if settings.private_key_file else {}
    named = {"user": settings.user, "role": settings.role, "warehouse": settings.warehouse}
    return driver.connect(
        account=account.identifier,
        host=account.host,
        port=settings.port,
        protocol=settings.protocol,
        application="LineageNexus",
        login_timeout=settings.connect_timeout_s,
        connect_timeout=settings.connect_timeout_s,
        query_timeout=settings.statement_timeout_s,
        request_timeout=settings.statement_timeout_s,
        retry_timeout=settings.statement_timeout_s,
        retry_max_attempts=3,
        logout_total_timeout_seconds=_LOGOUT_S,
        client_store_temporary_credential=False,
        enable_server_session_keep_alive_auto_detection=False,
        session_parameters={
            "QUERY_TAG": OWN_TAG,
            "TIMEZONE": "UTC",
            "STATEMENT_TIMEOUT_IN_SECONDS": settings.statement_timeout_s,
        },
        **{name: value for name, value in named.items() if value},
        **key,
        **_secrets(settings),
    )


def _secrets(settings: SnowflakeSettings) -> dict[str, str]:
    if settings.token:
        return {"token": settings.token.get_secret_value(), "authenticator": settings.bearer_kind}
    password = settings.password.get_secret_value() if settings.password else None
    if settings.private_key_file:
        known = {"authenticator": "SNOWFLAKE_JWT"}
        return known | ({"private_key_password": password} if password else {})
    return {"password": password or _NONE}


def _has_secret(settings: SnowflakeSettings) -> bool:
    return bool(settings.token or settings.password or settings.private_key_file)
