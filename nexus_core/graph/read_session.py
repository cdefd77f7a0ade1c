"""Runs the reads: each named, with parameters and a time limit, its failures in our own terms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from neo4j import READ_ACCESS, AsyncSession, Query
from neo4j.exceptions import ClientError

from nexus_core.errors import OverloadedError
from nexus_core.graph.connection import Graph
from nexus_core.graph.failures import answered

_GRACE_SECONDS = 5.0  # for Neo4j to say that it stopped the query itself
_TIMED_OUT = "Neo.ClientError.Transaction.TransactionTimedOut"


@dataclass(frozen=True, slots=True)
class ReadSession:
    """One connection for all queries of one question."""

    session: AsyncSession
    timeout_s: float

    async def rows(self, name: str, text: str, parameters: dict[str, Any]) -> list[Any]:
        """Run a query and give its list `rows`; the name shows in Neo4j's query log.

        Raises UnavailableError if Neo4j does not answer, OverloadedError if the time limit stopped the query.
        """
        query = Query(text, metadata={"query": name}, timeout=self.timeout_s)
        async with answered(self.timeout_s + _GRACE_SECONDS):
            try:
                result = await self.session.run(query, parameters)
                row = await result.single(strict=True)
            except ClientError as error:
                if error.code is None or not error.code.startswith(_TIMED_OUT):
                    raise
                raise OverloadedError("Neo4j", f"{name} took longer than {self.timeout_s:g} s") from error
        return cast("list[Any]", row["rows"])


@asynccontextmanager
async def read_session(graph: Graph, timeout_s: float) -> AsyncIterator[ReadSession]:
    """Open a session for one question."""
    async with graph.session(default_access_mode=READ_ACCESS, fetch_size=-1) as session:
        yield ReadSession(session, timeout_s)
