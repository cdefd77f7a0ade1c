"""From a real PostgreSQL to column lineage: `nexus harvest` against a running `nexus up`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from nexus_core.client import NexusClient
from nexus_core.connectors import open_connector
from nexus_core.errors import NotFoundError
from tests.services import Nexus
from tests.sources import Sources

pytestmark = pytest.mark.service
NEXUS = Path(sys.executable).with_name("nexus")


@pytest.fixture
def client(running_nexus: Nexus) -> Iterator[NexusClient]:
    token = (running_nexus.data / "admin-token").read_text(encoding="utf-8").strip()
    with NexusClient(running_nexus.url, SecretStr(token)) as opened:
        yield opened


def _harvest(url: str, nexus: Nexus, *options: str) -> str:
    command = [NEXUS, "harvest", url, "--api", nexus.url, "--token-file", nexus.data / "admin-token", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def _upstream(client: NexusClient, source: str, name: str, field: str, of: tuple[str, str]) -> bool:
    """Whether a field comes from another, once the worker has come so far."""
    for _ in range(300):
        try:
            found = client.graph(source, name, field=field, granularity="field", direction="upstream")
            if of in {(node.name, node.field) for node in found.nodes}:
                return True
        except NotFoundError:
            pass
        time.sleep(0.2)
    return False


def _impact(nexus: Nexus, changes: Path) -> subprocess.CompletedProcess[str]:
    command = [NEXUS, "impact", "--changes", changes, "--fail-on", "breaks"]
    reached = ["--api", nexus.url, "--token-file", nexus.data / "admin-token"]
    return subprocess.run([*command, *reached], capture_output=True, text=True, check=False, timeout=120)


def test_harvest_shows_column_lineage(
    running_nexus: Nexus, source_urls: Sources, client: NexusClient, tmp_path: Path
) -> None:
    source = open_connector(source_urls["postgresql"]).namespace
    told = _harvest(source_urls["postgresql"], running_nexus)
    assert "1 procedure" in told
    assert told.splitlines()[-1].startswith(f"{running_nexus.url}/catalogue")

    assert _upstream(client, source, "shop.core.v_paid", "net", ("shop.core.orders", "amount"))
    # Through the procedure's body, the query log, and the foreign server.
    assert _upstream(client, source, "shop.core.v_paid", "net", ("shop.raw.orders", "amount"))
    assert _upstream(client, source, "shop.Marts.top_customers", "spent", ("shop.core.orders", "amount"))
    assert _upstream(client, source, "shop.raw.contacts", "mail", ("crm.public.contact", "email_address"))

    customers = client.dataset(source, "shop.core.customers")
    assert customers.description == "People who bought something"
    assert [field.name for field in customers.fields][:2] == ["id", "email"]

    assert "0 unchanged" in told
    assert "sent 3 events, " in _harvest(source_urls["postgresql"], running_nexus)

    changes = tmp_path / "changes.yaml"
    dropped = "changes:\n  - {kind: drop_field, name: shop.core.orders, field: amount}\n"
    changes.write_text(f"namespace: {source}\n{dropped}", encoding="utf-8")
    done = _impact(running_nexus, changes)
    assert done.returncode == 1, done.stderr
    assert f"| `dataset:{source}:shop.core.v_paid` | It names a column that is not there any more" in done.stdout
