"""Curated values as facets in the catalogue's slots: what an edit says, and edits that no worker has merged yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nexus_core.model import facets
from nexus_core.model.curation import Facet, SubjectKind
from nexus_core.store.curation import Version, current_of
from nexus_core.store.database import Store

CURATED = "curated"
"""The class of sources that is believed before all others (lineage.md §2)."""

_Facet = dict[str, Any]
_IN_CATALOGUE = frozenset({SubjectKind.DATASET, SubjectKind.JOB})


def slot_of(facet: str, field: str) -> str:
    """Give the slot of a curated facet: each field has its own, so that edits of two fields never meet."""
    name = facets.FIELD_DOCUMENTATION if field and facet == Facet.DESCRIPTION else _NAMES[Facet(facet)]
    return f"{CURATED}/{name} {field}" if field else f"{CURATED}/{name}"


def facet_of(facet: str, field: str, value: Mapping[str, Any] | None) -> _Facet:
    """Give a curated value as the facet that the catalogue keeps."""
    return {"_deleted": True} if value is None else _MADE[Facet(facet)](field, value)


def slots_of(versions: Iterable[Version]) -> dict[str, _Facet]:
    """Give the facets of edits by slot; of two edits of one slot, under two names of a dataset, the later one."""
    latest: dict[str, Version] = {}
    for version in versions:
        if version.facet == Facet.CONTENT:
            continue
        slot = slot_of(version.facet, version.field)
        if slot not in latest or (latest[slot].at, latest[slot].event_id) < (version.at, version.event_id):
            latest[slot] = version
    return {slot: facet_of(each.facet, each.field, each.value) for slot, each in latest.items()}


async def edited_slots(main: Store, keys: Iterable[str]) -> dict[str, _Facet]:
    """Give what is curated of a dataset or job by the keys of its names, merged by a worker already or not."""
    return slots_of(each for each in await current_of(main, keys) if each.kind in _IN_CATALOGUE)


def curated_names(slots: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Give what is curated of a dataset or its fields, by the names of model.curation."""
    told = {slot.partition("/")[2].partition(" ")[0] for slot, facet in slots.items() if _holds(slot, facet)}
    names = {facet.value for facet, name in _NAMES.items() if name in told}
    return sorted(names | ({Facet.DESCRIPTION.value} if facets.FIELD_DOCUMENTATION in told else set()))


def _holds(slot: str, facet: Mapping[str, Any]) -> bool:
    return slot.startswith(f"{CURATED}/") and not facet.get("_deleted")


def tag_facet(text: str, field: str) -> _Facet:
    """Give a tag of the form `key` or `key:value` as OpenLineage has it."""
    key, colon, value = text.partition(":")
    tag = {"key": key, "value": value if colon and value else "true", "source": CURATED}
    return {**tag, "field": field} if field else tag


def _description(field: str, value: Mapping[str, Any]) -> _Facet:
    if field:
        return {"fields": {field: value["text"]}}
    return {"description": value["text"], "contentType": "text/markdown"}


def _owners(_field: str, value: Mapping[str, Any]) -> _Facet:
    return {"owners": [{"name": name} for name in value["add"]], "removed": list(value["remove"])}


def _tags(field: str, value: Mapping[str, Any]) -> _Facet:
    removed = [{"tag": text, "field": field or None} for text in value["remove"]]
    return {"tags": [tag_facet(text, field) for text in value["add"]], "removed": removed}


def _terms(field: str, value: Mapping[str, Any]) -> _Facet:
    return {"fields": {field: list(value["add"])}} if field else {"terms": list(value["add"])}


def _plain(_field: str, value: Mapping[str, Any]) -> _Facet:
    return dict(value)


_MADE: Mapping[Facet, Callable[[str, Mapping[str, Any]], _Facet]] = {
    Facet.DESCRIPTION: _description,
    Facet.OWNERS: _owners,
    Facet.TAGS: _tags,
    Facet.CERTIFICATION: _plain,
    Facet.DOMAIN: _plain,
    Facet.TERMS: _terms,
}
_NAMES: Mapping[Facet, str] = {
    Facet.DESCRIPTION: "documentation",
    Facet.OWNERS: "ownership",
    Facet.TAGS: "tags",
    Facet.CERTIFICATION: facets.CERTIFICATION,
    Facet.DOMAIN: facets.DOMAIN,
    Facet.TERMS: facets.TERMS,
}
