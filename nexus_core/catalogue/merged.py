"""The facets of one dataset or job, merged from all who say something of it (lineage.md §2)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nexus_core.catalogue.curated import CURATED
from nexus_core.catalogue.said import CLASSES
from nexus_core.model.facets import (
    CERTIFICATION,
    COLUMNS,
    CONSTRAINTS,
    DOMAIN,
    FIELD_DOCUMENTATION,
    FOREIGN,
    PROFILE,
    STATISTICS,
    TERMS,
)

Facets = Mapping[str, Mapping[str, Any]]

_NAMING_OTHERS = frozenset({"symlinks", FOREIGN})
_UNITED = {"tags": "tags", "ownership": "owners"}
_BY_FIELD = frozenset({FIELD_DOCUMENTATION, TERMS})
_CURATED_ONLY = _BY_FIELD | {CERTIFICATION, DOMAIN}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a dataset; nested ones have dotted names. Ordinals count from 1."""

    name: str
    type: str | None
    ordinal: int
    description: str | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Estimates of a field's values; the share is from 0 to 1, `least` and `most` are numbers or dates as text."""

    null_share: float | None = None
    distinct_count: int | None = None
    least: str | None = None
    most: str | None = None


def merge(slots: Facets) -> dict[str, Any]:
    """Give one facet of each name: the most believed class's, tags and owners as the union of all.

    What was curated away is left out of the union. Facets told by field are those of all fields together.
    """
    return {name: _one(name, of) for name, of in _said(slots).items()}


def sources_of(slots: Facets) -> dict[str, list[str]]:
    """Give the classes that say something of a facet, the most believed first, by the facet's name."""
    return {name: list(dict.fromkeys(source for source, _ in of)) for name, of in _said(slots).items()}


def _said(slots: Facets) -> dict[str, list[tuple[str, Mapping[str, Any]]]]:
    by_name: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for slot, facet in slots.items():
        source, _, name = slot.partition("/")
        if source == CURATED:
            name = name.partition(" ")[0]  # behind it is the field
        elif name in _CURATED_ONLY:
            continue
        if not facet.get("_deleted"):
            by_name.setdefault(name, []).append((source, facet))
    return {name: sorted(of, key=_rank) for name, of in by_name.items()}


def _rank(said: tuple[str, Mapping[str, Any]]) -> int:
    return CLASSES.index(said[0])


def _one(name: str, said: Sequence[tuple[str, Mapping[str, Any]]]) -> Mapping[str, Any]:
    if name in _BY_FIELD:
        return _by_field([facet for _, facet in said])
    united = _UNITED.get(name)
    if united is None:
        return said[0][1]
    items = [
        item
        for source, facet in said
        for item in _list(facet.get(united))
        if isinstance(item, dict) and (source == CURATED or not _is_removed(name, item, said))
    ]
    once = {repr(sorted(item.items(), key=repr)): item for item in items}
    return {**{key: value for key, value in said[0][1].items() if key != "removed"}, united: list(once.values())}


def _by_field(said: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    fields = {field: value for facet in said for field, value in facet.get("fields", {}).items()}
    return {**next((facet for facet in said if "fields" not in facet), {}), "fields": fields}


def _is_removed(name: str, item: Mapping[str, Any], said: Sequence[tuple[str, Mapping[str, Any]]]) -> bool:
    """Whether a steward took another's owner or tag away; nobody else's facet takes anything away."""
    return any(_what(name, item) in facet["removed"] for source, facet in said if source == CURATED)


def _what(name: str, item: Mapping[str, Any]) -> Any:
    """Give by what an owner or tag is taken away."""
    return text_of(item.get("name")) if name == "ownership" else {"tag": _tag(item), "field": item.get("field") or None}


def description_of(facets: Facets) -> str | None:
    """Give the text of the documentation facet."""
    return text_of(facets.get("documentation", {}).get("description"))


def owners_of(facets: Facets) -> list[str]:
    """Give the owners' names, each once."""
    owners = _list(facets.get("ownership", {}).get("owners"))
    return _once(text_of(owner.get("name")) for owner in owners if isinstance(owner, dict))


def tags_of(facets: Facets, field: str | None = None) -> list[str]:
    """Give the tags of the dataset, or of one field, as `key` or `key:value`."""
    tags = [tag for tag in _list(facets.get("tags", {}).get("tags")) if isinstance(tag, dict)]
    return _once(_tag(tag) for tag in tags if (tag.get("field") or None) == field)


def domain_of(facets: Facets) -> str | None:
    """Give the domain that the dataset belongs to."""
    return text_of(facets.get(DOMAIN, {}).get("name"))


def certification_of(facets: Facets) -> tuple[str | None, str | None]:
    """Give the state of certification, and the note beside it."""
    facet = facets.get(CERTIFICATION, {})
    return text_of(facet.get("state")), text_of(facet.get("note"))


def is_described(facets: Facets, field: str) -> bool:
    """Whether somebody curated the text of a field."""
    return field in facets.get(FIELD_DOCUMENTATION, {}).get("fields", {})


def terms_of(facets: Facets, field: str | None = None) -> list[str]:
    """Give the names of the glossary's terms for the dataset, or for one field."""
    facet = facets.get(TERMS, {})
    return _list(facet.get("terms") if field is None else facet.get("fields", {}).get(field))


def _tag(tag: Mapping[str, Any]) -> str | None:
    key, value = text_of(tag.get("key")), text_of(tag.get("value"))
    return f"{key}:{value}" if key and value and value not in {key, "true"} else key


def fields_of(facets: Facets) -> list[Field]:
    """Give the fields of the schema facet in its order."""
    named = _fields(_list(facets.get("schema", {}).get("fields")), "")
    texts = facets.get(FIELD_DOCUMENTATION, {}).get("fields", {})
    once = {name: (kind, texts.get(name, text)) for name, kind, text in named}
    return [Field(name, kind, ordinal, text) for ordinal, (name, (kind, text)) in enumerate(once.items(), start=1)]


def _fields(values: Sequence[Any], prefix: str) -> Iterator[tuple[str, str | None, str | None]]:
    for value in values:
        if isinstance(value, dict) and (name := text_of(value.get("name"))):
            yield prefix + name, text_of(value.get("type")), text_of(value.get("description"))
            yield from _fields(_list(value.get("fields")), f"{prefix}{name}.")


def kind_of(facets: Facets) -> str:
    """Give the dataset's kind, `table`, `view`, `materialized_view` …, `dataset` where nobody says it."""
    kind = text_of(facets.get("datasetType", {}).get("datasetType"))
    return kind.lower().replace(" ", "_") if kind else "dataset"


def column_facts(facets: Facets, field: str) -> Mapping[str, Any]:
    """Give what the source's catalogue says of a column: nullable, default, identity, generated."""
    columns = facets.get(COLUMNS, {}).get("fields")
    facts = columns.get(field) if isinstance(columns, dict) else None
    return facts if isinstance(facts, dict) else {}


def primary_key_of(facets: Facets) -> list[str]:
    """Give the fields of the primary key."""
    return _once(text_of(field) for field in _list(facets.get(CONSTRAINTS, {}).get("primary_key")))


def size_of(facets: Facets) -> tuple[int | None, int | None]:
    """Give rows and bytes, from the source's statistics, else from what the last writer counted."""
    profile, written = facets.get(PROFILE, {}), facets.get("outputStatistics", {})
    rows, size = profile.get("row_count", written.get("rowCount")), profile.get("size_bytes", written.get("size"))
    return rows if isinstance(rows, int) else None, size if isinstance(size, int) else None


def statistics_of(facets: Facets, field: str) -> Statistics:
    """Give how a field is filled, by our harvest, else by OpenLineage's data quality metrics."""
    ours = _mapping(_mapping(facets.get(STATISTICS, {}).get("fields")).get(field))
    metrics = facets.get("dataQualityMetrics", {})
    theirs = _mapping(_mapping(metrics.get("columnMetrics")).get(field))
    nulls, rows = number_of(theirs.get("nullCount")), number_of(metrics.get("rowCount"))
    share = number_of(ours.get("null_share")) if ours else nulls / rows if nulls is not None and rows else None
    distinct = ours.get("distinct_count", theirs.get("distinctCount"))
    return Statistics(
        null_share=share if share is None else min(max(share, 0.0), 1.0),
        distinct_count=distinct if isinstance(distinct, int) else None,
        least=text_of(ours.get("least")) if ours else _text_of_number(theirs.get("min")),
        most=text_of(ours.get("most")) if ours else _text_of_number(theirs.get("max")),
    )


def without_values(facets: Facets, fields: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """Leave out of both kinds of statistics which values fields hold; their shares stay."""
    found = dict(facets)
    for facet, part, values in (
        (STATISTICS, "fields", ("least", "most")),
        ("dataQualityMetrics", "columnMetrics", ("min", "max", "sum", "quantiles")),
    ):
        said = _mapping(found.get(facet, {}).get(part))
        if closed := said.keys() & set(fields):
            told = {name: _without(each, values) if name in closed else each for name, each in said.items()}
            found[facet] = {**found[facet], part: told}
    return found


def _without(said: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in _mapping(said).items() if name not in names}


def number_of(value: Any) -> float | None:
    """Give a finite number that is there."""
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _text_of_number(value: Any) -> str | None:
    return None if number_of(value) is None else str(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def sql_of(facets: Facets) -> tuple[str | None, str | None]:
    """Give a job's SQL, of several queries one after another, and its dialect if the event says it."""
    said = [facets[name] for name in sorted(facets) if name == "sql" or name.startswith("sql ")]
    texts = [text for facet in said if (text := text_of(facet.get("query")))]
    dialect = next((name for facet in said if (name := text_of(facet.get("dialect")))), None)
    return ";\n".join(texts) or None, dialect


def without_sql(facets: Facets) -> dict[str, Any]:
    """Give a job's facets but its SQL, which may name datasets that the reader does not see."""
    return {name: facet for name, facet in facets.items() if name != "sql" and not name.startswith("sql ")}


def of_this_alone(facets: Facets) -> dict[str, Any]:
    """Leave out what names other datasets, which the reader may not see."""
    kept = {name: facet for name, facet in facets.items() if name not in _NAMING_OTHERS}
    if isinstance(kept.get(CONSTRAINTS), Mapping):
        kept[CONSTRAINTS] = {name: value for name, value in kept[CONSTRAINTS].items() if name != "foreign_keys"}
    return kept


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str | None:
    """Give a text that is there and not empty."""
    return value if isinstance(value, str) and value else None


def _once(values: Iterator[str | None]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))
