"""What changes do to quality checks: one of a field or dataset that is gone fails when it next runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nexus_core.impact.applying import spelled
from nexus_core.impact.judging import reason_of
from nexus_core.impact.simulating import Simulated
from nexus_core.model.edge import node_key
from nexus_core.model.impact import Outcome, Reason, Verdict
from nexus_core.model.names import DatasetName
from nexus_core.model.quality import Finding


def touched(done: Simulated) -> Mapping[str, DatasetName]:
    """Give the datasets that are not as before, by key."""
    return {node_key(name.id): name for name in done.paths}


def judged_checks(done: Simulated, checks: Iterable[Finding]) -> Iterator[Outcome]:
    """Give what changes do to the checks of touched datasets; the text of a check is not known, only its field."""
    names = touched(done)
    for check in checks:
        name = names[check.dataset_key]
        verdict, reason = _judged(check, name, done)
        path = (*done.paths[name], f"check:{check.check_key}")
        yield Outcome(path[-1], verdict, reason, path, frozenset({name}))


def _judged(check: Finding, name: DatasetName, done: Simulated) -> tuple[Verdict, Reason]:
    title = check.title or check.assertion
    if name in done.after.gone:
        return Verdict.BREAKS, reason_of("unknown_table", f"{title} is about {name.name}")
    old, new = done.before.schemas.get(name), done.after.schemas.get(name)
    if name in done.after.unsure or old is None or new is None:
        return Verdict.UNKNOWN, Reason("schema_not_known", f"{title}: the fields of what it checks are not known.")
    if old == new:
        return Verdict.SAFE, Reason("unaffected", "The fields that it may check are as before.")
    field = spelled(check.field, old) if check.field else None
    if field is None:
        return Verdict.UNKNOWN, Reason("no_statement", f"{title}: which fields it reads is not known.")
    if field not in new:
        return Verdict.BREAKS, reason_of("unknown_column", f"{title} is about {field}")
    if old[field] != new[field]:
        return Verdict.CHANGES, reason_of("type_used_changes", f"{title}: {field} was {old[field]}, is {new[field]}")
    return Verdict.SAFE, Reason("unaffected", "The field that it checks is as before.")
