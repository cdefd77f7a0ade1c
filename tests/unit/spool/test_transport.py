"""The OpenLineage client with the spool as its transport."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import DatasetEvent, StaticDataset

from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.spool.folder import SpoolFolder
from nexus_core.spool.token import read_token
from nexus_core.spool.transport import SpoolConfig

TRANSPORT = "nexus_core.spool.transport.SpoolTransport"


def event():
    dataset = StaticDataset(namespace="postgres://db:5432", name="shop.public.orders")
    return DatasetEvent(eventTime=datetime.now(UTC).isoformat(), producer="https://test", dataset=dataset)


def test_the_client_finds_it_by_class_path_and_spools(tmp_path):
    config = {"transport": {"type": TRANSPORT, "path": str(tmp_path / "spool")}}
    OpenLineageClient(config=config).emit(event())
    spool = SpoolFolder(tmp_path / "spool", ephemeral=True)
    (name,) = spool.pending()
    assert json.loads(spool.read(name))["dataset"]["name"] == "shop.public.orders"


def test_an_ephemeral_spool_fails_at_once_where_the_api_does_not_answer(tmp_path):
    path = tmp_path / "spool"
    config = {"type": TRANSPORT, "path": str(path), "ephemeral": True, "url": "http://127.0.0.1:9", "timeout_s": 1}
    with pytest.raises(UnavailableError, match="The LineageNexus API does not answer"):
        OpenLineageClient(config={"transport": config}).emit(event())
    assert len(SpoolFolder(path, ephemeral=True).pending()) == 1


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "has no `path`"),
        ({"path": "/x", "pth": 1}, "Unknown keys of the spool transport: pth"),
        ({"path": "/x", "ephemeral": True}, "needs the API's `url`"),
    ],
)
def test_a_wrong_configuration_says_what_is_allowed(given, problem):
    with pytest.raises(ConfigurationError, match=problem):
        SpoolConfig.from_dict(given)


def test_the_token_is_a_reference(tmp_path, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "one\n")
    (tmp_path / "token").write_text("two\n")
    assert (read_token("env:MY_TOKEN"), read_token(f"file:{tmp_path}/token"), read_token(None)) == ("one", "two", None)
    for wrong in ("env:NOT_THERE", "file:/not/there", "nxs_0123456789"):
        with pytest.raises(ConfigurationError) as caught:
            read_token(wrong)
        assert "0123456789" not in str(caught.value)


def test_importing_it_loads_neither_an_http_client_nor_a_server():
    code = f"import sys, {TRANSPORT.rpartition('.')[0]}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"fastapi", "sqlalchemy", "neo4j", "sqlglot", "pydantic_settings"} & set(loaded)
