"""Schemas by table name: keys of one to three parts match names of any depth from their last part on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nexus_core.model.statement import Schema


@dataclass(frozen=True, slots=True)
class Known:
    """A table of the given schema: its key's parts, its columns in order, and their types as they are written.

    `fields` are those of its structs that the schema names by dots (`address`, `address.city`), as OpenLineage's schema
    facet nests them; they are no columns.
    """

    parts: tuple[str, ...]
    columns: tuple[str, ...]
    types: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def fields_of(self, column: str, path: Sequence[str]) -> tuple[str, ...]:
        """Give the fields of a struct, or of the part of it that a path leads to, that the schema names by dots."""
        within = ".".join((column, *path)).lower() + "."
        inner = [field[len(within) :] for field in self.fields if field.lower().startswith(within)]
        return tuple(name for name in inner if "." not in name)


class Catalog:
    """The request's schema, indexed by the last part of its keys; remembers what was asked for."""

    def __init__(self, schema: Schema | None) -> None:
        self._schema = schema or {}
        self._keys = _by_last_part(tuple(self._schema))
        self._found: dict[tuple[str, ...], Known | None] = {}
        self.looked_up: dict[str, None] = {}

    def find(self, parts: tuple[str, ...]) -> Known | None:
        """Give the table of a name, None if the schema has none or several that differ; the lookup is remembered."""
        self.looked_up[".".join(parts)] = None
        return self.peek(parts)

    def peek(self, parts: tuple[str, ...]) -> Known | None:
        """Give the table of a name without remembering that it was asked for."""
        if parts not in self._found:
            self._found[parts] = self._best(parts)
        return self._found[parts]

    def _best(self, parts: tuple[str, ...]) -> Known | None:
        if not parts:
            return None
        found = [self._known(key) for key in self._keys.get(parts[-1].lower(), ()) if _ends_alike(key, parts, False)]
        exact = [known for known in found if _ends_alike(known.parts, parts, True)] or found
        deepest = max((min(len(known.parts), len(parts)) for known in exact), default=0)
        best = [known for known in exact if min(len(known.parts), len(parts)) == deepest]
        return best[0] if best and all(known.columns == best[0].columns for known in best) else None

    def _known(self, parts: tuple[str, ...]) -> Known:
        named = self._schema[".".join(parts)]
        fields = tuple(name for name in named if "." in name and name.partition(".")[0] in named)
        columns = {name: kind for name, kind in named.items() if name not in fields} if fields else named
        return Known(parts, tuple(columns), tuple(columns.values()), fields)


@lru_cache(maxsize=16)
def _by_last_part(keys: tuple[str, ...]) -> Mapping[str, Sequence[tuple[str, ...]]]:
    """Give the parts of a schema's keys by the last of them: kept, since many statements share a large schema."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for key in keys:
        parts = tuple(key.split("."))
        found.setdefault(parts[-1].lower(), []).append(parts)
    return found


def _ends_alike(key: Sequence[str], name: Sequence[str], exact: bool) -> bool:
    pairs = zip(reversed(key), reversed(name), strict=False)
    return all(a == b if exact else a.lower() == b.lower() for a, b in pairs)


class Columns:
    """Named things in order; `index` finds the first so named by exact name or else whatever its case."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.index = _positions(self.names).of


class _Positions:
    def __init__(self, names: tuple[str, ...]) -> None:
        self._exact = {name: index for index, name in reversed(list(enumerate(names)))}
        self._lower: Mapping[str, int] | None = None

    def of(self, name: str) -> int | None:
        """Give the position of the first so named, None if there is none."""
        found = self._exact.get(name)
        if found is not None:
            return found
        if self._lower is None:
            self._lower = {each.lower(): index for each, index in self._exact.items()}
        return self._lower.get(name.lower())


_positions = lru_cache(maxsize=512)(_Positions)
"""Tables come again, in one text and in the next of the same schema."""
