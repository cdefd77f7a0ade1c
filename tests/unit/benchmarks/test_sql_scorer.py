"""The scorer of the SQL benchmark, on pairs made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.sql.answer import Answer, answered, expected
from benchmarks.sql.scorer import Score, f1, score
from nexus_core.model.statement import Transformation
from nexus_core.sql import derive
from nexus_core.sql.codec import answer
from tests.golden.corpus import Case, all_cases

CASES = all_cases()


def case(lines: str) -> Answer:
    return expected(Case(Path("ansi.sql"), "", "", "", lines, None))


def said(inputs: str, outputs: str, *edges: str) -> Answer:
    """Edges as `output < source [KIND]`."""
    columns: list[dict[str, Any]] = []
    for edge in edges:
        target, source, *kind = edge.replace("<", " ").split()
        output = dict(zip(("table", "column"), target.rsplit(".", 1), strict=True))
        table, column = source.rsplit(".", 1)
        kinds = {"transformation": kind[0] if kind else "TRANSFORMATION"}
        columns.append({"output": output, "inputs": [{"table": table, "column": column, **kinds}]})
    return answered({"inputs": inputs.split(), "outputs": outputs.split(), "columns": columns})


COPY = "--> s.t => w\n--> w.a <- s.t.a\n"


@pytest.mark.parametrize(
    ("lines", "given", "tables", "columns", "indirect"),
    [
        pytest.param(COPY, said("s.t", "w", "w.a < s.t.a"), True, True, True, id="equal"),
        pytest.param(COPY, said("T", '"W"', 'W."A" < t.A'), True, True, True, id="case, quotes and depth"),
        pytest.param(COPY, said("s.t u", "w", "w.a < s.t.a"), False, True, True, id="a table too many"),
        pytest.param(COPY, said("", "w", "w.a < s.t.a"), False, True, True, id="a table too few"),
        pytest.param(COPY, said("s.t", "w", "w.a < s.t.a", "w.a < s.t.b"), True, False, True, id="an edge too many"),
        pytest.param(COPY, said("s.t", "w"), True, False, True, id="an edge too few"),
        pytest.param(COPY, said("s.t", "w", "w.b < s.t.a"), True, False, True, id="another output"),
        pytest.param(COPY, said("s.t", "w", "w.a < r.t.a"), True, False, True, id="another table"),
        pytest.param(
            "--> t => ()\n--> ()._col_0 <- t.a transformation\n",
            said("t", "", ".a+1 < t.a"),
            True,
            True,
            True,
            id="unnamed column",
        ),
        pytest.param(
            "--> t => ()\n--> ().x <- t.a, t.b condition, t.c window\n",
            said("t", "", ".x < t.a", ".x < t.c"),
            True,
            True,
            True,
            id="what decides is neither right nor wrong",
        ),
        pytest.param("--> t => ()\n", said("t", "", ".n < t.*"), True, True, True, id="count of rows"),
        pytest.param(
            "--> t, u => ()\n--> ().x <- ?(t u).x\n", said("t u", "", ".x < u.x"), True, True, True, id="unknowable"
        ),
        pytest.param(
            "--> t => ()\n--> () <- t.a filter\n", said("t", "", ". < t.a INDIRECT:FILTER"), True, True, True, id="rows"
        ),
        pytest.param(
            "--> t => ()\n--> () <- t.a filter\n", said("t", "", ". < t.a INDIRECT:SORT"), True, True, False, id="kind"
        ),
        pytest.param("--> t => ()\n--> () <- t.a filter\n", said("t", ""), True, True, False, id="no rows told"),
        pytest.param(
            "--> t, u => ()\n--> ().id <- t.id\n--> () <- t.id join, u.id join\n",
            said("t u", "", ".id < t.id", ".id < u.id"),
            True,
            True,
            False,
            id="both sides of using",
        ),
        pytest.param(
            "--> t => ()\n--> ().x <- t.doc.a.b\n", said("t", "", ".x < t.doc"), True, True, True, id="no fields told"
        ),
    ],
)
def test_score(lines: str, given: Answer, tables: bool, columns: bool, indirect: bool) -> None:
    now = score(case(lines), given, script=False)
    assert (now.tables, now.columns, now.indirect) == (tables, columns, indirect)


def steps(given: Answer) -> Score:
    return score(case("--> t => w\n--> w.a <- t.a\n"), given, script=True)


def test_steps_of_a_script_count_either_way() -> None:
    by_statement = steps(said("t step", "step w", "step.a < t.a", "w.a < step.a"))
    end_to_end = steps(said("t", "w", "w.a < t.a"))
    assert (by_statement.tables, by_statement.columns) == (True, True)
    assert (end_to_end.tables, end_to_end.columns) == (True, True)


def test_a_step_that_leads_nowhere_is_wrong() -> None:
    now = steps(said("t step", "step w", "step.a < t.b", "w.a < step.a"))
    assert not now.columns


def test_steps_that_go_in_circles_end() -> None:
    assert not steps(said("x y", "w x y", "x.a < y.a", "y.a < x.a", "w.a < x.a")).columns


def test_an_update_in_place_is_no_step() -> None:
    wanted = case("--> t => t\n--> t.a <- t.b\n")
    assert not score(wanted, said("", ""), script=False).tables


def test_f1_is_over_all_edges() -> None:
    wanted = case("--> t => ()\n--> ().a <- t.a\n--> ().b <- t.b\n")
    half = score(wanted, said("t", "", ".a < t.a", ".b < t.c"), script=False)
    whole = score(wanted, said("t", "", ".a < t.a", ".b < t.b"), script=False)
    assert f1([half]) == pytest.approx(0.5)
    assert f1([half, whole]) == pytest.approx(0.75)
    assert f1([score(Answer(), Answer(), script=False)]) == 1


@pytest.mark.parametrize("each", CASES, ids=lambda each: f"{each.dialect}: {each.title}")
def test_the_corpus_reads_as_the_engine_answers(each: Case) -> None:
    """The golden tests compare texts: both readings of one text must give the same edges, kinds included."""
    derived = answer(0, derive(each.request))
    wanted, given = expected(each), answered(derived)
    assert wanted.inputs == given.inputs
    assert wanted.outputs == given.outputs
    assert {edge.kind for edge in wanted.edges} <= set(Transformation)
    assert wanted.edges == given.edges
