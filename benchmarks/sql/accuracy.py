"""How right each engine is on our corpus, in one run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.sql.answer import Answer, answered, expected
from benchmarks.sql.engines import Engine
from benchmarks.sql.scorer import Score, f1, score
from tests.golden.corpus import Case

PROGRAMS = ("scripts", "procedures", "dynamic sql")
"""Families that most engines do not read at all."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A case with the score of each engine, in the engines' order."""

    case: Case
    wanted: Answer
    scores: list[Score] = field(default_factory=list)


def marked(cases: Sequence[Case], engines: Sequence[Engine]) -> Iterator[Marked]:
    """Ask every engine every case."""
    for number, case in enumerate(cases):
        wanted = expected(case)
        request = {"id": number, "sql": case.sql, "dialect": case.dialect, "schema": case.schema}
        request |= {"default_database": None, "default_schema": None}
        script = ";" in case.sql.rstrip().removesuffix(";")
        answers = [answered(engine.ask(request)) for engine in engines]
        yield Marked(case, wanted, [score(wanted, answer, script=script) for answer in answers])


def tables(results: Sequence[Marked], engines: Sequence[Engine]) -> Iterator[str]:
    """Give Markdown tables: all together, plain statements together, by dialect, by family."""
    yield from _total(results, engines)
    plain = [each for each in results if each.case.family not in PROGRAMS]
    yield f"\nWithout {', '.join(PROGRAMS)}: {len(plain)} cases.\n"
    yield from _total(plain, engines)
    for title, groups in (("dialect", _groups(results, by_family=False)), ("family", _groups(results, by_family=True))):
        yield ""
        yield f"| {title} | cases | {' | '.join(engine.name for engine in engines)} |"
        yield "|---" * (2 + len(engines)) + "|"
        for name, group in groups.items():
            cells = [_cell([each.scores[at] for each in group], group) for at in range(len(engines))]
            yield f"| {name} | {len(group)} | {' | '.join(cells)} |"


def beaten(results: Sequence[Marked], engines: Sequence[Engine]) -> Iterator[str]:
    """Give the cases where another engine's tables or columns are exact and those of the first are not."""
    for each in results:
        ours, *others = each.scores
        for what in ("tables", "columns", "indirect"):
            better = [engine.name for engine, score in zip(engines[1:], others, strict=True) if getattr(score, what)]
            if better and not getattr(ours, what):
                yield f"- {each.case.dialect}: {each.case.title}: {what} ({', '.join(better)})"


def _total(results: Sequence[Marked], engines: Sequence[Engine]) -> Iterator[str]:
    yield "| engine | version | exact tables | exact columns | exact indirect | F1 of columns | no answer in time |"
    yield "|---|---|---|---|---|---|---|"
    for at, engine in enumerate(engines):
        figures = _figures([each.scores[at] for each in results], results)
        cells = ["-" if figure is None else f"{figure:.1f} %" for figure in figures]
        yield f"| {engine.name} | {engine.version} | {' | '.join(cells)} | {engine.unanswered} |"


def _cell(scores: Sequence[Score], group: Sequence[Marked]) -> str:
    return " / ".join("-" if figure is None else f"{figure:.0f}" for figure in _figures(scores, group))


def _figures(scores: Sequence[Score], group: Sequence[Marked]) -> list[float | None]:
    """Give percentages; indirect ones are those of the cases that have any, None if there are none."""
    indirect = [score.indirect for score, each in zip(scores, group, strict=True) if each.wanted.indirect]
    exact = [[score.tables for score in scores], [score.columns for score in scores], indirect]
    return [*(100 * sum(each) / len(each) if each else None for each in exact), 100 * f1(scores)]


def _groups(results: Sequence[Marked], *, by_family: bool) -> dict[str, list[Marked]]:
    groups: dict[str, list[Marked]] = {}
    for each in results:
        groups.setdefault(each.case.family if by_family else each.case.dialect, []).append(each)
    return groups
