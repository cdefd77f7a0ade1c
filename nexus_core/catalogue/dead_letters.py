"""Which events that wait for a person a steward sees: those all of whose datasets are within the steward's scope."""

from __future__ import annotations

from collections.abc import Sequence

from nexus_core.catalogue.changes_cause import datasets_of
from nexus_core.eventlog.log import EventLog
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.envelope import Envelope
from nexus_core.store.database import Store
from nexus_core.store.dataset_access import visible_in

Letter = tuple[Envelope, str]
"""An event and the reason why it waits."""

_LOOKED_MOST = 5_000


async def read_discarded(
    store: Store, log: EventLog, aliases: Aliases, scope: Scope, limit: int
) -> list[tuple[Envelope, str, str]]:
    """Give the newest discarded events that are visible, why each waited and why it was discarded."""
    found = await log.discarded(limit if scope.everything else max(limit, _LOOKED_MOST))
    seen = await _visible(store, aliases, scope, [(envelope, reason) for envelope, reason, _ in found])
    shown = {envelope.id for envelope, _ in seen}
    return [each for each in found if each[0].id in shown][:limit]


async def read_dead_letters(store: Store, log: EventLog, aliases: Aliases, scope: Scope, limit: int) -> list[Letter]:
    """Give the newest that are visible; a limited scope looks through the newest 5,000. Raises UnavailableError."""
    found = await log.dead_letters(limit if scope.everything else max(limit, _LOOKED_MOST))
    return (await _visible(store, aliases, scope, found))[:limit]


async def sees_event(store: Store, log: EventLog, aliases: Aliases, scope: Scope, event_id: str) -> bool:
    """Whether an event of the log is visible; one that is not there is to nobody but who sees everything."""
    if scope.everything:
        return True
    found = await log.read([event_id])
    return bool(await _visible(store, aliases, scope, [(envelope, "") for envelope in found]))


async def _visible(store: Store, aliases: Aliases, scope: Scope, letters: Sequence[Letter]) -> list[Letter]:
    """Keep what names visible datasets alone; what names none may tell of any."""
    if scope.everything:
        return list(letters)
    named = [(letter, datasets_of(letter[0], aliases)) for letter in letters]
    seen = await visible_in(store, scope, {name for _, of in named for name in of})
    return [letter for letter, of in named if of and of <= seen]
