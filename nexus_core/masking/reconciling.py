"""Keeps a source's profiles what policies, classes, people and the source itself make of them.

One round reads all of these. Who would see anything else than before is served no more, at once; then the profile is
made in the source, and served. So nothing is ever shown by what is out of date, whether it was tighter or looser. Only
while all is as it was read does the lease go on, without which proxies show no row.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson
import psycopg
import structlog

from nexus_core.errors import NexusError
from nexus_core.eventlog.seal import Seal
from nexus_core.governance.policies.plan import PROFILES_MAX
from nexus_core.masking import building, ending
from nexus_core.masking.auditing import Problem, audit
from nexus_core.masking.classified import names_now
from nexus_core.masking.inputs import Inputs, known_of, read_inputs
from nexus_core.masking.naming import login_role
from nexus_core.masking.planning import Planned, Planning
from nexus_core.masking.profiles import BEING_BUILT
from nexus_core.masking.released import released_oids
from nexus_core.masking.sealing import context_of
from nexus_core.masking.seen import read, without, written
from nexus_core.masking.source_catalogue import Connection, read_catalogue, read_fingerprint
from nexus_core.masking.source_objects import SourceCatalogue
from nexus_core.masking.source_state import state_of, views_of
from nexus_core.masking.sources import Source
from nexus_core.masking.verifiers import new_password, verifier
from nexus_core.masking.views import token_references
from nexus_core.model.masked import Profile
from nexus_core.projection.active import ActiveProjection
from nexus_core.store import masking as rows
from nexus_core.store.classes import read_generation
from nexus_core.store.database import Store, reading
from nexus_core.store.masking import AudienceRow, ProfileRow, ReleaseRow, SourceRow

BEAT_SECONDS = 1.0
ROTATE_AFTER = timedelta(hours=24)

BEHIND = "classes are being computed anew; until they are as far as they were, nothing changes"
TOO_MANY = f"the policies would need more than {PROFILES_MAX} profiles for this source; name fewer roles or attributes"
NOT_SAFE = "the source itself lets others read past the views; `nexus proxy status` tells what to do"
NOTHING = "nothing of this source is shown to you: it is not harvested, not classified, or policies refuse it"

_log = structlog.get_logger()


@dataclass(slots=True)
class Round:
    """What one round found out: who is to have which profile."""

    inputs: Inputs
    catalogue: SourceCatalogue
    wanted: dict[str, Planned | str]
    """By audience: what it sees, or why it sees nothing."""
    releases: list[ReleaseRow]
    released: frozenset[int]
    absent: dict[str, str]

    @property
    def token(self) -> tuple[str, str]:
        """Equal where nothing changed."""
        return self.inputs.token, self.catalogue.fingerprint

    @property
    def plans(self) -> dict[str, Planned]:
        """The different ones, by id."""
        return {each.id: each for each in self.wanted.values() if isinstance(each, Planned)}


@dataclass(slots=True)
class Reconciler:
    """Of one source, over one session, which nobody else uses."""

    source: Source
    main: Store
    active: ActiveProjection
    seal: Seal
    connection: Connection
    _last: Round | None = None
    _problems: list[Problem] = field(default_factory=list)

    async def round(self) -> bool:
        """Bring all up to date; gives whether anything changed.

        Raises UnavailableError, SourceError or psycopg.Error: then the lease runs out.
        """
        found = await self._read()
        async with self._going_on(found):
            changed = await self._unserve(found)
            if await self._is_safe():
                built = await self._build(found)
                served = (not built or await self._is_safe()) and await self._serve(found)
                changed = changed or built or served
            await self._retire(found)
        await self._note(found)
        self._last = None if BEHIND in found.wanted.values() else found
        return changed

    async def sees_new_classes(self) -> bool:
        """Whether classes changed since the last round; raises UnavailableError."""
        async with reading(self.main) as connection:
            now = await read_generation(connection)
        return self._last is not None and self._last.inputs.classes.generation != now.generation

    async def _read(self) -> Round:
        """Read everything, and plan unless all is as at the last round."""
        inputs = await read_inputs(self.main, self.active, self.source)
        fingerprint = await read_fingerprint(self.connection)
        releases = await rows.releases(self.main, self.source.name)
        last = self._last
        if last is not None and last.token == (inputs.token, fingerprint):
            released = released_oids(last.catalogue, releases, datetime.now(UTC))
            return Round(inputs, last.catalogue, last.wanted, releases, released, last.absent)
        catalogue = await read_catalogue(self.connection)
        await self._remember_names(catalogue)
        planning = Planning(
            self.source.name, catalogue, await known_of(self.main, self.source, inputs, catalogue), inputs.policies
        )
        wanted = {key: _shown(planning.plan(audience)) for key, audience in inputs.audiences.items()}
        if len({each.id for each in wanted.values() if isinstance(each, Planned)}) > PROFILES_MAX:
            wanted = dict.fromkeys(wanted, TOO_MANY)
        released = released_oids(catalogue, releases, datetime.now(UTC))
        return Round(inputs, catalogue, wanted, releases, released, planning.absent)

    async def _remember_names(self, catalogue: SourceCatalogue) -> None:
        known = await rows.identities(self.main, self.source.name)
        seen = {each for each in names_now(catalogue) if each[2:] not in known.get(each[:2], ())}
        if seen:
            await rows.add_identities(self.main, self.source.name, seen)
        gone = {oid for oid, _ in known} - catalogue.relations.keys()
        if gone:
            await rows.forget_identities(self.main, self.source.name, gone)

    async def _unserve(self, found: Round) -> bool:
        """Serve nobody any more who is to see something else than now, and note who is to see nothing.

        Who is not served since the source is not safe is none of them.

        While classes are behind what was acted on before, such people wait.
        """
        state = await rows.source_row(self.main, self.source.name)
        is_behind = state is not None and _is_behind(found.inputs, state)
        if state is None:
            await rows.put_source(self.main, _first_row(self.source.name))
        known = await rows.audiences(self.main, self.source.name)
        if is_behind:
            found.wanted = {
                key: each if _is_kept(known.get(key), each) else BEHIND for key, each in found.wanted.items()
            }
        changed = [
            AudienceRow(self.source.name, key, None, each if isinstance(each, str) else BEING_BUILT)
            for key, each in found.wanted.items()
            if not _is_kept(known.get(key), each)
        ]
        gone = known.keys() - found.wanted.keys()
        if changed or gone:
            await rows.change(self.main, self.source.name, changed, gone)
        await self._end_sessions_of_unused({row.profile_id for row in known.values() if row.profile_id}, found)
        return bool(changed or gone)

    async def _end_sessions_of_unused(self, before: Iterable[str], found: Round) -> None:
        for profile_id in set(before) - found.plans.keys():
            ended = await ending.end_sessions(self.connection, login_role(profile_id))
            _log.info("a profile ended", source=self.source.name, profile=profile_id, sessions=ended)

    async def _build(self, found: Round) -> bool:
        """Make what is missing, mend what was altered, let go of what is released, and serve it."""
        made = await rows.profiles(self.main, self.source.name)
        changed = False
        for profile_id, planned in found.plans.items():
            row = made.get(profile_id)
            if row is None or row.retired_at or await self._is_altered(row):
                await self._make(planned, found)
                changed = True
            else:
                changed |= await self._mend(planned, row, found)
                await self._keep_password(profile_id)
        return changed

    async def _is_altered(self, row: ProfileRow) -> bool:
        """Whether what is in the source is not what was made; what was dropped with a table is made again later."""
        if await state_of(self.connection, row.id) == row.digest:
            return False
        profile = read(row.body, row.generation)
        there = await views_of(self.connection, profile)
        lost = [each for each in profile.relations if not each.is_base and (each.shadow_schema, each.name) not in there]
        if not lost:
            _log.warning("a profile was altered in the source", source=self.source.name, profile=row.id)
            return True
        await self._put(row, without(profile, lost), await state_of(self.connection, row.id))
        return False

    async def _make(self, planned: Planned, found: Round) -> None:
        password = new_password()
        kept = verifier(password)
        await ending.end_sessions(self.connection, login_role(planned.id))
        await self._prepare_keys(planned)
        fingerprint = found.catalogue.fingerprint
        built = await building.build(self.connection, planned, 0, fingerprint, kept, found.released)
        found.absent.update(built.left_out)
        sealed = self.seal.close(password.encode(), context_of(self.source.name, planned.id))
        generation = await rows.change(self.main, self.source.name, [])
        body = written(built.profile)
        now = datetime.now(UTC)
        row = ProfileRow(self.source.name, planned.id, generation, body, built.digest, sealed, kept, now, None)
        await rows.put_profile(self.main, row)
        _log.info("a profile was made", source=self.source.name, profile=planned.id, generation=generation)

    async def _keep_password(self, profile_id: str) -> None:
        """Make a new password once the last is old, and let the source have that of the store at the first round.

        The store has it before the source's transaction ends: who reads it in between logs in a moment later.
        """
        row = await rows.profile_row(self.main, self.source.name, profile_id)
        if row is None:
            return
        if datetime.now(UTC) - row.changed_at > ROTATE_AFTER:
            password = new_password()
            sealed = self.seal.close(password.encode(), context_of(self.source.name, profile_id))
            row = row._replace(password=sealed, verifier=verifier(password), changed_at=datetime.now(UTC))
        elif self._last is not None:
            return
        async with self.connection.transaction():
            await building.set_verifier(self.connection, login_role(profile_id), row.verifier)
            await rows.put_profile(self.main, row)

    async def _prepare_keys(self, planned: Planned) -> None:
        for reference in sorted(token_references(planned)):
            await building.keep_key(self.connection, self.source.name, reference)

    async def _mend(self, planned: Planned, row: ProfileRow, found: Round) -> bool:
        """Take relations out that are released, and put those back that are not any more."""
        row = (await rows.profile_row(self.main, self.source.name, row.id)) or row
        profile = read(row.body, row.generation)
        have = {(each.schema, each.name): each for each in profile.relations}
        oids = {(each.relation.schema, each.relation.name): each.relation.oid for each in planned.relations}
        extra = [each for name, each in have.items() if oids.get(name) in found.released]
        wanted = {oid for name, oid in oids.items() if name not in have and oid not in found.released}
        wanted -= {oid for name, oid in oids.items() if ".".join(name) in found.absent}
        if extra:
            await ending.withdraw(self.connection, profile, extra)
            profile = without(profile, extra)
        if wanted:
            built = await building.restore(self.connection, planned, found.catalogue.fingerprint, profile, wanted)
            found.absent.update(built.left_out)
            profile = built.profile
        if extra or wanted:
            await self._put(row, profile, await state_of(self.connection, row.id))
        return bool(extra or wanted)

    async def _put(self, row: ProfileRow, profile: Profile, digest: str) -> None:
        generation = await rows.change(self.main, self.source.name, [])
        await rows.put_profile(self.main, row._replace(body=written(profile), digest=digest, generation=generation))

    async def _serve(self, found: Round) -> bool:
        """Let people have the profiles that are made."""
        known = await rows.audiences(self.main, self.source.name)
        waiting = [
            AudienceRow(self.source.name, key, each.id, "")
            for key, each in found.wanted.items()
            if isinstance(each, Planned) and known[key].profile_id != each.id
        ]
        if waiting:
            await rows.change(self.main, self.source.name, waiting)
        return bool(waiting)

    async def _retire(self, found: Round) -> None:
        """Remove profiles that nobody has any more; one that is still being read is tried again at the next round."""
        for profile_id, row in (await rows.profiles(self.main, self.source.name)).items():
            if profile_id in found.plans:
                continue
            if row.retired_at is None:
                await rows.put_profile(self.main, row._replace(retired_at=datetime.now(UTC)))
            await ending.end_sessions(self.connection, login_role(profile_id))
            try:
                await ending.drop_profile(self.connection, profile_id)
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DependentObjectsStillExist) as error:
                _log.warning("a profile cannot be removed yet", profile=profile_id, reason=str(error).splitlines()[0])
                continue
            await rows.drop_profile(self.main, self.source.name, profile_id)

    async def _is_safe(self) -> bool:
        """Look whether the source lets anybody read past the views; if so, nobody is served."""
        self._problems = await audit(self.connection, await self._profiles())
        if self._problems:
            await self._unserve_all()
        return not self._problems

    async def _unserve_all(self) -> None:
        """Serve nobody while the source lets anybody read past the views."""
        known = await rows.audiences(self.main, self.source.name)
        served = [row._replace(profile_id=None, why=NOT_SAFE) for row in known.values() if row.profile_id]
        if served:
            _log.error("the source is not safe", source=self.source.name, problem=self._problems[0].what)
            await rows.change(self.main, self.source.name, served)
            for profile in await self._profiles():
                await ending.end_sessions(self.connection, profile.login_role)

    async def _profiles(self) -> list[Profile]:
        made = await rows.profiles(self.main, self.source.name)
        return [read(row.body, row.generation) for row in made.values() if row.retired_at is None]

    async def _note(self, found: Round) -> None:
        """Note that all is as it should be, and what is released by now."""
        before = await rows.source_row(self.main, self.source.name) or _first_row(self.source.name)
        classes = found.inputs.classes
        row = before._replace(
            checked_at=datetime.now(UTC),
            problems=orjson.dumps([[each.what, each.statement] for each in self._problems]).decode(),
            attributes=orjson.dumps(sorted(found.inputs.attributes)).decode(),
            absent=orjson.dumps(found.absent, option=orjson.OPT_SORT_KEYS).decode(),
            class_generation=max(before.class_generation, classes.generation),
            complete_at=max(before.complete_at, classes.complete_at),
            rounds=before.rounds + 1,
        )
        await rows.put_source(self.main, row)
        done = [row._replace(done=True) for row in found.releases if not row.done]
        if done:
            await rows.put_releases(self.main, done)

    @asynccontextmanager
    async def _going_on(self, found: Round) -> AsyncIterator[None]:
        """Let the lease go on while profiles are made, as long as nothing changed since."""
        beating = asyncio.create_task(self._beat(found.inputs.token))
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.wait([beating])

    async def _beat(self, token: str) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                if (await read_inputs(self.main, self.active, self.source)).token != token:
                    return
                await rows.beat(self.main, self.source.name, datetime.now(UTC))
            except NexusError as error:
                _log.warning("the lease waits", source=self.source.name, reason=str(error))


def _shown(planned: Planned) -> Planned | str:
    return planned if planned.relations else NOTHING


def _is_kept(row: AudienceRow | None, wanted: Planned | str) -> bool:
    """Whether people go on as they are."""
    if row is None:
        return False
    if isinstance(wanted, str):
        return row.profile_id is None and row.why == wanted
    return row.profile_id == wanted.id or (row.profile_id is None and row.why in (NOT_SAFE, BEING_BUILT))


def _is_behind(inputs: Inputs, state: SourceRow) -> bool:
    """Whether classes are older than those that were acted on: of a restored store, or of one that is filled anew."""
    classes = inputs.classes
    return classes.generation < state.class_generation or classes.complete_at < state.complete_at


def _first_row(source: str) -> SourceRow:
    return SourceRow(source, 0, None, "[]", "[]", "{}", 0, 0, 0)
