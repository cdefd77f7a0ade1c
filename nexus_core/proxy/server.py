"""One process of the proxy: lets clients in, keeps their sessions, and ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog

from nexus_core.errors import NexusError, UnavailableError
from nexus_core.governance.audit import Audit
from nexus_core.governance.proxy_passwords import ProxyPasswords
from nexus_core.governance.secrets import new_id
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Action, Outcome
from nexus_core.model.masked import Profile
from nexus_core.model.scram import Verifier
from nexus_core.proxy import figures
from nexus_core.proxy import upstream as source
from nexus_core.proxy.clock import Times, check
from nexus_core.proxy.door import Door, TurnedAwayError
from nexus_core.proxy.judgements import Judge, Judgements, StartupOptions
from nexus_core.proxy.profiles import Profiles
from nexus_core.proxy.protocol import messages
from nexus_core.proxy.protocol.messages import fatal
from nexus_core.proxy.protocol.opening import Cancel, Start
from nexus_core.proxy.relay import Limits, Relay
from nexus_core.proxy.sessions import Session, Sessions, worker_of
from nexus_core.proxy.trail import Trail
from nexus_core.proxy.upstream import Address, Login, Upstream, open_upstream
from nexus_core.proxy.wall.verdict import Refused
from nexus_core.proxy.watch import Watch
from nexus_core.proxy.wire import Wire
from nexus_core.store.proxy_logins import ProxyLogin

_TICK_S = 0.5
_OUTCOMES_EVERY_S = 1.0
_COMING_IN_MAX = 200
_LAST_WORDS_S = 5.0
_RIGHTS_UNKNOWN = "it is not known now what you may see of this source"

log = structlog.get_logger()


Neighbours = Callable[[int, Cancel], Awaitable[None]]
"""Gives a cancellation to another of the processes that share a port."""


async def _nobody_else(_worker: int, _wanted: Cancel) -> None:
    """Stand for the neighbours of a process that is alone."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the proxy is told by its settings and by the wall."""

    judge: Judge
    startup_options: StartupOptions
    addresses: Mapping[str, Address]
    times: Times
    limits: Limits
    login_seconds: float
    drain_seconds: float


@dataclass(slots=True)
class Proxy:
    """The sessions of one process, from a client's first byte to the last record of the audit log."""

    door: Door
    rules: Rules
    profiles: Profiles
    passwords: ProxyPasswords
    audit: Audit
    sessions: Sessions
    watch: Watch
    neighbours: Neighbours = _nobody_else
    _judgements: dict[tuple[str, str, int], Judgements] = field(default_factory=dict)
    _coming_in: int = 0
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _wires: set[Wire] = field(default_factory=set)
    _draining: bool = False

    def connected(self, wire: Wire) -> None:
        """Take a client that has just connected."""
        self._wires.add(wire)
        if self._draining or self._coming_in >= _COMING_IN_MAX:
            wire.abort()
            return
        self._begin(self._let_in(wire))

    def wire(self) -> Wire:
        """Make the protocol of a new connection, for asyncio's servers."""
        return Wire(self.connected)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep watch until `stop` is set, then let what runs come to its end."""
        keeping = [asyncio.create_task(each) for each in (self.watch.run(), self._tick(), self._tell_outcomes())]
        try:
            await stop.wait()
            await self._drain()
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=_LAST_WORDS_S)
            await self._hang_up()

    async def cancel(self, wanted: Cancel) -> None:
        """Stop the statement of the session with such numbers, if there is one, here or in a process beside this."""
        worker = worker_of(wanted.process)
        if worker == self.sessions.worker:
            await self.cancel_own(wanted)
        else:
            await self.neighbours(worker, wanted)

    async def cancel_own(self, wanted: Cancel) -> None:
        """Stop the statement of a session of this process."""
        session = self.sessions.to_cancel(wanted.process, wanted.secret)
        if session is not None and session.relay.is_busy:
            await source.cancel(session.upstream)

    # --- letting in

    async def _let_in(self, wire: Wire) -> None:
        self._coming_in += 1
        try:
            async with asyncio.timeout(self.rules.login_seconds):
                wanted = await self.door.open(wire)
                if isinstance(wanted, Cancel):
                    await self.cancel(wanted)
                    wire.close()
                else:
                    await self._log_in(wire, wanted)
        except TurnedAwayError as away:
            wire.write(away.complaint.error)
            wire.close()
            await self._turned_away(away, wire)
        except (OSError, TimeoutError):
            wire.abort()
        except NexusError as error:
            log.warning("login_failed", reason=str(error))
            wire.write(fatal(messages.CANNOT_CONNECT_NOW, "the proxy cannot let anybody in now").error)
            wire.close()
        finally:
            self._coming_in -= 1

    async def _log_in(self, wire: Wire, wanted: Start) -> None:
        name = wanted.parameters["user"]
        known = await self.passwords.of(name)
        verifier = self.passwords.nobody(name) if known is None else _verifier(known)
        await self.door.prove(wire, name, verifier)
        if known is None:
            raise TurnedAwayError(fatal(messages.INVALID_PASSWORD, "the name or the password is wrong"), name)
        full = self.sessions.take_place(known.account_id)
        if full is not None:
            raise TurnedAwayError(full, name)
        try:
            await self._open(wire, wanted, known)
        except BaseException:
            self.sessions.leave_place(known.account_id)
            raise

    async def _open(self, wire: Wire, wanted: Start, known: ProxyLogin) -> None:
        profile = await self._profile(wanted, known)
        upstream = await self._upstream(wanted, profile, known)
        trail = Trail(self.audit, Caller(known.account_id, known.name, ()), profile, new_id("ps")[:11])
        try:
            await trail.began(wire.peer)
            if wire.is_ended:
                raise ConnectionError("the client has left")
        except BaseException:
            upstream.wire.abort()
            raise
        self._start(wire, upstream, trail, known)

    async def _profile(self, wanted: Start, known: ProxyLogin) -> Profile:
        """Give what somebody sees of the source that is asked for. Raises TurnedAwayError, UnavailableError."""
        asked = wanted.parameters.get("database") or known.login
        named = self._source(asked)
        if named is None:
            raise TurnedAwayError(fatal(messages.UNKNOWN_DATABASE, f'database "{asked}" is not served'), known.login)
        if not await self.watch.fresh(named):
            told = "it is not known now what you may see of this source"
            raise TurnedAwayError(
                fatal(messages.CANNOT_CONNECT_NOW, told, "Is `nexus reconciler` running?"), known.login
            )
        answer = await self.profiles.answer(known.account_id, named)
        if answer.profile is None:
            raise TurnedAwayError(fatal(messages.INVALID_AUTHORIZATION, answer.why or "not served"), known.login)
        return answer.profile

    def _source(self, asked: str) -> str | None:
        """Give the source of a name: its own, or that of the database where only one source is served."""
        if asked in self.rules.addresses:
            return asked
        names = [name for name, address in self.rules.addresses.items() if address.database == asked]
        return names[0] if names and len(self.rules.addresses) == 1 else None

    async def _upstream(self, wanted: Start, profile: Profile, known: ProxyLogin) -> Upstream:
        given = {name: value for name, value in wanted.parameters.items() if name not in ("user", "database")}
        options = self.rules.startup_options(given, profile)
        if isinstance(options, Refused):
            raise TurnedAwayError(fatal(options.sqlstate, options.reason, options.hint), known.login)
        login = Login(profile.login_role, partial(self.profiles.password, profile))
        try:
            return await open_upstream(self.rules.addresses[profile.source], login, options)
        except UnavailableError as error:
            log.warning("source_unavailable", source=profile.source, reason=str(error))
            told = "the source does not let the proxy in now"
            raise TurnedAwayError(fatal(messages.CANNOT_CONNECT_NOW, told), known.login) from error

    def _start(self, wire: Wire, upstream: Upstream, trail: Trail, known: ProxyLogin) -> None:
        self._wires.add(upstream.wire)
        now = asyncio.get_running_loop().time()
        judgements = self._judgements_of(trail.profile)
        relay = Relay(wire, upstream, judgements, trail, self.rules.limits, lambda reason: self._over(session, reason))
        process, secret = self.sessions.numbers()
        session = Session(
            trail.caller, trail.profile, known.epoch, relay, upstream, now, process, secret, quiet_since=now
        )
        self.sessions.add(session)
        figures.SESSIONS.set(len(self.sessions))
        figures.LOGINS.labels("done").inc()
        told = {**upstream.parameters, "session_authorization": known.login, "is_superuser": "off"}
        greeting = [messages.parameter(name, value) for name, value in told.items()]
        wire.write(b"".join([messages.AUTHENTICATED, *greeting, messages.key_data(process, secret), messages.ready()]))
        relay.start()

    def _judgements_of(self, profile: Profile) -> Judgements:
        key = (profile.source, profile.id, profile.generation)
        found = self._judgements.get(key)
        if found is None:
            used = {(each.profile.source, each.profile.id, each.profile.generation) for each in self.sessions}
            for old in [each for each in self._judgements if each not in used]:
                del self._judgements[old]
            found = Judgements(profile, self.rules.judge, self.rules.limits.statement_bytes)
            self._judgements[key] = found
        return found

    async def _turned_away(self, away: TurnedAwayError, wire: Wire) -> None:
        figures.LOGINS.labels("refused").inc()
        if not away.login:
            return
        act = Act(
            Action.SIGN_IN,
            {"by": "proxy", "reason": away.complaint.message if away.complaint.code != "28P01" else "password"},
            {"name": away.login, "address": wire.peer},
        )
        try:
            await self.audit.record(None, act, Outcome.REFUSED)
        except NexusError as error:
            log.error("audit_record_failed", reason=str(error))

    # --- keeping and ending

    def _over(self, session: Session, reason: str) -> None:
        self.sessions.remove(session)
        self.sessions.leave_place(session.caller.account_id)
        figures.SESSIONS.set(len(self.sessions))
        figures.ENDS.labels(reason).inc()
        self._begin(self._last_words(session, reason))

    async def _last_words(self, session: Session, reason: str) -> None:
        if session.relay.is_busy and reason != "database":
            self._begin(source.cancel(session.upstream))
        try:
            await session.relay.tell_outcomes()
            await session.relay.trail.ended(reason)
        except NexusError as error:
            log.error("audit_record_failed", session=session.relay.trail.session, reason=str(error))

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self.watch.enforce()
            for session in self.sessions:
                check(session, self.rules.times, loop.time(), lambda each: self._begin(source.cancel(each.upstream)))
            self._wires = {wire for wire in self._wires if not wire.is_ended}
            ages = [self.watch.age(name) for name in self.watch.leases]
            figures.LEASE.set(max(ages, default=0.0))
            await asyncio.sleep(_TICK_S)

    async def _tell_outcomes(self) -> None:
        while True:
            await asyncio.sleep(_OUTCOMES_EVERY_S)
            for session in self.sessions:
                try:
                    await session.relay.tell_outcomes()
                except NexusError as error:
                    log.error("audit_record_failed", session=session.relay.trail.session, reason=str(error))

    async def _drain(self) -> None:
        """Let in nobody more, end who is idle, and the others once they are, or at the end of the time for that."""
        self._draining = True
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.rules.drain_seconds
        while len(self.sessions):
            late = loop.time() >= deadline
            for session in self.sessions:
                if late or session.relay.is_idle:
                    session.relay.end(fatal(messages.ADMIN_SHUTDOWN, "the proxy is stopping", "Connect again."), "stop")
            if len(self.sessions):
                await asyncio.sleep(0.1)

    async def _hang_up(self) -> None:
        """Let sockets close, and end those whose other side does not."""
        for _ in range(20):
            self._wires = {wire for wire in self._wires if not wire.is_ended}
            if not self._wires:
                return
            await asyncio.sleep(0.05)
        for wire in self._wires:
            wire.abort()
        await asyncio.sleep(0.05)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("proxy_task_failed", exc_info=error)


def _verifier(known: ProxyLogin) -> Verifier:
    return Verifier(known.salt, known.iterations, known.stored_key, known.server_key)
