"""One session: a client's requests pass the wall to the source, and its answers pass back once they may.

Nothing here waits: sockets call in, and what must wait is kept. A refused text is replaced by one that the source
itself refuses, so that transactions, pipelines and the order of answers are the source's own; its complaint is then
replaced by ours.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from nexus_core.errors import InvalidInputError, NexusError
from nexus_core.proxy import figures
from nexus_core.proxy.covers import COVER_SECONDS, Cover
from nexus_core.proxy.expected import CLOSE, PARSE, QUERY, RUN, SYNC, SYNCED, Expected
from nexus_core.proxy.judgements import Judgement, Judgements
from nexus_core.proxy.prepared import Meant, Prepared
from nexus_core.proxy.protocol import answers, messages, requests
from nexus_core.proxy.protocol.answers import Answers
from nexus_core.proxy.protocol.messages import Complaint
from nexus_core.proxy.protocol.requests import ParseText, Requests
from nexus_core.proxy.trail import Trail
from nexus_core.proxy.upstream import PINNED, Upstream
from nexus_core.proxy.wall.verdict import Kind, Permitted, Refused
from nexus_core.proxy.wire import Sink, Wire

_HELD_MAX = 256 * 2**10
"""Bytes of answers that may wait before the source is read no further."""

_INTENTS_MAX = 50
"""Intents that may wait to be durable before the client is read no further."""

_LEAVES_SYNCED = frozenset((requests.SYNC, requests.FLUSH, requests.MORE))
_READY, _COMPLETE = answers.READY, answers.COMPLETE
_IDLE = ord("I")

log = structlog.get_logger()


_NAMES_OBJECTS = Judgement(
    Refused("parameters whose type names objects of the database are not permitted", "Give a number of type oid."), b""
)
"""Whether such a value can be read tells whether there is such an object, also one that the profile does not show."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a session may send, in bytes of a statement."""

    statement_bytes: int


class Relay:
    """A session between a client and a source, from after its login to its end.

    `ended` is called once with the reason. All of it runs in one event loop.
    """

    def __init__(
        self,
        client: Wire,
        upstream: Upstream,
        judgements: Judgements,
        trail: Trail,
        limits: Limits,
        ended: Callable[[str], None],
    ) -> None:
        self.client, self.upstream, self.trail = client, upstream, trail
        self._judgements = judgements
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._now = self._loop.time
        self._requests = Requests(limits.statement_bytes)
        self._answers = Answers(self._tell)
        self._prepared = Prepared()
        self._expected: deque[Expected] = deque()
        self._covers: dict[object, Cover] = {}
        self._pending: deque[Cover] = deque()
        self._held: deque[tuple[int, bool, bytes]] = deque()
        self._begins_clean = True
        self._held_bytes = 0
        self._late_notices: list[bytes] = []
        self._out: list[bytes] = []
        self._mark = secrets.token_hex(8)
        self._follow: dict[int, Callable[[bytes], bool]] = {
            requests.BIND: self._bind,
            requests.EXECUTE: self._execute,
            requests.SYNC: self._sync,
            requests.QUERY: self._query,
            requests.PARSE: self._parse,
            requests.CLOSE: self._close,
            requests.CALL: self._refuse_call,
            requests.TERMINATE: self._terminate,
        }
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: list[Cover] = []
        self._unsynced = self._told_its_end = False
        self._refused_count = 0
        self.ordinal = 0
        self.answered = 0
        self.status = _IDLE
        self.is_over = False
        self.is_stopped = False

    def start(self) -> None:
        """Begin to relay."""
        self.upstream.wire.flow(
            Sink(self._from_source, lambda: self._source_ended(), self._client_waits, self._client_goes_on)
        )
        self.client.flow(Sink(self._from_client, lambda: self._client_left(), self._source_waits, self._source_goes_on))

    @property
    def is_busy(self) -> bool:
        """Whether the source still owes an answer."""
        return bool(self._expected)

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs, nor a transaction."""
        return not self._expected and self.status == _IDLE

    # --- what the client sends

    def _from_client(self, data: bytes) -> None:
        if self.is_over:
            return
        try:
            statement = self._requests.run(data)
            if statement is not None:
                self._run(statement)
                self.upstream.wire.write(data)
            else:
                self._pass_on(data)
        except InvalidInputError as error:
            self.end(messages.fatal(messages.PROTOCOL_VIOLATION, error.reason), "protocol")
            return
        if len(self._pending) > _INTENTS_MAX:
            self.client.transport.pause_reading()

    def _pass_on(self, data: bytes) -> None:
        out = self._out
        try:
            for kind, raw in self._requests.feed(data):
                follow = self._follow.get(kind)
                if follow is None or follow(raw):
                    out.append(raw)
                    if kind not in _LEAVES_SYNCED:
                        self._unsynced = True
                elif self.is_over:
                    return
            if out:
                self.upstream.wire.write(out[0] if len(out) == 1 else b"".join(out))
        finally:
            out.clear()

    def _run(self, statement: bytes) -> None:
        """Follow a Bind of the unnamed portal, an Execute of it and a Sync as one."""
        meant = self._prepared.bind(b"", statement)
        self._expected.append(self._running(meant, 0))
        self._expected.append(SYNCED)
        self._prepared.sync()
        self._unsynced = False

    def _running(self, meant: Meant, most: int) -> Expected:
        if len(meant) == 1 and not most:
            return self._cover(meant[0]).run
        return Expected(RUN, covers=tuple(map(self._cover, meant)), most=most)

    # What follows for a request: each gives whether it passes as it is.

    def _bind(self, raw: bytes) -> bool:
        self._prepared.bind(*requests.bound_names(raw))
        return True

    def _sync(self, _raw: bytes) -> bool:
        self._expected.append(SYNCED)
        self._prepared.sync()
        self._unsynced = False
        return True

    def _close(self, raw: bytes) -> bool:
        closes, name = requests.named(raw)
        self._expected.append(Expected(CLOSE, name, closes=closes))
        return True

    def _terminate(self, _raw: bytes) -> bool:
        self._client_left()
        return False

    def _query(self, raw: bytes) -> bool:
        self._in_order()
        judgement = self._judgements.of(requests.query_text(raw)) if raw else self._judgements.too_long
        cover = self._cover(judgement)
        verdict = judgement.verdict
        if isinstance(verdict, Permitted):
            self._learn(judgement, verdict)
            self._expected.append(cover.query)
            self._out.append(requests.query(judgement.text))
            return False
        refused = self._refusal(cover, verdict, QUERY)
        self._out.append(requests.query(refused.token))
        return False

    def _parse(self, raw: bytes) -> bool:
        self._unsynced = True
        asked = requests.parse_text(raw) if raw else ParseText(b"", b"", b"\0\0")
        judgement = self._judgements.of(asked.text) if raw else self._judgements.too_long
        if requests.names_objects(asked.types):
            judgement = _NAMES_OBJECTS
        verdict = judgement.verdict
        if isinstance(verdict, Permitted):
            self._prepared.parse(asked.name, judgement)
            self._learn(judgement, verdict)
            self._expected.append(Expected(PARSE, asked.name, judgement))
            self._out.append(raw if judgement.text == asked.text else asked.saying(judgement.text))
            return False
        refused = self._refusal(self._cover(judgement), verdict, PARSE)
        self._out.append(replace(asked, types=b"\0\0").saying(refused.token))
        return False

    def _execute(self, raw: bytes) -> bool:
        portal, most = requests.executed(raw)
        self._expected.append(self._running(self._prepared.of_portal(portal), most))
        return True

    def _refuse_call(self, _raw: bytes) -> bool:
        """Answer a FunctionCall as a refused Query is answered: an error, and that the session is ready."""
        self._in_order()
        judgement = Judgement(Refused("function calls by the protocol's fast path are not permitted"), b"")
        verdict = judgement.verdict
        if isinstance(verdict, Refused):
            self._out.append(requests.query(self._refusal(self._cover(judgement), verdict, QUERY).token))
        return False

    def _in_order(self) -> None:
        """Refuse a Query before the Sync that ends what came before: whether it runs would depend on failures there."""
        if self._unsynced:
            raise InvalidInputError("a Query before the Sync of what came before")

    def _learn(self, judgement: Judgement, verdict: Permitted) -> None:
        if Kind.PREPARE in verdict.statements or Kind.DECLARE in verdict.statements:
            self._prepared.named_by_sql(judgement)
        if judgement.notices:
            self._notify(judgement.notices)

    def _refusal(self, cover: Cover, verdict: Refused, kind: int) -> Expected:
        """Expect the source's complaint about a text that is no SQL, in whose place ours is told."""
        number = f"{self.trail.session}.{cover.ordinal}"
        self._refused_count += 1
        token = f'"LineageNexus refused {self._mark}{self._refused_count:x}"'.encode()
        told = messages.error(verdict.sqlstate, verdict.reason, verdict.hint, f"Recorded in the audit log as {number}.")
        expected = Expected(kind, covers=(cover,), refusal=replace(told, position=verdict.position), token=token)
        self._expected.append(expected)
        return expected

    # --- what the audit log is told

    def _cover(self, judgement: Judgement) -> Cover:
        """Give the intent that covers an execution now; a new one is on its way to the audit log from here on."""
        key = judgement.verdict.fingerprint or judgement
        cover = self._covers.get(key)
        now = self._now()
        if cover is None or now >= cover.until:
            if cover is not None:
                self._closing.append(cover)
            cover = self._covers[key] = self._intend(judgement, now)
        cover.running += 1
        return cover

    def _intend(self, judgement: Judgement, now: float) -> Cover:
        self.ordinal += 1
        cover = Cover(judgement, now + COVER_SECONDS, self.ordinal)
        self._pending.append(cover)
        self._start(self._record(cover))
        return cover

    async def _record(self, cover: Cover) -> None:
        try:
            await self.trail.intends(cover)
        except NexusError as error:
            log.error("audit_record_failed", session=self.trail.session, reason=str(error))
            told = "the audit log cannot be written, so nothing is shown"
            self.end(messages.fatal(messages.SYSTEM_ERROR, told), "audit")
            return
        while self._pending and self._pending[0].place is not None:
            self._pending.popleft()
        self.release()
        if len(self._pending) <= _INTENTS_MAX and not self.is_over:
            self._resume(self.client)

    async def tell_outcomes(self) -> None:
        """Tell the audit log of what has ended under intents that cover no more. Raises UnavailableError."""
        now = self._now()
        for key, cover in list(self._covers.items()):
            if self.is_over or (now >= cover.until and not cover.running):
                del self._covers[key]
                self._closing.append(cover)
        ready = [cover for cover in self._closing if self.is_over or not cover.running]
        self._closing = [cover for cover in self._closing if cover not in ready]
        for cover in ready:
            figures.count(cover)
        await asyncio.gather(*(self.trail.executed(cover) for cover in ready))

    # --- what the source answers

    def _from_source(self, data: bytes) -> None:
        if self.is_over:
            return
        try:
            out = self._answers.feed(data)
        except InvalidInputError as error:
            self.end(messages.fatal(messages.PROTOCOL_VIOLATION, error.reason), "source")
            return
        if self.is_over:
            return
        if out:
            self._send(out)
        if self._late_notices and not self._answers.skip:
            self._send(b"".join(self._late_notices))
            self._late_notices.clear()

    def _tell(self, kind: int, body: bytes) -> bytes | None:
        """Follow what the source answers; gives what is told in a refusal's place."""
        if kind == _READY:
            self._ready(body)
        elif kind == _COMPLETE:
            self._completed(messages.rows_of(body))
        elif kind == answers.FAILED:
            return self._failed(body)
        elif kind == answers.PARAMETER:
            return self._parameter(body)
        elif kind in (answers.PARSED, answers.CLOSED):
            self._named(kind)
        else:
            self._completed(None)
        return None

    def _completed(self, rows: int | None) -> None:
        """Note that a command is complete; one that is suspended has given as many rows as it was asked for."""
        expected = self._expected[0] if self._expected else SYNCED
        kind = expected.kind
        if kind != RUN and kind != QUERY:
            raise InvalidInputError("the database answered what nobody asked")
        for cover in expected.covers:
            cover.returned(expected.most if rows is None else rows)
        if kind == RUN:
            self._expected.popleft()
            expected.end()

    def _named(self, kind: int) -> None:
        expected = self._expected.popleft() if self._expected else SYNCED
        if expected.kind == PARSE and kind == answers.PARSED and expected.judgement is not None:
            self._prepared.parsed(expected.name, expected.judgement)
        elif expected.kind == CLOSE and kind == answers.CLOSED:
            self._prepared.closed(expected.closes, expected.name)
        else:
            raise InvalidInputError("the database answered what nobody asked")

    def _failed(self, body: bytes) -> bytes | None:
        """Note a failure: of a Query it alone has failed, else all is skipped up to the next Sync."""
        self._told_its_end = messages.ends_session(body)
        if not self._expected:
            return None
        code = messages.complaint_code(body)
        if self._expected[0].kind == QUERY:
            return self._expected[0].fail(code, body)
        told: bytes | None = None
        first = True
        while self._expected and self._expected[0].kind != SYNC:
            expected = self._expected.popleft()
            told = told or (expected.fail(code, body) if first or expected.refusal else None)
            first = first and not expected.covers
            expected.end()
        return told

    def _ready(self, body: bytes) -> None:
        if not self._expected or self._expected[0].kind not in (SYNC, QUERY):
            raise InvalidInputError("the database answered what nobody asked")
        self._expected.popleft().end()
        self.status = body[0] if body else _IDLE
        self.answered += 1

    def _parameter(self, body: bytes) -> bytes | None:
        name, value = messages.parameter_of(body)
        if PINNED.get(name, value) != value:
            self.end(messages.fatal(messages.PROTOCOL_VIOLATION, f"{name} must stay {PINNED[name]}"), "pinned")
        return None

    # --- what may pass to the client, and when

    def _send(self, data: bytes) -> None:
        """Pass something to the client, after what waits, and once the intents of what it answers are durable."""
        clean, self._begins_clean = self._begins_clean, not self._answers.skip
        if not self._held and not self._pending and not self.is_stopped:
            self.client.write(data)
            return
        self._held.append((self.ordinal, clean, data))
        self._held_bytes += len(data)
        if self._held_bytes > _HELD_MAX:
            self.upstream.wire.transport.pause_reading()

    def release(self) -> None:
        """Pass on what need not wait any longer."""
        if self.is_stopped or self.is_over:
            return
        before = self._pending[0].ordinal if self._pending else self.ordinal + 1
        was_full = self._held_bytes > _HELD_MAX
        while self._held and self._held[0][0] < before:
            data = self._held.popleft()[2]
            self._held_bytes -= len(data)
            self.client.write(data)
        if was_full and self._held_bytes <= _HELD_MAX:
            self._resume(self.upstream.wire)

    def stop_rows(self) -> None:
        """Let nothing pass to the client until `go_on`."""
        self.is_stopped = True

    def go_on(self) -> None:
        """Let pass again what may."""
        if self.is_stopped:
            self.is_stopped = False
            self.release()

    def _notify(self, notices: bytes) -> None:
        if not self._answers.skip:
            self._send(notices)
        else:
            self._late_notices.append(notices)

    # --- pressure

    def _client_waits(self) -> None:
        """The source does not take what the client sends."""
        if not self.client.is_ended:
            self.client.transport.pause_reading()

    def _client_goes_on(self) -> None:
        self._resume(self.client)

    def _source_waits(self) -> None:
        """The client does not take what the source sends."""
        if not self.upstream.wire.is_ended:
            self.upstream.wire.transport.pause_reading()

    def _source_goes_on(self) -> None:
        if self._held_bytes <= _HELD_MAX:
            self._resume(self.upstream.wire)

    @staticmethod
    def _resume(wire: Wire) -> None:
        if not wire.is_ended and not wire.transport.is_closing():
            wire.transport.resume_reading()

    # --- the end

    def _client_left(self) -> None:
        self._over("client")

    def _source_ended(self) -> None:
        told = messages.fatal(messages.CONNECTION_FAILURE, "the database ended the connection", "Connect again.")
        if self._told_its_end:
            self._over("database")
        self.end(told, "database")

    def end(self, told: Complaint, reason: str) -> None:
        """End the session and tell the client why; what waits is never shown."""
        if self.is_over:
            return
        if self._held[0][1] if self._held else self._begins_clean:
            self.client.write(told.error)
        self._over(reason)

    def _over(self, reason: str) -> None:
        if self.is_over:
            return
        self.is_over = True
        self._held.clear()
        self.client.close()
        if self.is_busy:
            self.upstream.wire.abort()
        else:
            self.upstream.wire.write(requests.TERMINATED)
            self.upstream.wire.close()
        self._ended(reason)

    def _start(self, work: object) -> None:
        task: asyncio.Task[None] = self._loop.create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
