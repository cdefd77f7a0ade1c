"""Verdicts where no statement is known: dashboards, topics and their consumers, by the lineage of their fields."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from nexus_core.impact.applying import Fields, State, spelled
from nexus_core.impact.judging import SAFE, Judgement, reason_of
from nexus_core.model.impact import FieldLink, Reason, Verdict
from nexus_core.model.names import DatasetName


def judged_links(
    links: Sequence[FieldLink], before: State, now: State, stale: Collection[DatasetName]
) -> tuple[Judgement, dict[DatasetName, Fields | None]]:
    """Judge what feeds one dataset; give with it the fields that the dataset is left with, where some go."""
    differing = [link.source.name for link in links if link.harvested and _differs(link.source, before, now)]
    if differing:
        return Judgement(Verdict.CHANGES, reason_of("harvest_differs", ", ".join(sorted(differing)))), {}
    broken = [link for link in links if not link.harvested and _is_gone(link, before, now)]
    if broken:
        return Judgement(Verdict.BREAKS, _lost(broken[0])), _left(broken, now)
    for link in links:
        if link.source in now.unsure and not link.harvested:
            return Judgement(Verdict.UNKNOWN, Reason("schema_not_known", "What it reads cannot be told any more.")), {}
        told = _retyped(link, before, now)
        if told is not None:
            return told, {}
    if any(not link.source_field and _differs(link.source, before, now) for link in links):
        return Judgement(Verdict.UNKNOWN, Reason("no_statement", "How it reads what changes is not known.")), {}
    if any(link.source in stale and not link.harvested for link in links):
        return Judgement(Verdict.CHANGES, Reason("stale_source", "What it reads is not refreshed any more.")), {}
    return SAFE, {}


def _is_gone(link: FieldLink, before: State, now: State) -> bool:
    if link.source in now.gone:
        return True
    old, new = before.schemas.get(link.source), now.schemas.get(link.source)
    if not link.source_field or old is None or new is None:
        return False
    return spelled(link.source_field, old) is not None and spelled(link.source_field, new) is None


def _lost(link: FieldLink) -> Reason:
    if link.source_field:
        return reason_of("unknown_column", f"{link.source.name}.{link.source_field}")
    return reason_of("unknown_table", link.source.name)


def _left(broken: Sequence[FieldLink], now: State) -> dict[DatasetName, Fields | None]:
    """Give a dataset without the fields that have lost their source."""
    target = broken[0].target
    if not isinstance(target, DatasetName) or any(link.lasting for link in broken):
        return {}
    gone = {link.target_field.lower() for link in broken}
    fields = now.schemas.get(target, {})
    return {target: {name: kind for name, kind in fields.items() if name.lower() not in gone}}


def _retyped(link: FieldLink, before: State, now: State) -> Judgement | None:
    old = before.schemas.get(link.source, {}).get(link.source_field)
    new = now.schemas.get(link.source, {}).get(link.source_field)
    if old is None or new is None or old == new:
        return None
    told = f"{link.source_field} was {old}, is {new}"
    return Judgement(Verdict.CHANGES, reason_of("type_used_changes", told))


def _differs(name: DatasetName, before: State, now: State) -> bool:
    return before.schemas.get(name) != now.schemas.get(name) or name in now.gone
