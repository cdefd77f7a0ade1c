"""Compares an answer with what is expected, by rules that are fair to engines which say less than ours.

Names are compared without case and quotes, dotted ones at the depth of the shorter, fields of a column as the column
where one side says no more. Not compared: what an unnamed column is called, and how a direct column reaches an output.
Neither right nor wrong are columns that decide or order (CONDITION, WINDOW), columns whose table cannot be known, the
`*` of `count(*)`, and the other side of USING. The steps of a script count by statement or end to end, as the engine
tells them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from benchmarks.sql.answer import Answer, Edge
from nexus_core.model.statement import Transformation

_DECIDING = {Transformation.CONDITION, Transformation.WINDOW}
_UNNAMED = re.compile(r"_col_\d+")
_NOT_A_NAME = re.compile(r"_(col_)?\d+|.*\W.*|", re.DOTALL)
_T = TypeVar("_T")


class _Counts(NamedTuple):
    required: int
    found: int
    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Score:
    """How right an answer is: `tables` and `indirect` as whole sets, direct edges counted."""

    tables: bool
    indirect: bool
    direct: _Counts

    @property
    def columns(self) -> bool:
        """Whether the direct edges are exact as a set."""
        return self.direct.required == self.direct.found and not self.direct.wrong


def score(expected: Answer, given: Answer, *, script: bool) -> Score:
    """Compare; `script` tells a text of several statements."""
    if script:
        expected, given = _end_to_end(expected, given), _end_to_end(given, expected)
    sides = ((expected.inputs, given.inputs), (expected.outputs, given.outputs))
    return Score(
        tables=all(_same(left, right, _same_table) for left, right in sides),
        indirect=_same(expected.indirect, given.indirect, _same_indirect),
        direct=_direct(expected, given),
    )


def f1(scores: Iterable[Score]) -> float:
    """Give F1 over the direct edges of all; 1 where nothing is required and nothing wrong."""
    return _f1(_Counts(*map(sum, zip(*(score.direct for score in scores), strict=True))))


def _f1(counts: _Counts) -> float:
    required, found, right, wrong = counts
    recall = found / required if required else 1.0
    precision = right / (right + wrong) if right + wrong else 1.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _direct(expected: Answer, given: Answer) -> _Counts:
    """Count the edges required, found, given rightly and given wrongly."""
    required = {edge for edge in expected.direct if edge.kind not in _DECIDING and edge.table}
    right = {edge for edge in given.direct if any(_same_edge(each, edge) for each in required)}
    found = sum(any(_same_edge(each, edge) for edge in right) for each in required)
    wrong = [edge for edge in given.direct - right if not _is_allowed(edge, expected.direct, expected.indirect)]
    return _Counts(len(required), found, len(right), len(wrong))


def _is_allowed(edge: Edge, wanted: Set[Edge], indirect: Set[Edge]) -> bool:
    """Whether an edge that is not required is still no error."""
    if not edge.table or edge.column == "*":
        return True
    if any(_same_edge(each, edge) or _is_guess(edge, each) for each in wanted):
        return True
    joined = any(_same_table(each.table, edge.table) and each.column == edge.column for each in indirect)
    return joined and edge.output == edge.column and any(each.output == each.column == edge.column for each in wanted)


def _is_guess(edge: Edge, wanted: Edge) -> bool:
    """Whether it names a table for a column whose table cannot be known."""
    unknown = not wanted.table and wanted.column == edge.column
    return unknown and _same_table(wanted.target, edge.target) and _same_output(wanted.output, edge.output)


def _end_to_end(answer: Answer, other: Answer) -> Answer:
    """Pass through the steps of a script: tables that it both writes and reads, and that the other side leaves out."""
    named = other.inputs | other.outputs
    both = answer.inputs & answer.outputs
    steps = {table for table in both if not any(_same_table(table, each) for each in named)}
    edges = _through_steps(answer.edges, steps)
    return Answer(answer.inputs - steps, answer.outputs - steps, edges)


def _through_steps(edges: Set[Edge], steps: Set[str]) -> frozenset[Edge]:
    """Replace each source column of a step by its own sources; a circle of steps has none."""
    into_steps = {edge for edge in edges if edge.target in steps}
    todo, done, seen = set(edges - into_steps), set[Edge](), set[Edge]()
    while todo:
        seen |= todo
        done |= {edge for edge in todo if edge.table not in steps}
        passing = todo - done
        todo = {_joined(edge, step) for edge in passing for step in into_steps if _feeds(step, edge)} - seen
    return frozenset(done)


def _feeds(step: Edge, edge: Edge) -> bool:
    return step.output != "" and (step.target, step.output) == (edge.table, edge.column)


def _joined(edge: Edge, step: Edge) -> Edge:
    kind = step.kind if step.kind in _DECIDING and not edge.kind.indirect else edge.kind
    return edge._replace(table=step.table, column=step.column, kind=kind)


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
