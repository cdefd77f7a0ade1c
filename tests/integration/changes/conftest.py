"""A worker whose every step a test takes, and the API over the same store and graph."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from nexus_core.api.app import create_app
from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.governance.tokens import Tokens
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from tests.merging import Merging, merging


@dataclass
class Estate:
    """Merges events, and asks for what changed; `get` gives the answer's status and JSON."""

    merge: Merging
    client: httpx.AsyncClient
    tokens: Tokens

    async def get(self, path: str, **query: Any) -> tuple[int, Any]:
        answer = await self.client.get(f"/api/v1/lineage/{path}", params=query)
        return answer.status_code, answer.json()

    async def changes(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All rows, page by page."""
        rows: list[dict[str, Any]] = []
        more: dict[str, Any] = {}
        while True:
            status, page = await self.get(path, **query, **more)
            assert status == 200, page
            rows += page["changes"]
            if page["next"] is None:
                return rows
            more = {"cursor": page["next"]}

    async def diff(self, start: str, end: str, **query: Any) -> list[dict[str, Any]]:
        return await self.changes("diff", **{"from": start, "to": end}, **query)

    async def history(self, namespace: str, name: str, **query: Any) -> list[dict[str, Any]]:
        return await self.changes("history", namespace=namespace, name=name, **query)


def short(rows: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Rows as `(op, what, before, after)`, without the namespace."""
    return [(row["op"], row["what"], _side(row["before"]), _side(row["after"])) for row in rows]


def _side(side: dict[str, Any] | None) -> str:
    if side is None:
        return ""
    if "field" in side:
        return f"{side['name'].removeprefix('shop.public.')}.{side['field']} {side.get('type')}"
    ends = [side[end].partition("shop.public.")[2].replace(":", ".") for end in ("source", "target")]
    return " ".join(
        [f"{ends[0]}>{ends[1]}", side["kind"], *filter(None, [side.get("subtype"), side.get("expression")])]
    )


@pytest.fixture
async def estate(neo4j: GraphSettings, tmp_path: Path) -> AsyncIterator[Estate]:
    settings = Settings(data_dir=tmp_path, graph=neo4j)
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path, parser) as merge:
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            tokens = app.state.services.tokens
            await ensure_admin_token(tokens, tmp_path / "admin-token")
            token = (tmp_path / "admin-token").read_text().strip()
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app),
                base_url="http://localhost:8000",
                headers={"Authorization": f"Bearer {token}"},
            ) as client:
                yield Estate(merge, client, tokens)
