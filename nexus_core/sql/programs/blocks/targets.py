"""Variables as a body's words name them."""

from __future__ import annotations

from dataclasses import dataclass

from nexus_core.sql.programs.blocks.machine import Machine
from nexus_core.sql.reading.words import closing


@dataclass(frozen=True, slots=True)
class Target:
    """What an assignment names: `name` or `record.field`, whether it is one element of it, and the place behind it."""

    name: str
    element: bool
    behind: int


def target_at(m: Machine, at: int, end: int) -> Target:
    """Read the variable that stands at a place: `a`, `:a`, `a.b`, `a[1]`, `a(1).b`."""
    at += m.key(at) == ":"
    names = [m.name(at)]
    at += 1
    element = False
    while at < end:
        if m.key(at) == "." and at + 1 < end:
            names.append(m.name(at + 1))
            at += 2
        elif m.key(at) in ("(", "["):
            element = True
            at = closing(m.words, at, end) + 1
        else:
            break
    return Target(".".join(names[:2]), element, at)


def targets(m: Machine, into: int, end: int) -> tuple[list[str], int]:
    """Give the variables behind INTO, and the place behind them."""
    at = into + 1
    at += m.key(at) == "STRICT"
    names: list[str] = []
    while at < end and (m.words[at].kind == "name" or m.key(at) == ":"):
        target = target_at(m, at, end)
        names.append(target.name)
        at = target.behind
        if m.key(at) != ",":
            break
        at += 1
    return names, min(at, end)
