"""A connector holds no more for many datasets than for a few; measured in a process of its own, drivers included."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nexus_core.connectors import Connector
from tests.sources import Sources

pytestmark = pytest.mark.service

MIB = 2**20
_READ = """
import sys, psutil
from nexus_core.connectors import open_connector
process, sizes, count = psutil.Process(), [], 0
for count, _ in enumerate(open_connector(sys.argv[1]).datasets(), start=1):
    if count % 200 == 0:
        sizes.append(process.memory_info().rss)
print(count, sizes[len(sizes) // 5], max(sizes))
"""


def _grown(url: str) -> tuple[int, int]:
    """How many datasets were read, and how many bytes the process grew after the first fifth."""
    done = subprocess.run([sys.executable, "-c", _READ, url], check=True, capture_output=True, text=True, timeout=280)
    count, early, most = (int(text) for text in done.stdout.split())
    return count, most - early


def test_memory_is_flat(connector: type[Connector], source_urls: Sources) -> None:
    with source_urls.offered(connector.kind, "many")(3_000) as url:
        count, grown = _grown(url)
    print(f"{connector.kind}: {grown / MIB:.1f} MiB more than after the first fifth")
    assert count == 3_000
    assert grown < 5 * MIB


@pytest.mark.scale
def test_memory_is_flat_over_a_hundred_thousand(connector: type[Connector], source_urls: Sources) -> None:
    with source_urls.offered(connector.kind, "many")(100_000) as url:
        count, grown = _grown(url)
    print(f"{connector.kind}: {count} datasets, {grown / MIB:.1f} MiB more than after the first fifth")
    assert count == 100_000
    assert grown < 8 * MIB
