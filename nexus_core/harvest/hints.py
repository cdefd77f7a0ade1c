"""Which fields of a harvested dataset may hold personal data, as a facet of its event: proposals, no classification."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nexus_core.connectors.objects import Sample, SourceDataset, SourceField
from nexus_core.harvest.facets import own
from nexus_core.harvest.profile import profile_facets
from nexus_core.model.facets import HINTS
from nexus_core.pii import VERSION, Column, propose

Event = dict[str, Any]


def with_hints(event: Event, dataset: SourceDataset) -> Event:
    """Give a dataset's event with what its fields may hold, and how they are filled if that was asked for.

    Looks at rows where the connector offers that.
    """
    sample = dataset.sample() if dataset.sample else Sample({})
    values = {name: [each for each in seen if each is not None] for name, seen in sample.values.items()}
    table = ".".join(dataset.name.name.split(".")[-2:])
    fields = {
        each.field: {"data": each.data.value, "score": each.score, "reason": each.reason}
        for each in propose(table, _columns(dataset.fields, values))
    }
    facet = own("DatasetFacet", version=VERSION, sampled=bool(values), fields=fields)
    described = event["dataset"]
    found = described["facets"] | {HINTS: facet} | profile_facets(dataset, sample, fields.keys())
    return event | {"dataset": described | {"facets": found}}


def _columns(fields: Sequence[SourceField], values: Mapping[str, Sequence[str]], prefix: str = "") -> Iterator[Column]:
    for field in fields:
        name = prefix + field.name
        yield Column(name, field.type, field.description, values.get(name, ()))
        yield from _columns(field.fields, values, f"{name}.")
