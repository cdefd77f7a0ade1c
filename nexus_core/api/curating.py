"""Who may curate what, and an edit with its record in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from nexus_core.api.services import Services
from nexus_core.catalogue.subjects import FoundSubject, attributes_in, find_subjects, visible_datasets
from nexus_core.errors import ForbiddenError, NotFoundError
from nexus_core.governance.curation import Curation, Edit, Edited, by_namespace
from nexus_core.model.access import Caller, Permission, Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.audit import Act, Action
from nexus_core.model.curation import OBJECTS, Facet, Subject
from nexus_core.model.names import DatasetName


def curation(services: Services) -> Curation:
    """Give the editor of the main store and its log."""
    return Curation(services.main, services.log)


async def readable(services: Services, caller: Caller, asked: Subject) -> FoundSubject:
    """Find what a caller may read; raises NotFoundError."""
    (found,) = await readable_all(services, caller, [asked])
    return found


async def readable_all(services: Services, caller: Caller, asked: Sequence[Subject]) -> list[FoundSubject]:
    """Find all of what a caller may read; raises NotFoundError for the first that it may not."""
    return await find_subjects(services.store, await _aliases(services), caller.scope, asked)


async def editable(services: Services, caller: Caller, asked: Sequence[Subject]) -> list[FoundSubject]:
    """Find what a caller may curate; raises NotFoundError for what it cannot see, ForbiddenError for what it can."""
    aliases, scope = await _aliases(services), _curated_scope(caller)
    found = await find_subjects(services.store, aliases, caller.scope, asked)
    if not scope.everything and any(of.kind in OBJECTS for of in asked):
        raise ForbiddenError(
            "curating terms, domains and products", f"the permission {Permission.CURATE} for everything"
        )
    try:
        await find_subjects(services.store, aliases, scope, asked)
    except NotFoundError as error:
        raise ForbiddenError(f"curating {error.thing}", f"the permission {Permission.CURATE} for it") from error
    return found


async def check_domain(services: Services, scope: Scope, of: Subject, domain: str | None) -> None:
    """Raise ForbiddenError if a scope would not see a dataset in another domain, None for none."""
    name = DatasetName(of.namespace, of.name)
    present = await attributes_in(services.store, scope, name)
    if not scope.sees(name, replace(present, domain=domain)):
        raise ForbiddenError(f"moving the {of} there", f"the permission {Permission.CURATE} for that domain too")


async def shown_value(services: Services, caller: Caller, facet: Facet, value: Any) -> Any:
    """Give a curated value as a caller may see it: a data product without the datasets that are hidden from it."""
    if facet is not Facet.CONTENT or not value or caller.scope.everything or "datasets" not in value:
        return value
    names = [DatasetName(each["namespace"], each["name"]) for each in value["datasets"]]
    seen = await visible_datasets(services.store, await _aliases(services), caller.scope, names)
    return {**value, "datasets": [{"namespace": each.namespace, "name": each.name} for each in names if each in seen]}


async def _aliases(services: Services) -> Aliases:
    return await services.aliases.read(services.store)


async def make(
    services: Services, caller: Caller, edits: Sequence[Edit], source: str = "edit", *, dry: bool = False
) -> list[Edited]:
    """Make edits that the caller may make, each told by the audit log before it happens."""
    editor = curation(services)
    planned = await editor.edit(caller.account_id, edits, source, dry=True)
    if dry or not any(each.changed for each in planned):
        return planned
    async with AsyncExitStack() as acts:
        changed = [each for each in planned if each.changed]
        for namespace, group in by_namespace([each.edit for each in changed]).items():
            told = [_told(each) for each in changed if each.edit in group]
            target = {"namespace": namespace, "source": source, "count": str(len(told))}
            await acts.enter_async_context(services.audit.acting(caller, Act(Action.CURATED, target, {"edits": told})))
        return await editor.edit(caller.account_id, edits, source)


def _told(edited: Edited) -> dict[str, Any]:
    of = edited.edit.subject
    return {
        "kind": of.kind.value,
        "name": of.name,
        "field": of.field,
        "facet": edited.edit.facet.value,
        "before": None if edited.before is None else edited.before.value,
        "after": None if edited.after is None else edited.after.value,
    }


def _curated_scope(caller: Caller) -> Scope:
    return caller.scope_of(Permission.CURATE)
