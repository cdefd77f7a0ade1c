"""Every installed connector, and a source that can be cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from nexus_core.connectors import Connector
from tests.drills.network import Proxy
from tests.sources import CONNECTORS, Sources, port_of, via


@pytest.fixture(params=CONNECTORS, ids=lambda connector: connector.kind)
def connector(request: pytest.FixtureRequest) -> type[Connector]:
    """Each connector in turn."""
    found: type[Connector] = request.param
    return found


@dataclass(frozen=True)
class Reached:
    """A filled source, and the proxy that it is reached through."""

    url: str
    proxy: Proxy


@pytest.fixture
def reached(connector: type[Connector], source_urls: Sources) -> Iterator[Reached]:
    """Skips where a source has no port of its own, such as files."""
    url = source_urls[connector.kind]
    port = port_of(connector.kind, url)
    if port is None:
        pytest.skip(f"{connector.title} is not reached over one port")
    with Proxy(port).running() as proxy:
        yield Reached(via(connector.kind, url, proxy.port), proxy)
