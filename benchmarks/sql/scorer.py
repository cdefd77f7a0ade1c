"""Compares an answer with what is expected, by rules that are fair to engines which say less than ours.

Names are compared without case and quotes, dotted ones at the depth of the shorter. What an unnamed column is called
is not compared. Columns that decide or order (CONDITION, WINDOW), columns whose table cannot be known and the `*` of
`count(*)` are neither right nor wrong; how a column reaches an output is compared for indirect ones only. The steps of
a script count by statement or end to end, as the engine tells them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.sql.answer import Answer, Edge
from nexus_core.model.statement import Transformation

_DECIDING = {Transformation.CONDITION, Transformation.WINDOW}
_UNNAMED = re.compile(r"_col_\d+")
_NOT_A_NAME = re.compile(r"_(col_)?\d+|.*\W.*|", re.DOTALL)
_STEPS = 100
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Score:
    """How right an answer is; edges are counted, the rest is whole sets."""

    tables: bool
    columns: bool
    indirect: bool
    required: int
    found: int
    right: int
    wrong: int


def score(expected: Answer, given: Answer, *, script: bool) -> Score:
    """Compare; `script` tells a text of several statements."""
    direct = _direct(expected.direct, given.direct)
    if script:
        direct = max(direct, _direct(_end_to_end(expected.direct), _end_to_end(given.direct)), key=_rank)
    required, found, right, wrong = direct
    return Score(
        tables=_same_tables(expected, given, script=script),
        columns=required == found and not wrong,
        indirect=_same(expected.indirect, given.indirect, _same_indirect),
        required=required,
        found=found,
        right=right,
        wrong=wrong,
    )


def f1(scores: Iterable[Score]) -> float:
    """F1 over all edges of some answers; 1 where nothing is required and nothing wrong."""
    total = list(scores)
    required, found = sum(each.required for each in total), sum(each.found for each in total)
    right, wrong = sum(each.right for each in total), sum(each.wrong for each in total)
    recall = found / required if required else 1.0
    precision = right / (right + wrong) if right + wrong else 1.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _rank(counts: tuple[int, int, int, int]) -> float:
    return f1([Score(True, True, True, *counts)])


def _direct(expected: Set[Edge], given: Set[Edge]) -> tuple[int, int, int, int]:
    """Count the edges required, found, given rightly and given wrongly."""
    optional = {edge for edge in expected if edge.kind in _DECIDING or not edge.table}
    required = expected - optional
    right = {edge for edge in given if any(_same_edge(each, edge) for each in required)}
    found = sum(any(_same_edge(each, edge) for edge in right) for each in required)
    wrong = [
        edge
        for edge in given - right
        if edge.table and edge.column != "*" and not any(_same_edge(each, edge) for each in expected)
    ]
    unknown = {(edge.output, edge.column) for edge in optional if not edge.table}
    return len(required), found, len(right), sum((edge.output, edge.column) not in unknown for edge in wrong)


def _end_to_end(edges: Set[Edge]) -> frozenset[Edge]:
    """Replace each source that is itself an output by its own sources; what feeds itself stays."""
    made = {(edge.target, edge.output) for edge in edges if edge.target}
    done, todo = set[Edge](), set(edges)
    for _ in range(_STEPS):
        done |= {edge for edge in todo if (edge.table, edge.column) not in made or edge.target == edge.table}
        passing = todo - done
        todo = {_through(edge, source) for edge in passing for source in edges if _feeds(source, edge)} - done
        if not todo:
            break
    return frozenset(done)


def _feeds(source: Edge, edge: Edge) -> bool:
    return (source.target, source.output) == (edge.table, edge.column)


def _through(edge: Edge, source: Edge) -> Edge:
    kind = source.kind if source.kind in _DECIDING else edge.kind
    return edge._replace(table=source.table, column=source.column, kind=kind)


def _same_tables(expected: Answer, given: Answer, *, script: bool) -> bool:
    """Compare both sets; a script's steps, tables that it both writes and reads, may be left out by either side."""
    if script:
        expected, given = _without_steps(expected, given), _without_steps(given, expected)
    sides = ((expected.inputs, given.inputs), (expected.outputs, given.outputs))
    return all(_same(left, right, _same_table) for left, right in sides)


def _without_steps(answer: Answer, other: Answer) -> Answer:
    named = other.inputs | other.outputs
    steps = {
        table for table in answer.inputs & answer.outputs if not any(_same_table(table, each) for each in named)
    }
    return Answer(answer.inputs - steps, answer.outputs - steps)


def _same(left: Iterable[_T], right: Iterable[_T], same: Callable[[_T, _T], bool]) -> bool:
    """Whether each of one side has its like on the other."""
    mine, others = list(left), list(right)
    return all(any(same(each, other) for other in others) for each in mine) and all(
        any(same(each, other) for each in mine) for other in others
    )


def _same_edge(expected: Edge, given: Edge) -> bool:
    return (
        _same_table(expected.target, given.target)
        and _same_output(expected.output, given.output)
        and _same_table(expected.table, given.table)
        and _same_column(expected.column, given.column)
    )


def _same_indirect(expected: Edge, given: Edge) -> bool:
    return expected.kind == given.kind and _same_edge(expected, given)


def _same_table(left: str, right: str) -> bool:
    mine, others = left.split("."), right.split(".")
    depth = min(len(mine), len(others))
    return mine[-depth:] == others[-depth:]


def _same_column(left: str, right: str) -> bool:
    """Whether one is the other, or a field within it."""
    return left == right or left.startswith(f"{right}.") or right.startswith(f"{left}.")


def _same_output(expected: str, given: str) -> bool:
    return _same_column(expected, given) or bool(_UNNAMED.fullmatch(expected) and _NOT_A_NAME.fullmatch(given))
