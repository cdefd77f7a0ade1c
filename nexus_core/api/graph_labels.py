"""What a lineage answer tells of its nodes beside the lineage: owners, tags, domain, certification and class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nexus_core.api.services import Services
from nexus_core.classification.enforced import read_enforced
from nexus_core.graph.read_answer import FoundNode, LineageAnswer
from nexus_core.store.catalogue_labels import labels_of
from nexus_core.store.classes import EffectiveClasses
from nexus_core.store.database import reading

Describe = Callable[[FoundNode], dict[str, Any]]


def undescribed(_node: FoundNode) -> dict[str, Any]:
    """Tell nothing."""
    return {}


async def read_descriptions(services: Services, answer: LineageAnswer) -> Describe:
    """Give what is told of each visible node, as of now; a dataset has the highest class in it."""
    keys = {node.found.parent for node in answer.nodes if node.found is not None and node.found.parent}
    async with reading(services.store) as connection:
        labels = await labels_of(connection, keys)
    classes = await read_enforced(services.main, services.store, {key: key for key in keys})

    def describe(node: FoundNode) -> dict[str, Any]:
        known = _class(classes, node)
        return known if node.field is not None else known | _labels(labels.get(node.parent, {}))

    return describe


def _class(classes: EffectiveClasses, node: FoundNode) -> dict[str, Any]:
    effective = classes.get((node.parent, node.field or "")) if node.parent else None
    if effective is None:
        return {}
    told: dict[str, Any] = {"classification": effective.class_name}
    return told | {"suspected": True} if effective.suspected else told


def _labels(held: Any) -> dict[str, Any]:
    some = {"owners": held.get("owner"), "tags": held.get("tag")}
    one = {name: next(iter(held.get(name, ())), None) for name in ("domain", "certification")}
    return {name: value for name, value in (some | one).items() if value}
