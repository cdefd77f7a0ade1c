"""Values of a few rows, and what a source itself counted of them; read only when asked for, by every kind alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from pydantic import Field

from nexus_core.connectors.objects import DatasetKind, FieldStatistics, Sample, SourceField
from nexus_core.connectors.protocol import ConnectorSettings
from nexus_core.connectors.report import Report

VALUE_CHARS = 200
"""Most characters of a value that are read."""
FIELDS_MAX = 200
PROFILED_ROWS = 1_000
"""Rows that are read for a profile where nobody says how many."""

STORED = frozenset({DatasetKind.TABLE, DatasetKind.PARTITIONED_TABLE, DatasetKind.MATERIALIZED_VIEW})
"""Kinds whose rows are read: a view or a foreign table may cost anything."""
_TEXTS = re.compile(
    r"(?:n?varchar|n?char|character|bpchar|(?:n|tiny|medium|long)?text|citext|string|sysname|enum)\b(?!.*(?:\[\]|array))",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"(?:uuid|uniqueidentifier|inet|cidr|bool|boolean|bit|year|date|datetime|datetime2|smalldatetime|datetimeoffset|"
    r"timestamp\w*|time|timetz|(?:tiny|small|medium|big)?int\d*|integer|byteint|(?:big|small)?serial|"
    r"(?:big)?numeric|number|decimal|dec|(?:small)?money|long|float\d*|double|real)\b(?!.*(?:\[\]|array))",
    re.IGNORECASE,
)
_RANGED = re.compile(
    r"(?:year|date|timestamp|smalldatetime|(?:tiny|small|medium|big)?int\d*\b|integer|byteint|(?:big|small)?serial|"
    r"(?:big)?numeric|number|dec|(?:small)?money|long\b|float|double|real)",
    re.IGNORECASE,
)


class SampledSettings(ConnectorSettings):
    """What every connection has whose rows may be looked at."""

    sample_rows: int = Field(0, ge=0, le=1000, description="Rows of each table whose values are looked at for hints.")
    profile_columns: bool = Field(
        default=False, description="Whether to estimate nulls, distinct values and ranges of columns."
    )

    @property
    def rows_max(self) -> int:
        """Rows of one dataset that are read at most; 0 reads none."""
        return self.sample_rows or (PROFILED_ROWS if self.profile_columns else 0)


class UnreadError(Exception):
    """The source lets the account not read rows, or not in time; never leaves the connector."""


Rows = Iterable[Sequence[Any]]
Read = Callable[[Sequence[SourceField], int], Rows]
"""Reads fields of so many rows at most, values in the order of the fields; raises UnreadError."""
Counted = Callable[[], Mapping[str, FieldStatistics]]
"""Gives what the source itself counted of fields; raises UnreadError."""


@dataclass(frozen=True, slots=True)
class Look:
    """How to look at the rows of one dataset; `counted` where the source keeps statistics of fields."""

    name: str
    fields: Sequence[SourceField]
    read: Read
    counted: Counted = dict


def sampler(settings: SampledSettings, report: Report, look: Look) -> Callable[[], Sample] | None:
    """Give what looks at a dataset's rows as the settings ask; None where nothing is to be read."""
    fields = [each for each in look.fields if is_text(each) or _OTHERS.match(each.type)][:FIELDS_MAX]
    if not settings.rows_max or not fields:
        return None

    def sample() -> Sample:
        counted = _counted(look) if settings.profile_columns else None
        wanted = fields if settings.sample_rows else [each for each in fields if _is_unknown(each, counted or {})]
        try:
            values = _by_field(wanted, look.read(wanted, settings.rows_max)) if wanted else {}
        except UnreadError as error:
            report.skipped.add(look.name, f"its values were not looked at: {error}")
            values = {}
        return Sample(values, counted)

    return sample


def is_text(field: SourceField) -> bool:
    """Whether values may be long, so that they are cut where they are read."""
    return bool(_TEXTS.match(field.type))


def has_range(type_: str) -> bool:
    """Whether the least and greatest value of a type tell something: numbers and dates."""
    return bool(_RANGED.match(type_))


def selected(fields: Sequence[SourceField], quote: Callable[[str], str], cut: str = "LEFT({}, {})") -> str:
    """Write the select list that reads fields; `quote` writes a name in the source's SQL, `cut` how a text is cut."""
    named = [(each, quote(each.name)) for each in fields]
    written = (cut.format(name, VALUE_CHARS) if is_text(each) else name for each, name in named)
    return ", ".join(f"{each} AS c{place}" for place, each in enumerate(written))


def leaves(fields: Sequence[SourceField], prefix: str = "") -> Iterator[SourceField]:
    """Give the fields that hold no others, by their dotted names."""
    for each in fields:
        if each.fields:
            yield from leaves(each.fields, f"{prefix}{each.name}.")
        else:
            yield replace(each, name=prefix + each.name)


def within(record: Any, path: Sequence[str]) -> Any:
    """Give the value at a path in nested records; of a list its first element, None where there is nothing."""
    for name in (*path, None):
        while isinstance(record, list):
            record = record[0] if record else None
        if name is not None:
            record = record.get(name) if isinstance(record, Mapping) else None
    return record


def text_of(value: Any) -> str | None:
    """Give a value as text, cut; None for null."""
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value[:VALUE_CHARS].hex()
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)[:VALUE_CHARS]


def _counted(look: Look) -> Mapping[str, FieldStatistics]:
    try:
        return look.counted()
    except UnreadError:
        return {}  # a sample says it then


def _is_unknown(field: SourceField, counted: Mapping[str, FieldStatistics]) -> bool:
    known = counted.get(field.name)
    return known is None or (has_range(field.type) and known.least is None and known.null_share != 1)


def _by_field(fields: Sequence[SourceField], rows: Rows) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {each.name: [] for each in fields}
    columns = list(found.values())
    for row in rows:
        for values, value in zip(columns, row, strict=True):
            values.append(text_of(value))
    return found


def each_value(rows: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[Any]]:
    """Give the values of rows that drivers give as mappings, in their order."""
    return (tuple(row.values()) for row in rows)
