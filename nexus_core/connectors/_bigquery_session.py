"""Asks BigQuery's REST API by Google's client; what it answers in errors becomes ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, field_validator

from nexus_core.connectors._bigquery_catalogue import Missing, ReadSettings
from nexus_core.connectors._bigquery_objects import Resource
from nexus_core.errors import SourceError, SourceUnavailableError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SCOPES = ("https://www.googleapis.com/auth/bigquery.readonly",)
_BUSY = frozenset({"rateLimitExceeded", "quotaExceeded", "backendError"})
_DOCS = "docs/sources/bigquery.md"
_PAGE = 1_000
_Answer = TypeVar("_Answer")


class BigQuerySettings(ReadSettings):
    """Projects of BigQuery; without `database`, every project that the account sees is read."""

    host: str = Field("bigquery.googleapis.com", description="Host of the API; one on loopback is an emulator.")
    port: int = Field(443, description="Port.")
    credentials_file: Path | None = Field(None, description="Key file of a service account.")
    request_timeout_s: int = Field(60, ge=1, description="Seconds to wait for one answer.")
    retry_s: int = Field(120, ge=0, description="Seconds to try again while the API is busy.")
    query_log: bool = Field(True, description="Whether to read the list of jobs.")
    query_log_days: int = Field(7, ge=1, le=180, description="How far back a first harvest reads it.")
    query_log_delay_minutes: int = Field(5, ge=0, description="How long ago jobs must have ended to be told.")

    @field_validator("password", mode="before")
    @classmethod
    def _as_text(cls, key: Any) -> Any:
        """Take a key given as a JSON object, as Airflow's connections may hold it."""
        return json.dumps(key) if isinstance(key, dict) else key


class Session:
    """One client of the API; reads only."""

    def __init__(self, settings: BigQuerySettings) -> None:
        self._settings = settings
        self._client: Any = None

    def __enter__(self) -> Session:
        from google.auth.exceptions import GoogleAuthError

        try:
            self._client = self._open()
        except (GoogleAuthError, OSError, ValueError) as error:
            raise self._unusable(error) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def projects(self) -> list[str]:
        """Name the projects that the account sees."""
        return sorted(each.project_id for each in self._listing(self._client.list_projects, page_size=_PAGE))

    def datasets(self, project: str) -> Iterator[str]:
        """Name the datasets of a project, but for hidden ones."""
        found = self._listing(self._client.list_datasets, project, page_size=_PAGE)
        return (each.dataset_id for each in found)

    def tables(self, project: str, dataset: str) -> Iterator[str]:
        """Name the tables of a dataset."""
        found = self._listing(self._client.list_tables, f"{project}.{dataset}", page_size=_PAGE)
        return (each.table_id for each in found)

    def table(self, name: str) -> Resource:
        """Give a table's resource."""
        found: Resource = self._ask(self._client.get_table, name).to_api_repr()
        return found

    def rows(self, table: Resource, columns: Collection[str], count: int) -> Iterator[Resource]:
        """Give the first rows of a table, which costs nothing, as tabledata.list does."""
        from google.cloud.bigquery import Table

        listed = Table.from_api_repr(dict(table))
        wanted = [each for each in listed.schema if each.name in columns]
        found = self._listing(self._client.list_rows, listed, selected_fields=wanted, max_results=count)
        return (dict(row.items()) for row in found)

    def routines(self, project: str, dataset: str) -> Iterator[str]:
        """Name the routines of a dataset."""
        found = self._listing(self._client.list_routines, f"{project}.{dataset}", page_size=_PAGE)
        return (each.routine_id for each in found)

    def routine(self, name: str) -> Resource:
        """Give a routine's resource."""
        found: Resource = self._ask(self._client.get_routine, name).to_api_repr()
        return found

    def jobs(self, project: str, since: datetime, until: datetime) -> Iterator[Any]:
        """Give finished jobs of all accounts that were created in between, newest first."""
        created = {"min_creation_time": since, "max_creation_time": until}
        return self._listing(
            self._client.list_jobs, project, all_users=True, state_filter="done", page_size=_PAGE, **created
        )

    @property
    def _source(self) -> str:
        return f"bigquery {self._settings.database or ''}".strip()

    def _listing(self, ask: Callable[..., Any], *given: Any, **named: Any) -> Iterator[Any]:
        with self._translating():
            yield from self._ask(ask, *given, **named)

    def _ask(self, ask: Callable[..., _Answer], *given: Any, **named: Any) -> _Answer:
        with self._translating():
            return ask(*given, **named, retry=self._retry(), timeout=self._settings.request_timeout_s)

    def _retry(self) -> Any:
        from google.api_core.retry import Retry

        return Retry(predicate=_is_busy, timeout=self._settings.retry_s)

    def _open(self) -> Any:
        from google.cloud import bigquery

        credentials, project = self._credentials()
        return bigquery.Client(
            project=self._settings.database or project or "-",
            credentials=credentials,
            client_options={"api_endpoint": self._endpoint()},
        )

    def _endpoint(self) -> str:
        host, port = self._settings.host, self._settings.port
        scheme = "http" if host in _LOOPBACK else "https"
        return f"{scheme}://{host}" if port == 443 else f"{scheme}://{host}:{port}"

    def _credentials(self) -> tuple[Any, str | None]:
        """Take the key file, else none for an emulator, else the key given, else what Google's libraries find."""
        import google.auth
        from google.auth.credentials import AnonymousCredentials
        from google.oauth2.service_account import Credentials

        settings = self._settings
        if settings.credentials_file:
            found = Credentials.from_service_account_file(str(settings.credentials_file), scopes=_SCOPES)  # type: ignore[no-untyped-call]
            return found, found.project_id
        if settings.host in _LOOPBACK:
            return AnonymousCredentials(), None  # type: ignore[no-untyped-call]
        if settings.password:
            key = json.loads(settings.password.get_secret_value())
            found = Credentials.from_service_account_info(key, scopes=_SCOPES)  # type: ignore[no-untyped-call]
            return found, found.project_id
        return google.auth.default(scopes=_SCOPES)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        from google.api_core.exceptions import Forbidden, GoogleAPICallError, NotFound, RetryError, Unauthorized
        from google.auth.exceptions import GoogleAuthError, TransportError
        from requests.exceptions import RequestException

        source = self._source
        try:
            yield
        except NotFound as error:
            raise Missing(_said(error), denied=False) from error
        except Forbidden as error:
            if _reasons(error) & _BUSY:
                raise SourceUnavailableError(
                    source, _said(error), "Try again later, or with less parallelism"
                ) from error
            raise Missing(_said(error), denied=True) from error
        except Unauthorized as error:
            raise SourceError(source, _said(error), f"Check the credentials; {_DOCS}.") from error
        except RetryError as error:
            raise SourceUnavailableError(
                source, _said(error.cause), "Try again later, or with less parallelism."
            ) from error
        except (RequestException, TransportError) as error:
            reason = f"no answer ({type(error).__name__})"
            raise SourceUnavailableError(source, reason, "Check that the API is reachable from here.") from error
        except GoogleAPICallError as error:
            raise self._answered(source, error) from error
        except GoogleAuthError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: Exception) -> SourceError:
        """Say so without the error's text, which may quote a key."""
        reason = f"its credentials cannot be used ({type(error).__name__})"
        return SourceError(self._source, reason, f"Give `credentials_file`, or sign in as {_DOCS} says.")

    def _answered(self, source: str, error: Any) -> SourceError:
        if error.code is not None and int(error.code) < 500 and int(error.code) != 429:
            return SourceError(source, _said(error), f"Check project and datasets; {_DOCS}")
        return SourceUnavailableError(source, _said(error), "Try again later.")


def _is_busy(error: BaseException) -> bool:
    from google.api_core.exceptions import Forbidden, GoogleAPICallError

    if isinstance(error, Forbidden):
        return bool(_reasons(error) & _BUSY)
    return isinstance(error, GoogleAPICallError) and (error.code == 429 or int(error.code or 0) >= 500)


def _reasons(error: Any) -> set[str]:
    return {str(each.get("reason")) for each in error.errors or () if isinstance(each, dict)}


def _said(error: Any) -> str:
    """Give the API's own sentence, without the method and address that the client puts before it."""
    return str(error.message).rpartition("prettyPrint=false: ")[2].split("\n", 1)[0].removesuffix(".")
