"""Lineage as a scorer sees it: folded names, one edge for each pair of output and source column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from nexus_core.model.statement import Transformation
from tests.golden.corpus import Case

_QUOTES = str.maketrans("", "", '"`[]')
_KINDS = {kind.value.rpartition(":")[2].lower(): kind for kind in Transformation}
_UNKNOWN = re.compile(r"\?\(.*?\)\.(.*)")


class Edge(NamedTuple):
    """A source column of an output; `output` is "" where it affects all rows, `table` "" where it is unknown."""

    target: str
    output: str
    table: str
    column: str
    kind: Transformation


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine says of a text, or what the corpus expects."""

    inputs: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()
    edges: frozenset[Edge] = frozenset()

    @property
    def direct(self) -> frozenset[Edge]:
        """Edges of single columns."""
        return frozenset(edge for edge in self.edges if not edge.kind.indirect)

    @property
    def indirect(self) -> frozenset[Edge]:
        """Edges that affect all rows."""
        return self.edges - self.direct


def answered(line: dict[str, Any]) -> Answer:
    """Read an answer in the form of the contract."""
    edges = (
        _edge(column["output"]["table"], column["output"]["column"], source["table"], source["column"], kind)
        for column in line["columns"]
        for source in column["inputs"]
        for kind in [Transformation(source["transformation"])]
    )
    return Answer(_names(line["inputs"]), _names(line["outputs"]), frozenset(edges))


def expected(case: Case) -> Answer:
    """Read the expected lines of a case (`tests/golden/corpus.py` has their form)."""
    header, *lines = [line.removeprefix("--> ") for line in case.expected.splitlines()]
    inputs, outputs = ([name.strip("[]") for name in side.split(", ")] for side in header.split(" => "))
    tables = [*inputs, *outputs, "()"]
    edges = [edge for line in lines if not line.startswith("! ") for edge in _edges(line, tables)]
    return Answer(_names(set(inputs) - {"-"}), _names(set(outputs) - {"()"}), frozenset(edges))


def _edges(line: str, tables: list[str]) -> Iterable[Edge]:
    left, sources = line.split(" <- ")
    for text in sources.split(", "):
        name, _, word = text.rpartition(" ")
        kind = _KINDS.get(word) if name else None
        source = _source(name if kind else text, tables)
        kind = kind or Transformation.IDENTITY
        target, output = (left, "") if kind.indirect else _split(left, tables)
        yield _edge("" if target == "()" else target, output, *source, kind)


def _source(text: str, tables: list[str]) -> tuple[str, str]:
    unknown = _UNKNOWN.fullmatch(text)
    return ("", unknown[1]) if unknown else _split(text, tables)


def _split(text: str, tables: list[str]) -> tuple[str, str]:
    """Cut a column off its table: the longest table that the case names, else at the last dot."""
    table = max((table for table in tables if text.startswith(f"{table}.")), key=len, default=text.rpartition(".")[0])
    return table, text[len(table) + 1 :]


def _edge(target: str, output: str, table: str, column: str, kind: Transformation) -> Edge:
    return Edge(_folded(target), _folded(output), _folded(table), _folded(column), kind)


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_folded, names))


def _folded(name: str) -> str:
    return name.translate(_QUOTES).lower()
