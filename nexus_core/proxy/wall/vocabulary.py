"""PostgreSQL's own words that statements may name, as `tools/proxy_vocabulary.py` found them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files


def _lines(name: str) -> list[str]:
    return (files(__package__) / "data" / f"{name}.txt").read_text(encoding="utf-8").splitlines()


OUT_FIELDS: Mapping[str, tuple[str, ...]] = {
    name: tuple(fields) for name, *fields in (line.split() for line in _lines("functions"))
}
"""By the name of a function that may be called: the fields of the records that it gives, where it gives any."""

FUNCTIONS = frozenset(OUT_FIELDS)

OPERATORS = frozenset(_lines("operators"))

TYPES = frozenset(_lines("types"))

CATALOGUE_COLUMNS = frozenset(_lines("columns"))

FIELDS_OF_RECORDS = frozenset(field for fields in OUT_FIELDS.values() for field in fields) | {"n", "x"}
"""What may follow `(…).`: `n` and `x` are those of information_schema's _pg_expandarray."""
