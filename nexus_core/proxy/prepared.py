"""What the names of prepared statements and portals stand for, so that the audit log tells what is executed."""

from __future__ import annotations

from nexus_core.proxy.judgements import Judgement

Meant = tuple[Judgement, ...]
"""What a name may stand for: more than one while the source has not told whether it took the newest."""


class Prepared:
    """The names of a session.

    A Parse that fails leaves a name as it was, and what is sent after a failure is skipped until the next Sync. So
    between two Syncs a name stands for what was parsed last there, and beyond for all that may have been taken, until
    the source tells. What SQL's own PREPARE or DECLARE made is behind any name, since SQL can name them anew, too.
    """

    def __init__(self) -> None:
        self._statements: dict[bytes, tuple[tuple[int, Meant], ...]] = {}
        self._portals: dict[bytes, Meant] = {}
        self._by_sql: dict[str, Judgement] = {}
        self._part = 0

    def sync(self) -> None:
        """Learn that what follows is no longer skipped if something before failed."""
        self._part += 1

    def parse(self, name: bytes, judgement: Judgement) -> None:
        """Learn that a name is to stand for a statement."""
        earlier = tuple(each for each in self._statements.get(name, ()) if each[0] != self._part)
        self._statements[name] = (*earlier, (self._part, (judgement,)))

    def parsed(self, name: bytes, judgement: Judgement) -> None:
        """Learn that it does; what was parsed later is still open."""
        known = self._statements.get(name, ())
        at = next((at for at, (_, each) in enumerate(known) if each[0] is judgement), None)
        if at is not None:
            self._statements[name] = known[at:]

    def named_by_sql(self, judgement: Judgement) -> None:
        """Learn of a statement that SQL's PREPARE named, or of a portal that its DECLARE did."""
        self._by_sql[judgement.key] = judgement

    def bind(self, portal: bytes, statement: bytes) -> Meant:
        """Learn that a portal is to run a statement; gives what that may be."""
        known = self._statements.get(statement, ())
        meant = known[0][1] if len(known) == 1 and not self._by_sql else self._one_of(known)
        self._portals[portal] = meant
        return meant

    def _one_of(self, known: tuple[tuple[int, Meant], ...]) -> Meant:
        if known and known[-1][0] == self._part:
            known = known[-1:]
        return tuple(dict.fromkeys((*(each[0] for _, each in known), *self._by_sql.values())))

    def closed(self, kind: int, name: bytes) -> None:
        """Learn that a name stands for nothing any more."""
        (self._statements if kind == ord("S") else self._portals).pop(name, None)

    def of_portal(self, portal: bytes) -> Meant:
        """Give what a portal may run; one that was not bound may be any that SQL declared."""
        bound = self._portals.get(portal)
        return bound if bound is not None else tuple(self._by_sql.values())
