"""Ends sessions that take too long: idle, within a transaction, over one statement, or altogether."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nexus_core.proxy.protocol import messages
from nexus_core.proxy.sessions import Session

_CANCEL_GRACE_S = 10.0


@dataclass(frozen=True, slots=True)
class Times:
    """Limits in seconds."""

    idle: float
    idle_in_transaction: float
    statement: float
    session: float


def check(session: Session, times: Times, now: float, cancel: Callable[[Session], None]) -> None:
    """Look at a session, about once a second; `now` is the loop's clock. `cancel` stops a session's statement."""
    relay = session.relay
    seen = (relay.answered, relay.ordinal, relay.is_busy)
    if seen != session.seen:
        session.seen, session.quiet_since, session.cancelled_at = seen, now, None
        return
    quiet = now - session.quiet_since
    if relay.is_busy:
        _check_statement(session, times, now, cancel)
    elif relay.is_idle and now - session.began_at > times.session:
        relay.end(messages.fatal(messages.ADMIN_SHUTDOWN, "the session is as old as it may be", _AGAIN), "age")
    elif relay.is_idle and quiet > times.idle:
        relay.end(messages.fatal(messages.IDLE_TOO_LONG, "the session was idle for too long", _AGAIN), "idle")
    elif not relay.is_idle and quiet > times.idle_in_transaction:
        told = "the session was idle in a transaction for too long"
        relay.end(messages.fatal(messages.IDLE_IN_TRANSACTION, told, _AGAIN), "idle")


_AGAIN = "Connect again."


def _check_statement(session: Session, times: Times, now: float, cancel: Callable[[Session], None]) -> None:
    if now - session.quiet_since <= times.statement:
        return
    if session.cancelled_at is None:
        session.cancelled_at = now
        cancel(session)
    elif now - session.cancelled_at > _CANCEL_GRACE_S:
        told = "a statement took too long and could not be stopped"
        session.relay.end(messages.fatal(messages.ADMIN_SHUTDOWN, told), "statement")
