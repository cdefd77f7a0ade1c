"""Downloads one file of known checksum, going on where an earlier try stopped."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from nexus_core.errors import ConfigurationError, UnavailableError

_ATTEMPTS = 5
_TIMEOUT_S = 30.0
_ADVICE = (
    "Start again: what was fetched is kept. For a mirror set ~/.m2/settings.xml or NEXUS_GRAPH__JARS_URL; without any, "
    "install Neo4j 5.26 yourself and set NEO4J_HOME."
)


@dataclass(frozen=True, slots=True)
class Download:
    """One file; until it is complete and verified it is called `NAME.part`."""

    client: httpx.Client
    url: str
    target: Path
    sha256: str
    on_bytes: Callable[[int], None]

    @property
    def _part(self) -> Path:
        return self.target.with_name(f"{self.target.name}.part")

    def run(self) -> None:
        """Try five times with growing pauses.

        Raises UnavailableError, or ConfigurationError where another try is no use: refused, or the disk is full.
        """
        for attempt in range(_ATTEMPTS):
            try:
                self._receive()
                self._verify()
                return
            except (httpx.TransportError, UnavailableError) as error:
                if attempt == _ATTEMPTS - 1:
                    raise UnavailableError(self._host, f"{self.target.name}: {error}", _ADVICE) from error
                time.sleep(0.5 * 2**attempt)
            except OSError as error:
                advice = "Free some space, or set NEXUS_CACHE_DIR to another disk; `nexus doctor` shows the space"
                raise ConfigurationError(f"{self.target.parent} cannot be written ({error})", advice) from error

    @property
    def _host(self) -> str:
        return httpx.URL(self.url).host

    def _receive(self) -> None:
        have = self._part.stat().st_size if self._part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self.client.stream("GET", self.url, headers=headers, timeout=_TIMEOUT_S) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # it is all there; the checksum decides
            if response.is_client_error and response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                raise ConfigurationError(f"{self.url} is refused with {response.status_code}", _ADVICE)
            if not response.is_success:
                raise UnavailableError(self._host, f"it answered {response.status_code} for {self.url}")
            resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
            self.on_bytes(have if resumed else 0)
            with self._part.open("ab" if resumed else "wb") as file:
                for chunk in response.iter_raw():
                    file.write(chunk)
                    self.on_bytes(len(chunk))

    def _verify(self) -> None:
        if hashlib.sha256(self._part.read_bytes()).hexdigest() != self.sha256:
            self._part.unlink()
            raise UnavailableError(self._host, "it sent a file with another checksum than the expected one")
        self._part.replace(self.target)
