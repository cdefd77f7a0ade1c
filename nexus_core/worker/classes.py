"""What decisions of a round's events say of classes; a decision that says nothing meaningful has no effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from nexus_core.model.classes import CLASSIFICATION, HIGHEST_RANK, RANKS, UNDECIDED, WHOLE, Act, folded
from nexus_core.model.decision import Decision, ObjectKind
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.class_facts import ClassChanges, ClassStatementRow
from nexus_core.worker.said import Said

_ACTS = {act.value: act for act in Act}
_NEED_CLASS = {Act.SET, Act.ACCEPT, Act.BREAKER, Act.DEFINE}


def class_changes(events: Iterable[Said], renamed: Sequence[DatasetName]) -> ClassChanges:
    """Give what events decide about classes, and the datasets to look at again."""
    rows = [row for said in events if said.decision is not None for row in _rows(said, said.decision)]
    named = {DatasetName(row.namespace, row.name) for row in rows if row.dataset_key}
    return ClassChanges(rows, sorted(named), sorted(set(renamed)))


def _rows(said: Said, decision: Decision) -> Iterator[ClassStatementRow]:
    act = _ACTS.get(decision.action)
    if decision.kind != CLASSIFICATION or act is None:
        return
    name = decision.details.get("class", "")
    if not isinstance(name, str) or name == UNDECIDED or (act in _NEED_CLASS and not name):
        return
    told = (act.value, name, said.principal, said.accepted_at, orjson.dumps(dict(decision.details)))
    if act is Act.DEFINE:
        if _is_rank(decision.details.get("rank")) and name not in RANKS:
            yield ClassStatementRow("", name, said.event_id, "", "", *told)
        return
    for each in decision.objects:
        if each.kind is ObjectKind.DATASET:
            dataset = canonical(DatasetName(each.namespace, each.name))
            for field in _fields(decision.details.get("fields", [WHOLE])):
                yield ClassStatementRow(
                    node_key(dataset.id), field, said.event_id, dataset.namespace, dataset.name, *told
                )


def _is_rank(rank: Any) -> bool:
    return isinstance(rank, int) and not isinstance(rank, bool) and 0 < rank <= HIGHEST_RANK


def _fields(told: Any) -> set[str]:
    return {folded(field) for field in told if isinstance(field, str)} if isinstance(told, list) else set()
