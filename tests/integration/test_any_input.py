"""Whatever the API is sent in the form that OpenAPI tells, it never fails itself: no 500, for the admin who may all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.schemas import OpenApiSchema

from nexus_core.api.app import create_app
from nexus_core.settings import GraphSettings
from tests.stores import sqlite_settings

EXAMPLES = 4
_AWAY = 503  # no graph is there to ask


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, dict[str, str], OpenApiSchema]]:
    folder: Path = tmp_path_factory.mktemp("any")
    made = asyncio.run(sqlite_settings(folder)).model_copy(update={"graph": GraphSettings(uri="bolt://127.0.0.1:1")})
    app = create_app(made)
    with TestClient(app, base_url="http://localhost:8000", raise_server_exceptions=False) as client:
        assert client.portal is not None
        token = client.portal.call(app.state.services.tokens.create, "admin", ["admin"]).secret
        yield client, {"Authorization": f"Bearer {token}"}, schemathesis.openapi.from_dict(app.openapi())


def test_nothing_that_openapi_allows_makes_it_fail(api: tuple[TestClient, dict[str, str], OpenApiSchema]) -> None:
    client, headers, schema = api
    failed: list[tuple[str, Any]] = []
    for result in schema.get_all_operations():
        operation = cast("Any", result).ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            told = case.as_transport_kwargs(base_url="http://localhost:8000")
            told["headers"] = {**told.get("headers", {}), **headers}
            if not isinstance(told.get("data"), dict):
                told["content"] = told.pop("data", None)
            answer = client.request(**{key: value for key, value in told.items() if key != "cookies"})
            if answer.status_code >= 500 and answer.status_code != _AWAY:
                failed.append((f"{case.method} {case.formatted_path}", answer.text[:300]))

        ask()
    assert failed == []
