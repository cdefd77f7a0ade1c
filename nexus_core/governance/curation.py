"""Edits curated metadata: a version and its event in one transaction, so that neither is ever without the other."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from nexus_core.errors import ConflictError, InvalidInputError, NotFoundError, StaleReadError, UnavailableError
from nexus_core.eventlog.log import EventLog
from nexus_core.events.check import check
from nexus_core.events.curation import CuratedValue, curation_event
from nexus_core.events.identity import event_id
from nexus_core.governance.curated_objects import check_references, check_unused
from nexus_core.model.curation import ABSENT, LISTS, Facet, Subject, checked, patched
from nexus_core.model.envelope import Authority, Envelope
from nexus_core.store import curation as rows
from nexus_core.store.catalogue import Connection
from nexus_core.store.curation import Version
from nexus_core.store.database import Store, writing

EDITS_MAX = 2_000
"""Most edits of one transaction, which must not hold the store for long."""

_TURN_EDITS = 50  # edits made before other requests get a turn

_TRIES = 5
_EDITOR = Authority(edits=True)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one facet. `value` None takes back what was curated; `add` and `remove` change a list as it is then.

    `expected` is the version tag that the editor saw, None to take whatever there is. `keys` are those of all names of
    the subject, whose versions count as its own.
    """

    subject: Subject
    facet: Facet
    value: Mapping[str, Any] | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    expected: str | None = None
    keys: tuple[str, ...] = ()
    path: str = "$"

    @property
    def is_patch(self) -> bool:
        """Whether it changes a list."""
        return bool(self.add or self.remove)


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of an edit; `before` and `after` are the same version where nothing changed."""

    edit: Edit
    before: Version | None
    after: Version | None

    @property
    def changed(self) -> bool:
        """Whether there is a new version."""
        return self.before != self.after


def tag_of(version: Version | None) -> str:
    """Give the version tag of a facet: what `ETag` and `If-Match` carry, without the quotes."""
    return ABSENT if version is None else f"{version.version}-{version.event_id.removeprefix('sha256:')[:24]}"


def latest(versions: Iterable[Version]) -> Version | None:
    """Give the version that holds of those that several names of one dataset have."""
    return max(versions, key=lambda each: (each.at, each.event_id), default=None)


class Curation:
    """Edits in one store with one log. Methods raise UnavailableError while the store does not answer."""

    def __init__(self, main: Store, log: EventLog) -> None:
        self._main, self._log = main, log

    async def edit(
        self, account_id: str, edits: Sequence[Edit], source: str = "edit", *, dry: bool = False
    ) -> list[Edited]:
        """Make all edits, or none; each is durable, with its event, when this returns.

        Raises ConflictError if one rests on a version that holds no more, InvalidInputError with its path for one that
        cannot be. `dry` only tells what would become of them.
        """
        if len(edits) > EDITS_MAX:
            raise InvalidInputError(f"holds more than {EDITS_MAX} edits")
        for _ in range(_TRIES):
            try:
                done = await self._try(account_id, edits, source, dry=dry)
            except StaleReadError:
                continue
            await self._send()
            return done
        raise ConflictError("What you edit")

    async def send_waiting(self) -> None:
        """Give a log outside the store what edits left for it, and did not reach it yet."""
        await self._log.send_waiting()

    async def _send(self) -> None:
        try:
            await self._log.send_waiting()
        except UnavailableError:
            return  # the edit is durable, and its event is sent as soon as the log answers

    async def _try(self, account_id: str, edits: Sequence[Edit], source: str, *, dry: bool) -> list[Edited]:
        async with writing(self._main) as connection:
            known = await _Known.load(connection, edits)
            done = []
            for index, edit in enumerate(edits, start=1):
                done.append(known.take(edit, account_id, source))
                if index % _TURN_EDITS == 0:
                    await asyncio.sleep(0)
            await check_references(connection, [each.edit for each in done])
            await check_unused(connection, [(each.edit.subject, each.after) for each in done])
            versions, envelopes = known.made
            if versions and not dry:
                await rows.add_versions(connection, versions)
                await self._log.append_within(connection, envelopes)
        return done

    async def earlier(self, edit: Edit, event: str | None) -> Edit:
        """Give the edit that makes an earlier version hold again, by its event; None is before the first one.

        Raises NotFoundError.
        """
        if event is None:
            return edit
        of = edit.subject
        found = await rows.version_of(self._main, (of.key, *edit.keys), of.field, edit.facet, event)
        if found is None:
            raise NotFoundError(f"An edit {event[:80]} of the {edit.facet} of {of}")
        return replace(edit, value=found.value)


class _Known:
    """What is curated, as edits of one transaction find and leave it."""

    def __init__(self, present: Sequence[Version]) -> None:
        self._by_place: dict[tuple[str, str, str], Version] = {version.place: version for version in present}
        self.made: tuple[list[Version], list[Envelope]] = ([], [])

    @classmethod
    async def load(cls, connection: Connection, edits: Sequence[Edit]) -> _Known:
        keys = {key for edit in edits for key in (edit.subject.key, *edit.keys)}
        return cls(await rows.current_versions(connection, keys))

    def take(self, edit: Edit, account_id: str, source: str) -> Edited:
        """Make the next version, or find that nothing changes."""
        before = self._holding(edit)
        if edit.expected is not None and edit.expected != tag_of(before):
            raise ConflictError(f"The {edit.facet} of {edit.subject}")
        value = _value(edit, None if before is None else before.value)
        if value == (None if before is None else before.value):
            return Edited(edit, before, before)
        after, envelope = _made(edit, value, self._number(edit), before, account_id, source)
        self._by_place[after.place] = after
        self.made[0].append(after)
        self.made[1].append(envelope)
        return Edited(edit, before, after)

    def _holding(self, edit: Edit) -> Version | None:
        of = edit.subject
        places = ((key, of.field, edit.facet.value) for key in dict.fromkeys((of.key, *edit.keys)))
        return latest(self._by_place[place] for place in places if place in self._by_place)

    def _number(self, edit: Edit) -> int:
        own = self._by_place.get((edit.subject.key, edit.subject.field, edit.facet.value))
        return own.version + 1 if own else 1


def _value(edit: Edit, present: Any) -> Mapping[str, Any] | None:
    if edit.is_patch:
        if edit.facet not in LISTS:
            raise InvalidInputError(f"the {edit.facet} is no list to add to or remove from", edit.path)
        return checked(edit.subject, edit.facet, patched(present, edit.add, edit.remove), edit.path)
    return None if edit.value is None else checked(edit.subject, edit.facet, edit.value, edit.path)


def _made(
    edit: Edit, value: Mapping[str, Any] | None, number: int, before: Version | None, account_id: str, source: str
) -> tuple[Version, Envelope]:
    """Make a version and its event, dated behind the one before whatever the clock says."""
    now = datetime.now(UTC)
    at = now if before is None else max(now, before.at + _MOMENT)
    event = check(curation_event(CuratedValue(edit.subject, edit.facet, value), number, at))
    envelope = Envelope(
        id=event_id(account_id, event.event),
        principal=account_id,
        authority=_EDITOR,
        accepted_at=at,
        valid_at=at,
        kind=event.kind,
        event=event.event,
    )
    of = edit.subject
    body = None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    version = Version(
        subject_key=of.key,
        field=of.field,
        facet=edit.facet.value,
        version=number,
        kind=of.kind.value,
        namespace=of.namespace,
        name=of.name,
        body=body,
        source=source,
        at=at,
        account_id=account_id,
        event_id=envelope.id,
    )
    return version, envelope


def by_namespace(edits: Iterable[Edit]) -> dict[str, list[Edit]]:
    """Group edits by the namespace of their subject, "" for terms, domains and products."""
    found: dict[str, list[Edit]] = defaultdict(list)
    for edit in edits:
        found[edit.subject.namespace].append(edit)
    return dict(found)
