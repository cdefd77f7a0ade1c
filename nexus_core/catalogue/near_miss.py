"""Names that look as if they meant one dataset: why, and how sure that is. Pure; stewards decide.

A name of a dataset is compared with those of its namespace that have the same last part, and with equal names in
namespaces of the same platform. Equal means: whatever case and quotes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from operator import attrgetter
from typing import NamedTuple

from nexus_core.model.aliases import EVERY, Pair, pair_of
from nexus_core.model.edge import digest_of
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical_namespace, platform, rules_of
from nexus_core.model.naming_tables import quoted_parts
from nexus_core.model.platforms import Form


class Reason(StrEnum):
    """Why two names look alike."""

    SYMLINK = "symlink"
    CASE = "case"
    SHORTER = "shorter"
    DOMAIN = "domain"
    HOSTS = "hosts"
    PORT = "port"


SENTENCES = {
    Reason.SYMLINK: "an event says that they are one, without the authority to merge them",
    Reason.CASE: "they differ by letter case only",
    Reason.SHORTER: "one is the other without its database or schema",
    Reason.DOMAIN: "the host of one is the other's without its domain",
    Reason.HOSTS: "the servers of one are among the other's",
    Reason.PORT: "the same host by another port",
}
SCORES = {
    Reason.SYMLINK: 90,
    Reason.CASE: 70,
    Reason.SHORTER: 85,
    Reason.DOMAIN: 80,
    Reason.HOSTS: 85,
    Reason.PORT: 40,
}
_AMBIGUOUS = 25  # where several longer names end so


class NearMiss(NamedTuple):
    """Two names that look alike; the score is 0 to 100."""

    pair: Pair
    reason: Reason
    score: int


def leaf_key(name: DatasetName) -> str:
    """Give what names share that have the same last part in one namespace."""
    return digest_of(["leaf", name.namespace, _parts(name)[-1]])


def whole_key(name: DatasetName) -> str:
    """Give what equal names on one platform share."""
    return digest_of(["whole", platform(name.namespace), _parts(name)])


def near_misses(names: Iterable[DatasetName]) -> list[NearMiss]:
    """Compare names that were found by the two keys; what is found does not depend on their order."""
    spaces: dict[str, list[DatasetName]] = defaultdict(list)
    same: dict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
    for name in sorted(set(names), key=attrgetter("namespace", "name")):
        spaces[name.namespace].append(name)
        same[platform(name.namespace), _parts(name)].add(name.namespace)
    found = [miss for of in spaces.values() for miss in _within(of)]
    pairs = {pair for of in same.values() for pair in combinations(sorted(of), 2)}
    return found + [miss for pair in sorted(pairs) if (miss := _between(*pair))]


@lru_cache(maxsize=4_096)
def _parts(name: DatasetName) -> tuple[str, ...]:
    if rules_of(name.namespace).form is Form.DOTTED:
        return tuple(part.lower() for part in quoted_parts(name.name))
    return (name.name.lower(),)


def _within(names: Sequence[DatasetName]) -> Iterator[NearMiss]:
    """Compare names of one namespace."""
    by_parts: dict[tuple[str, ...], list[DatasetName]] = defaultdict(list)
    for name in names:
        by_parts[_parts(name)].append(name)
    longer: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for parts, of in by_parts.items():
        for one, other in combinations(of, 2):
            yield from _miss(one, other, Reason.CASE, SCORES[Reason.CASE])
        for start in range(1, len(parts)):
            if parts[start:] in by_parts:
                longer[parts[start:]].append(parts)
    for short, wholes in longer.items():
        deepest = max(map(len, wholes))
        candidates = [whole for whole in wholes if len(whole) == deepest]
        score = SCORES[Reason.SHORTER] if len(candidates) == 1 else _AMBIGUOUS
        for whole in candidates:
            for one in by_parts[short]:
                for other in by_parts[whole]:
                    yield from _miss(one, other, Reason.SHORTER, score)


def _between(left: str, right: str) -> NearMiss | None:
    """Compare two namespaces of one platform that share a name."""
    ours, theirs = _servers(left), _servers(right)
    reason = _server_reason(ours, theirs) if ours and theirs else None
    if reason is None:
        return None
    pair = pair_of(DatasetName(left, EVERY), DatasetName(right, EVERY))
    return NearMiss(pair, reason, SCORES[reason]) if pair else None


def _miss(one: DatasetName, other: DatasetName, reason: Reason, score: int) -> Iterator[NearMiss]:
    if pair := pair_of(one, other):
        yield NearMiss(pair, reason, score)


def _servers(namespace: str) -> frozenset[tuple[str, str]]:
    """Give hosts with ports of a namespace that is only these; nothing for others."""
    scheme, slashes, rest = canonical_namespace(namespace).partition("://")
    if not slashes or "/" in rest or rules_of(f"{scheme}://").port is None:
        return frozenset()
    return frozenset((host, port) for host, _, port in (part.rpartition(":") for part in rest.split(",")))


def _server_reason(ours: frozenset[tuple[str, str]], theirs: frozenset[tuple[str, str]]) -> Reason | None:
    if ours < theirs or theirs < ours:
        return Reason.HOSTS
    if len(ours) != 1 or len(theirs) != 1:
        return None
    (host, port), (other, other_port) = next(iter(ours)), next(iter(theirs))
    if host == other:
        return Reason.PORT
    shorter, longer = sorted((host, other), key=len)
    named = not shorter[-1].isdigit() and "." not in shorter
    return Reason.DOMAIN if port == other_port and named and longer.startswith(f"{shorter}.") else None
