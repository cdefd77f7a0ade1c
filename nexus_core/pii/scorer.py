"""Proposes which columns hold personal data. Pure: nothing is fetched, no value is kept or quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nexus_core.model.personal import PersonalData, Proposal
from nexus_core.pii.rules import Said, said_by
from nexus_core.pii.values import CHECKS, VALUES_MAX, missing, shares
from nexus_core.pii.words import words_of, words_of_comment

VERSION = 2
LEAST_SCORE = 0.5

_COMMENT_WEIGHT = 0.85
_LEAST_SHARE = 0.6
_HIDDEN = re.compile(r"\b(?:hash|hashed|masked|encrypted|digest|token)\b")
_TYPES = (
    ("flag", re.compile(r"bool|\bbit\b|tinyint\(1\)", re.IGNORECASE)),
    ("time", re.compile(r"date|time|year", re.IGNORECASE)),
    ("number", re.compile(r"int|num|dec|float|double|real|money|serial|long\b", re.IGNORECASE)),
)
_OF_FLAGS = frozenset({PersonalData.HEALTH, PersonalData.BELIEF, PersonalData.GENDER})
_OF_TIMES = frozenset({PersonalData.BIRTH})
_NOT_NUMBERS = frozenset(
    {
        PersonalData.EMAIL,
        PersonalData.PERSON_NAME,
        PersonalData.USER_NAME,
        PersonalData.CREDENTIAL,
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its source declares it, with values sampled from it, if any; `values` are never shown."""

    name: str
    type: str = ""
    comment: str | None = None
    values: Sequence[str] = field(default=(), repr=False)


def propose(table: str, columns: Iterable[Column]) -> Iterator[Proposal]:
    """Give for each column the likeliest kind of personal data, where one is likely enough."""
    context = words_of(table)
    for column in columns:
        found = [_proposal(column, data, said) for data, said in _evidence(column, context).items()]
        best = max(found, key=lambda each: each.score, default=None)
        if best is not None and best.score >= LEAST_SCORE:
            yield best


def _evidence(column: Column, context: str) -> dict[PersonalData, list[tuple[float, str]]]:
    """Give, by kind of data, what speaks for it and how strongly."""
    words = words_of(column.name.rpartition(".")[2])
    found: dict[PersonalData, list[tuple[float, str]]] = {}
    for said in _fitting(column, said_by(words, context)):
        found.setdefault(said.data, []).append((said.score, "its name says so"))
    for said in _fitting(column, said_by(words_of_comment(column.comment or ""), context)):
        found.setdefault(said.data, []).append((said.score * _COMMENT_WEIGHT, "its comment says so"))
    for data, share in shares(column.values).items():
        if share >= _LEAST_SHARE:
            reason = f"{share:.0%} of {min(len(column.values), VALUES_MAX)} sampled values have its form"
            found.setdefault(data, []).append((CHECKS[data][0] * share, reason))
    if not _HIDDEN.search(words):
        for data in missing(column.values) & found.keys():
            del found[data]
    return found


def _fitting(column: Column, said: Iterable[Said]) -> Iterator[Said]:
    """Leave out what a column of this type cannot hold; of one kind the strongest counts."""
    best: dict[PersonalData, Said] = {}
    for each in said:
        if _fits(column.type, each.data) and each.score > best.get(each.data, Said(each.data, 0)).score:
            best[each.data] = each
    return iter(best.values())


def _fits(type_: str, data: PersonalData) -> bool:
    kind = next((kind for kind, pattern in _TYPES if pattern.search(type_)), "text")
    if kind == "flag":
        return data in _OF_FLAGS
    if kind == "time":
        return data in _OF_TIMES
    return kind == "text" or data not in _NOT_NUMBERS


def _proposal(column: Column, data: PersonalData, said: Sequence[tuple[float, str]]) -> Proposal:
    doubt = 1.0
    for score, _ in said:
        doubt *= 1 - score
    return Proposal(column.name, data, round(1 - doubt, 2), "; ".join(reason for _, reason in said))
