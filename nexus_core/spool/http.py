"""The forwarder's HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import httpx

from nexus_core import egress
from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.spool.delivery import Answer, Delivery
from nexus_core.spool.folder import SpoolFolder
from nexus_core.spool.forwarder import Forwarder
from nexus_core.spool.token import read_token


class HttpPost:
    """Posts to one API and nowhere else. Raises ConfigurationError for a URL that is none of http or https."""

    def __init__(self, url: str, timeout_s: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(f"{url!r} is no URL of the API", "Write it as http://HOST:PORT or https://HOST")
        self._url = url.rstrip("/")
        hosts = (parts.hostname,)
        self._client = egress.client(egress.Purpose("shipping the spool", hosts, hosts, total_s=timeout_s))

    def close(self) -> None:
        """Close the connections kept open."""
        self._client.close()

    def __call__(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post the body; a connection that fails is an answer of status 0."""
        try:
            answer = self._client.post(self._url + path, content=body, headers=dict(headers))
        except (httpx.TransportError, UnavailableError) as error:
            return Answer(0, {}, f"{type(error).__name__}: {error}".encode())
        return Answer(answer.status_code, {key.lower(): value for key, value in answer.headers.items()}, answer.content)


@contextmanager
def forwarder_to(spool: SpoolFolder, url: str, token: str | None, timeout_s: float = 30.0) -> Iterator[Forwarder]:
    """Make the forwarder of a spool, for a `with`; `token` is a reference, `env:NAME` or `file:PATH`."""
    with closing(HttpPost(url, timeout_s)) as post:
        yield Forwarder(spool, Delivery(post, lambda: read_token(token)))
