"""Licences of everything that `lineage-nexus[all]` brings, as installed here: `python tools/licences.py`."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

LESSER = frozenset({"psycopg", "psycopg-binary", "pymssql", "python-stdnum"})
"""Packages under the LGPL: used unmodified, as packages of their own that anyone may replace."""

_COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)
_LONG = 60


def closure(name: str, extras: frozenset[str] = frozenset()) -> dict[str, str]:
    """Give the licence of each package that one needs on this platform, by its canonical name."""
    found: dict[str, str] = {}
    waiting, seen = [(name, extras)], set()
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        try:
            package = distribution(each[0])
        except PackageNotFoundError:
            continue  # of another platform
        found[_canonical(each[0])] = licence(package)
        waiting += _needed(package, each[1])
    return found


def licence(package: Distribution) -> str:
    """Give what a package says of its licence: the SPDX expression, else classifiers, else its first line."""
    stated = package.metadata
    if stated["License-Expression"]:
        return str(stated["License-Expression"])
    classified = [
        each.rpartition(" :: ")[2] for each in stated.get_all("Classifier") or [] if each.startswith("License")
    ]
    return "; ".join(classified) or str(stated["License"] or "not stated").splitlines()[0][:_LONG]


def is_copyleft(text: str) -> bool:
    """Whether a licence is the GPL or the AGPL, with no other choice."""
    return bool(_COPYLEFT.search(text)) and not re.search(r"Lesser|LGPL|MIT|BSD|Apache|Artistic", text, re.IGNORECASE)


def _needed(package: Distribution, extras: frozenset[str]) -> list[tuple[str, frozenset[str]]]:
    needed = []
    for line in package.requires or []:
        one = Requirement(line)
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            needed.append((one.name, frozenset(one.extras)))
    return needed


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    for each, text in sorted(closure("lineage-nexus", frozenset({"all"})).items()):
        print(f"{each:40} {text}")
