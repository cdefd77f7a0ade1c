"""What a scope shows of retirements: whole ones of sources that are visible wholly, else those of their datasets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nexus_core.model.access import Scope
from nexus_core.model.names import DatasetName
from nexus_core.model.retirement import RetiredKind
from nexus_core.store.database import Store
from nexus_core.store.dataset_access import visible_in
from nexus_core.store.retirements import Retired, Retirement


async def visible_retirements(store: Store, scope: Scope, found: Sequence[Retirement]) -> list[Retirement]:
    """Give what is visible of retirements, without the counts that tell of others; raises UnavailableError."""
    parts = [one for one in found if not scope.sees_whole(one.source)]
    seen = await visible_in(store, scope, {_name(each) for one in parts for each in one.objects})
    shown = (one if scope.sees_whole(one.source) else _part(one, seen) for one in found)
    return [one for one in shown if one.objects]


def _part(of: Retirement, seen: frozenset[DatasetName]) -> Retirement:
    objects = [each for each in of.objects if each.kind is not RetiredKind.JOB and _name(each) in seen]
    return replace(of, objects=objects, job=None, scope=None, covered_count=None, share=None, least=None)


def _name(each: Retired) -> DatasetName:
    return DatasetName(each.namespace, each.name)
