"""How a dataset's fields are filled, as a facet of its event: by its source's statistics, else by sampled values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from nexus_core.connectors._samples import has_range
from nexus_core.connectors._statistics import extremes
from nexus_core.connectors.objects import FieldStatistics, Sample, SourceDataset, SourceField
from nexus_core.harvest.facets import Facets, own
from nexus_core.model.facets import STATISTICS


def profile_facets(dataset: SourceDataset, sample: Sample, hinted: Collection[str]) -> Facets:
    """Say how fields are filled, where that was asked for; of `hinted` ones not which values they hold."""
    if sample.counted is None:
        return {}
    said = dict(_fields(dataset, sample, sample.counted, hinted))
    sampled = max((len(values) for values in sample.values.values()), default=0)
    return {STATISTICS: own("DatasetFacet", sampled=sampled, fields=said)}


def _fields(
    dataset: SourceDataset, sample: Sample, counted: Mapping[str, FieldStatistics], hinted: Collection[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, type_ in dict(_types(dataset.fields)).items():
        if name not in counted and name not in sample.values:
            continue
        seen = estimated(sample.values.get(name, ()), type_, dataset.profile.row_count)
        known = {
            part: value for part, value in asdict(counted.get(name, FieldStatistics())).items() if value is not None
        }
        found = {part: value for part, value in (asdict(seen) | known).items() if value is not None}
        yield name, {part: value for part, value in found.items() if part not in _VALUES or name not in hinted}


_VALUES = ("least", "most")


def estimated(values: Sequence[str | None], type_: str, row_count: int | None) -> FieldStatistics:
    """Estimate from the values of some rows, of `row_count` if that is known."""
    if not values:
        return FieldStatistics()
    given = [value for value in values if value is not None]
    least, most = extremes(given) if has_range(type_) else (None, None)
    return FieldStatistics(
        round(1 - len(given) / len(values), 4), _distinct(given, len(values), row_count), least, most
    )


def _distinct(given: Sequence[str], seen: int, row_count: int | None) -> int:
    """Estimate distinct values by those that were seen once (Haas and Stokes 1998, Duj1, as PostgreSQL's ANALYZE)."""
    counts = Counter(given)
    once = sum(count == 1 for count in counts.values())
    if row_count is None or row_count <= seen or once == 0:
        return len(counts)
    rows = row_count * len(given) / seen
    return round(len(given) * len(counts) / (len(given) - once + once * len(given) / rows))


def _types(fields: Sequence[SourceField], prefix: str = "") -> Iterator[tuple[str, str]]:
    for field in fields:
        yield prefix + field.name, field.type
        yield from _types(field.fields, f"{prefix}{field.name}.")
