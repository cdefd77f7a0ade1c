"""How often proposals are right, on columns that we labelled by hand (tests/data/pii_columns.txt)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nexus_core.model.personal import PersonalData
from nexus_core.pii import Column, propose

LABELLED = Path(__file__).parents[2] / "data" / "pii_columns.txt"
_ORIGINS = {"!": "ours, held out", "*": "others'"}
_LINE = re.compile(
    r"(?P<name>\S+) (?P<type>[^=#|]+?)(?: = (?P<data>\w+))?(?: # (?P<comment>[^|]+?))?(?: \| (?P<values>.+))?"
)


@dataclass(frozen=True)
class Labelled:
    table: str
    origin: str
    column: Column
    data: PersonalData | None


def labelled() -> Iterator[Labelled]:
    table, origin = "", ""
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            table, origin = line.strip("[]!*"), _ORIGINS.get(line[-2], "ours")
        elif line and not line.startswith("#"):
            found = _LINE.fullmatch(line)
            assert found, line
            values = (found["values"] or "").split("; ") if found["values"] else ()
            column = Column(found["name"], found["type"], found["comment"], tuple(values))
            yield Labelled(table, origin, column, PersonalData(found["data"]) if found["data"] else None)


@dataclass(frozen=True)
class Accuracy:
    precision: float
    recall: float
    wrong: list[str]


def accuracy(rows: list[Labelled]) -> Accuracy:
    right, proposed, wrong = 0, 0, []
    for row in rows:
        (found,) = [*propose(row.table, [row.column])] or [None]
        proposed += found is not None
        right += found is not None and found.data == row.data
        if (found.data if found else None) != row.data:
            wrong.append(f"{row.table}.{row.column.name}: {found.data if found else None}, not {row.data}")
    return Accuracy(right / proposed, right / sum(row.data is not None for row in rows), wrong)


def test_the_set_is_large_and_mostly_near_misses() -> None:
    rows = list(labelled())
    assert len(rows) >= 600
    assert sum(row.data is None for row in rows) >= 350
    assert {row.data for row in rows if row.data} == set(PersonalData)


@pytest.mark.parametrize(
    ("origin", "precision", "recall"),
    [("ours", 0.98, 0.95), ("ours, held out", 0.95, 0.9), ("others'", 0.93, 0.7)],
)
def test_precision_and_recall(origin: str, precision: float, recall: float) -> None:
    rows = [row for row in labelled() if row.origin == origin]
    found = accuracy(rows)
    print(f"{origin}: {len(rows)} columns: precision {found.precision:.3f}, recall {found.recall:.3f}")
    print(*found.wrong, sep="\n")
    assert found.precision >= precision
    assert found.recall >= recall
