"""What is enforced rests on no graph: whoever rolls Neo4j back, or empties it, loosens no mask."""

from __future__ import annotations

import ast
from pathlib import Path

import nexus_core

ROOT = Path(nexus_core.__file__).parent
ENFORCING = ("classification", "governance", "masking", "proxy", "store", "model")


def test_what_classifies_and_masks_reads_no_graph() -> None:
    files = [path for package in ENFORCING for path in (ROOT / package).rglob("*.py")]
    assert len(files) > 150
    assert [str(path) for path in files if any(_is_of_graph(name) for name in used(path))] == []


def used(path: Path) -> list[str]:
    """Give all that a file imports, within functions too, and the attributes that it asks for."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    whole = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    parts = [str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)]
    return whole + parts + [f".{node.attr}" for node in nodes if isinstance(node, ast.Attribute)]


def _is_of_graph(name: str) -> bool:
    return name == ".graph" or f"{name}.".startswith(("neo4j.", "nexus_core.graph."))
