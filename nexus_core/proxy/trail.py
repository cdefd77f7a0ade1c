"""What the audit log is told of a session: that it began, each statement before its rows, how each ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from nexus_core.governance.audit import Audit
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Action, Outcome
from nexus_core.model.masked import Profile
from nexus_core.proxy.covers import Cover
from nexus_core.proxy.wall.verdict import Permitted, ReadColumn, Refused


@dataclass(frozen=True, slots=True)
class Trail:
    """The records of one session. Its methods raise UnavailableError if a record cannot be made durable."""

    audit: Audit
    caller: Caller
    profile: Profile
    session: str

    async def began(self, address: str) -> None:
        """Tell that somebody is let in."""
        await self.audit.record(self.caller, Act(Action.SIGN_IN, self._where(by="proxy"), {"address": address}))

    async def ended(self, reason: str) -> None:
        """Tell that the session ended, and why."""
        await self.audit.record(self.caller, Act(Action.SIGN_OUT, self._where(by="proxy", reason=reason)))

    async def intends(self, cover: Cover) -> None:
        """Tell that a statement is executed; its rows wait for that."""
        verdict = cover.judgement.verdict
        if isinstance(verdict, Refused):
            cover.place = await self._refused(verdict, cover)
            return
        said = {"statement": verdict.normalised}
        act = Act(Action.STATEMENT, self._where(**_read(verdict), statement=str(cover.ordinal)), said)
        cover.place = await self.audit.record(self.caller, act, Outcome.INTENDED)

    async def executed(self, cover: Cover) -> None:
        """Tell how the executions ended that an intent covers; nothing where there was none, or no intent."""
        if cover.place is None or isinstance(cover.judgement.verdict, Refused):
            return
        told = {"executions": str(cover.executions), "rows": str(cover.rows), "results": cover.told}
        if cover.running:
            told["cut_off"] = str(cover.running)
        act = Act(Action.STATEMENT, self._where(**told, statement=str(cover.ordinal)))
        await self.audit.tell(self.caller, act, Outcome.DONE, cover.place)

    async def _refused(self, verdict: Refused, cover: Cover) -> Any:
        where = self._where(reason=verdict.reason, code=verdict.sqlstate, statement=str(cover.ordinal))
        return await self.audit.record(
            self.caller, Act(Action.STATEMENT, where, {"statement": verdict.normalised}), Outcome.REFUSED
        )

    def _where(self, **more: str) -> dict[str, str]:
        of = {"source": self.profile.source, "profile": self.profile.id, "generation": str(self.profile.generation)}
        return {**of, "session": self.session, **more}


def _read(verdict: Permitted) -> dict[str, str]:
    """Give what a statement reads, as the audit log has it: lists as JSON."""
    return {
        "kinds": " ".join(verdict.statements),
        "fingerprint": verdict.fingerprint,
        "masked": _listed(f"{_name(each)}:{each.mask}" for each in verdict.masked),
        "clear": _listed(_name(each) for each in verdict.clear),
        "on_masked_values": "yes" if verdict.notices else "no",
    }


def _name(column: ReadColumn) -> str:
    return f"{column.schema}.{column.relation}.{column.column}"


def _listed(names: Iterable[str]) -> str:
    return orjson.dumps(list(names)).decode()
