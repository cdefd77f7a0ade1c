"""Constraints and indexes of the graph (docs/graph.md); creating them again does nothing."""

from __future__ import annotations

from neo4j.exceptions import ClientError

from nexus_core.graph.connection import Graph
from nexus_core.graph.failures import answered

_STATEMENTS = (
    "CREATE CONSTRAINT dataset_key IF NOT EXISTS FOR (n:Dataset) REQUIRE n.key IS UNIQUE",
    "CREATE CONSTRAINT field_key IF NOT EXISTS FOR (n:Field) REQUIRE n.key IS UNIQUE",
    "CREATE CONSTRAINT job_key IF NOT EXISTS FOR (n:Job) REQUIRE n.key IS UNIQUE",
    "CREATE INDEX job_name IF NOT EXISTS FOR (n:Job) ON (n.namespace, n.name)",
    "CREATE CONSTRAINT lease_partition IF NOT EXISTS FOR (n:Lease) REQUIRE n.partition IS UNIQUE",
    "CREATE INDEX feeds_evidence IF NOT EXISTS FOR ()-[r:FEEDS]-() ON (r.evidence)",
    "CREATE INDEX fed_evidence IF NOT EXISTS FOR ()-[r:FED]-() ON (r.evidence)",
    "CREATE INDEX once_evidence IF NOT EXISTS FOR ()-[r:ONCE]-() ON (r.evidence)",
    "CREATE INDEX reads_evidence IF NOT EXISTS FOR ()-[r:READS]-() ON (r.evidence)",
    "CREATE INDEX writes_evidence IF NOT EXISTS FOR ()-[r:WRITES]-() ON (r.evidence)",
)

_THERE = "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists"
"""What `IF NOT EXISTS` answers where another process is creating the same."""

_SECONDS = 120.0  # of which Neo4j may take 60 to fill new indexes


async def prepare_graph(graph: Graph) -> None:
    """Create what is missing and wait until it is in use; raises UnavailableError while Neo4j does not answer."""
    async with answered(_SECONDS):
        for statement in _STATEMENTS:
            await _create(graph, statement)
        await graph.execute_query("CALL db.awaitIndexes(60)")


async def _create(graph: Graph, statement: str) -> None:
    try:
        await graph.execute_query(statement)
    except ClientError as error:
        if error.code != _THERE:
            raise
