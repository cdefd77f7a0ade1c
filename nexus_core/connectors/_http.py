"""Services that tell what they know as JSON over HTTP, read through `egress` with failures translated."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx
from pydantic import SecretStr

from nexus_core import egress
from nexus_core.errors import (
    CredentialsRefusedError,
    SourceDataError,
    SourceDroppedError,
    SourceError,
    SourceTimeoutError,
    SourceUnavailableError,
    UnavailableError,
)

_PORTS = {"http": 80, "https": 443}
_PASSED = frozenset({httpx.codes.OK, httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class Login:
    """How a request is signed: user and password (RFC 7617), or a `bearer` token (RFC 6750)."""

    user: str | None = None
    password: SecretStr | None = None
    bearer: SecretStr | None = None

    def headers(self) -> dict[str, str]:
        """Give the header for a bearer token, where there is one."""
        return {"Authorization": f"Bearer {self.bearer.get_secret_value()}"} if self.bearer else {}

    def auth(self) -> httpx.BasicAuth | None:
        """Give user and password, where there are some."""
        if not self.user:
            return None
        return httpx.BasicAuth(self.user, self.password.get_secret_value() if self.password else "")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: 200 with its `body` as JSON; 403 and 404 have none."""

    status: int
    body: Any = None

    @property
    def denied(self) -> bool:
        """Whether we may not see what was asked for."""
        return self.status == httpx.codes.FORBIDDEN

    @property
    def ok(self) -> bool:
        """Whether there is a body."""
        return self.status == httpx.codes.OK


class JsonService:
    """A service at `url`, called `name` in errors; close it, or use it as a context."""

    def __init__(
        self, name: str, url: str, login: Login, timeout_s: float, advice: str, max_bytes: int = 64 * 2**20
    ) -> None:
        self._name, self._url, self._advice = name, url.rstrip("/"), advice
        host = checked(url).hostname or ""
        purpose = egress.Purpose(name, (host,), allow=(host,), max_bytes=max_bytes, total_s=timeout_s)
        self._client = egress.client(purpose)
        self._client.headers.update({"Accept": "application/json"} | login.headers())
        if auth := login.auth():
            self._client.auth = auth

    def __enter__(self) -> JsonService:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def get(self, path: str, **parameters: str) -> Reply:
        """Ask for a path; raises SourceUnavailableError and SourceError, both without the URL's parameters."""
        try:
            answer = self._client.get(f"{self._url}{path}", params=parameters or None)
        except (httpx.TransportError, UnavailableError) as error:
            raise self._unanswered(error) from error
        if answer.status_code not in _PASSED:
            raise self._translated(answer.status_code)
        if answer.status_code != httpx.codes.OK:
            return Reply(answer.status_code)
        return Reply(answer.status_code, self._json(answer))

    def _json(self, answer: httpx.Response) -> Any:
        try:
            return answer.json()
        except ValueError as error:
            raise SourceDataError(self._name, "it is no JSON", self._advice) from error

    def _unanswered(self, error: Exception) -> SourceError:
        kind = type(error).__name__
        if isinstance(error, httpx.TimeoutException):
            return SourceTimeoutError(self._name, kind, "timeout_s")
        if isinstance(error, httpx.ReadError | httpx.RemoteProtocolError):
            return SourceDroppedError(self._name, kind)
        return SourceUnavailableError(self._name, f"no answer ({kind})", self._advice)

    def _translated(self, status: int) -> SourceError:
        if status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.CONFLICT) or status >= 500:
            return SourceUnavailableError(self._name, f"it answers {status}", "Try again later.")
        if status == httpx.codes.UNAUTHORIZED:
            return CredentialsRefusedError(self._name, "it refuses the credentials, or wants some", self._advice)
        return SourceError(self._name, f"it answers {status}", self._advice)


def checked(url: str) -> SplitResult:
    """Split the URL of a service; raises ValueError, which does not show it, unless it is plain http or https."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("no http:// or https:// URL with a host")
    if parts.username or parts.password:
        raise ValueError("user and password do not belong in a URL, but in settings of their own")
    return parts


def address(url: str) -> tuple[str, int]:
    """Give the host and port that a URL leads to."""
    parts = checked(url)
    return parts.hostname or "", parts.port or _PORTS[parts.scheme]
