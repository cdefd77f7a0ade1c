"""What the wall says of texts under a profile, remembered: the same text is asked again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nexus_core.model.masked import Profile
from nexus_core.proxy.protocol import messages
from nexus_core.proxy.protocol.messages import TOO_LARGE
from nexus_core.proxy.wall.verdict import Permitted, Refused

Judge = Callable[[str, Profile], Permitted | Refused]
StartupOptions = Callable[[Mapping[str, str], Profile], Mapping[str, str] | Refused]

_REMEMBERED_MAX = 2000
_REMEMBERED_BYTES = 16 * 2**10
"""A longer text is judged each time: what is remembered stays below some 50 MiB, with its verdicts."""

_NOT_UTF8 = Refused("the text is not UTF-8")


@dataclass(frozen=True, slots=True, eq=False)  # compared in the hot path: each is its own
class Judgement:
    """A verdict, with what a session does by it: `text` is what the source is sent, `notices` are frames."""

    verdict: Permitted | Refused
    text: bytes
    notices: bytes = b""

    @property
    def key(self) -> str:
        """What equal statements share."""
        return self.verdict.fingerprint


class Judgements:
    """The verdicts of one profile at one generation."""

    def __init__(self, profile: Profile, judge: Judge, text_max: int) -> None:
        self.profile = profile
        self._judge = judge
        self._known: dict[bytes, Judgement] = {}
        advice = f"A statement has at most {text_max:,} bytes (NEXUS_PROXY__STATEMENT_BYTES)."
        self.too_long = Judgement(Refused("the statement is too long", advice, TOO_LARGE), b"")

    def of(self, text: bytes) -> Judgement:
        """Judge a text."""
        known = self._known.get(text)
        if known is not None:
            return known
        made = self._made(text)
        if len(text) <= _REMEMBERED_BYTES:
            if len(self._known) >= _REMEMBERED_MAX:
                del self._known[next(iter(self._known))]
            self._known[text] = made
        return made

    def _made(self, text: bytes) -> Judgement:
        try:
            verdict = self._judge(text.decode(), self.profile)
        except UnicodeDecodeError:
            verdict = _NOT_UTF8
        if isinstance(verdict, Refused):
            return Judgement(verdict, b"")
        notices = b"".join(messages.notice(each).notice for each in verdict.notices)
        return Judgement(verdict, verdict.text.encode(), notices)
