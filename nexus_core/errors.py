"""The error tree of LineageNexus.

::

    NexusError
    ├── ConfigurationError        a setting, file or command line is wrong          (terminal)
    ├── UnavailableError          a service does not answer now                     (transient)
    │   └── OverloadedError       we refuse work until the queue is shorter         (transient)
    ├── InvalidInputError         what was sent can never be accepted               (terminal)
    │   ├── RefusedEventsError    some events of a batch                            (terminal)
    │   ├── TakenError            the name or id is another's                       (terminal)
    │   └── TooLargeError         it exceeds a stated limit                         (terminal)
    ├── AuthenticationError       nobody vouches for the caller                     (terminal)
    ├── LockedOutError            too many attempts to sign in with a name          (transient)
    ├── ForbiddenError            the caller may not do this                        (terminal)
    │   └── StepUpError           not by a sign-in as weak or old as this           (terminal)
    ├── ForgottenError            history from before a moment is not kept          (terminal)
    ├── NotFoundError             it does not exist, or the caller may not see it   (terminal)
    ├── ConflictError             it changed since it was read                      (terminal)
    ├── SourceError               a harvested source refused or failed              (terminal)
    │   ├── SourceUnavailableError      it does not answer now                      (transient)
    │   │   ├── SourceDroppedError      it closed the connection in the middle      (transient)
    │   │   └── SourceTimeoutError      it did not answer within the time limit     (transient)
    │   ├── CredentialsRefusedError     it does not accept the account              (terminal)
    │   │   └── PasswordNeededError     it asks for a password and none was given   (terminal)
    │   ├── SourceDeniedError           the account lacks a right                   (terminal)
    │   ├── CancelledHarvestError       somebody stopped its harvest                (terminal)
    │   ├── SourceDataError             what it said cannot be read                 (terminal)
    │   └── MissingDriverError          its extra is not installed                  (terminal)
    ├── SqlError                  a statement could not be understood               (terminal)
    ├── SqlOverrunError           a parse was stopped by the clock or for memory    (transient)
    ├── LostLeaseError            another worker took over                          (transient)
    ├── StaleReadError            another worker changed what this round rests on   (transient)
    ├── BrokenAuditError          the audit log is not what was written             (terminal)
    └── BrokenKeyError            a key of events is not what was written           (terminal)

`transient` alone decides whether Airflow or the worker tries again, or the event goes to the dead letters.
Facts are attributes; each class writes its own sentence, which names the thing and says what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar


class NexusError(Exception):
    """Any failure that LineageNexus explains."""

    transient: ClassVar[bool] = False


class ConfigurationError(NexusError):
    """A setting, a file or a command line is wrong; `advice` says what to do about it."""

    def __init__(self, problem: str, advice: str) -> None:
        self.problem, self.advice = problem, advice
        super().__init__(f"{problem}. {advice}")


class UnavailableError(NexusError):
    """A service that we need does not answer now."""

    transient = True

    def __init__(self, service: str, reason: str, advice: str = "Run `nexus doctor`.") -> None:
        self.service, self.reason, self.advice = service, reason, advice
        super().__init__(f"{service} does not answer: {reason}. {advice}")


class OverloadedError(UnavailableError):
    """We refuse work until the queue is shorter; `retry_after` is in seconds."""

    def __init__(self, service: str, reason: str, retry_after: int = 5) -> None:
        self.retry_after = retry_after
        super().__init__(service, reason, f"Send it again in {retry_after} s.")


class InvalidInputError(NexusError):
    """What was sent can never be accepted; `path` is its place as a JSON path, such as `$.run.runId`."""

    def __init__(self, reason: str, path: str = "$") -> None:
        self.reason, self.path = reason, path
        super().__init__(f"{path}: {reason}")


def json_path(location: Iterable[int | str]) -> str:
    """Give a place as pydantic tells it as a JSON path."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)


class TakenError(InvalidInputError):
    """A name or an id that must be one's own is another's."""


class TooLargeError(InvalidInputError):
    """What was sent exceeds a stated limit."""


class RefusedEventsError(InvalidInputError):
    """Some events of a batch were refused, the others are durable; `reasons` by index in the batch."""

    def __init__(self, reasons: dict[int, str]) -> None:
        self.reasons = reasons
        index, reason = next(iter(reasons.items()))
        super().__init__(f"{len(reasons)} events refused; the first: {reason}", f"$[{index}]")


class AuthenticationError(NexusError):
    """Nobody vouches for the caller."""

    def __init__(self, reason: str = "no valid token or session") -> None:
        self.reason = reason
        super().__init__(f"Not signed in: {reason}. Send `Authorization: Bearer TOKEN` (`nexus token create`).")


class LockedOutError(NexusError):
    """Too many attempts to sign in with a name have failed; `retry_after` is in seconds."""

    transient = True

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"Too many attempts to sign in with this name failed. Try again in {retry_after} s.")


class ForbiddenError(NexusError):
    """The caller may not do this; `needs` names the authority that would allow it."""

    def __init__(self, action: str, needs: str) -> None:
        self.action, self.needs = action, needs
        super().__init__(f"Not allowed: {action}. It needs {needs}.")


class StepUpError(ForbiddenError):
    """The session's sign-in is too weak or too old to govern; `step_up` is the address of one that is not."""

    def __init__(self, step_up: str) -> None:
        self.step_up = step_up
        super().__init__("governing by this sign-in", f"a new and stronger one at {step_up}")


class NotFoundError(NexusError):
    """It does not exist, or the caller may not see that it does."""

    def __init__(self, thing: str) -> None:
        self.thing = thing
        super().__init__(f"{thing} is not known here, or not visible to you.")


class ForgottenError(NexusError):
    """History from before a moment is not kept; `kept_from` is that moment, `thing` what was asked for."""

    def __init__(self, thing: str, kept_from: datetime) -> None:
        self.thing, self.kept_from = thing, kept_from
        since = kept_from.isoformat().replace("+00:00", "Z")
        super().__init__(f"{thing} lies before {since}, from when on history is kept. Ask for a later moment.")


class ConflictError(NexusError):
    """It changed since the caller read it."""

    def __init__(self, thing: str) -> None:
        self.thing = thing
        super().__init__(f"{thing} changed since you read it. Read it again and repeat the edit.")


class SourceError(NexusError):
    """A harvested source refused or failed; never shows a secret."""

    def __init__(self, source: str, reason: str, advice: str) -> None:
        self.source, self.reason, self.advice = source, reason, advice
        super().__init__(f"{source}: {reason}. {advice}")


class SourceUnavailableError(SourceError):
    """A harvested source does not answer now."""

    transient = True


class SourceDroppedError(SourceUnavailableError):
    """A harvested source closed the connection while it was read."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(source, f"the connection was lost in the middle ({reason})", "Harvest it again.")


class SourceTimeoutError(SourceUnavailableError):
    """A harvested source did not answer within a time limit; `setting` is the connector's setting of that limit."""

    def __init__(self, source: str, reason: str, setting: str) -> None:
        self.setting = setting
        super().__init__(
            source, f"it took too long ({reason})", f"Harvest it again at a quieter time, or raise {setting}."
        )


class CredentialsRefusedError(SourceError):
    """A harvested source does not accept the account, its password, key or token."""

    def __init__(self, source: str, reason: str, advice: str = "Check the account and its password or key.") -> None:
        super().__init__(source, reason, advice)


class PasswordNeededError(CredentialsRefusedError):
    """A harvested source asks for a password and none was given."""

    def __init__(self, source: str) -> None:
        super().__init__(source, "it asks for a password", "Give one, or a password file, as the driver reads them.")


class SourceDeniedError(SourceError):
    """The account lacks a right without which nothing can be harvested; `statement` grants it, if that is known."""

    def __init__(self, source: str, reason: str, statement: str | None = None) -> None:
        self.statement = statement
        advice = (
            f"Grant it: {statement}" if statement else "`nexus harvest URL --dry-run` tells which right is missing."
        )
        super().__init__(source, reason, advice)


class CancelledHarvestError(SourceError):
    """Somebody stopped the harvest of a source; what it had read is kept, and nothing is retired."""

    def __init__(self, source: str) -> None:
        super().__init__(source, "the harvest was cancelled", "Harvest it again to read the rest.")


class SourceDataError(SourceError):
    """What a harvested source said cannot be read: bad data, or a protocol or version that we do not know."""

    def __init__(self, source: str, reason: str, advice: str = "Compare its version to those in docs/sources.") -> None:
        super().__init__(source, f"its answer cannot be read ({reason})", advice)


class MissingDriverError(SourceError):
    """The driver of a source is not installed."""

    def __init__(self, kind: str, extra: str) -> None:
        self.kind, self.extra = kind, extra
        super().__init__(kind, "its driver is not installed", f"Run `pip install 'lineage-nexus[{extra}]'`.")


class SqlError(NexusError):
    """A statement could not be understood; `code` is one of the codes in docs/sql.md."""

    def __init__(self, code: str, message: str, statement: int = 0) -> None:
        self.code, self.message, self.statement = code, message, statement
        super().__init__(f"{code}: {message} (statement {statement})")


class SqlOverrunError(NexusError):
    """A parse was stopped by the clock or for memory; it says nothing of the SQL, so it is never stored as a result."""

    transient = True

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The parse process was stopped: {reason}. Give it once more, then to the dead letters.")


class LostLeaseError(NexusError):
    """Another worker took over this work; what was under way is undone."""

    transient = True

    def __init__(self, lease: str) -> None:
        self.lease = lease
        super().__init__(f"The lease on {lease} went to another worker. This one waits for the next.")


class StaleReadError(NexusError):
    """Another worker changed what this round rests on; nothing was written, and the round is computed anew."""

    transient = True

    def __init__(self) -> None:
        super().__init__("Another worker changed what was read. It is read again.")


class BrokenAuditError(NexusError):
    """The audit log is not what was written."""

    def __init__(self, place: str, reason: str) -> None:
        self.place, self.reason = place, reason
        super().__init__(f"Audit log, {place}: {reason}. Run `nexus audit verify` with a checkpoint from a witness.")


class BrokenKeyError(NexusError):
    """The key of a month and principal does not open under the key of the deployment."""

    def __init__(self, month: str, principal: str) -> None:
        self.month, self.principal = month, principal
        super().__init__(
            f"The key of the events of {principal} in {month} was altered, or is under another NEXUS_SECRETS__KEY. "
            "Restore the key store, or the key that it was made with."
        )
