"""What a source is to answer, in the order in which it was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexus_core.proxy.judgements import Judgement
from nexus_core.proxy.protocol.messages import Complaint

if TYPE_CHECKING:
    from nexus_core.proxy.covers import Cover

PARSE, CLOSE, RUN, SYNC, QUERY = range(5)
"""A Parse, a Close, an Execute, a Sync, a Query."""


@dataclass(slots=True, eq=False)
class Expected:
    """The answer to one request; `token` is in the source's complaint about what stands for a refused text."""

    kind: int
    name: bytes = b""
    judgement: Judgement | None = None
    covers: tuple[Cover, ...] = ()
    refusal: Complaint | None = None
    token: bytes = b""
    closes: int = 0
    most: int = 0

    def end(self) -> None:
        """Learn that it has come to its end."""
        for cover in self.covers:
            cover.running -= 1

    def fail(self, code: str, body: bytes) -> bytes | None:
        """Note a failure; gives ours where it is the source's complaint about what stands for a refused text."""
        if self.refusal is not None and self.token.strip(b'"') in body:
            return self.refusal.error
        for cover in self.covers:
            cover.failed(code)
        return None


SYNCED = Expected(SYNC)
