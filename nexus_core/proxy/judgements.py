"""What the wall says of texts under a profile, remembered: the same text is asked again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from nexus_core.model.masked import Profile
from nexus_core.proxy.protocol import messages
from nexus_core.proxy.protocol.messages import TOO_LARGE
from nexus_core.proxy.templates import Parts, parts_of, parts_sent, shared, with_numbers
from nexus_core.proxy.wall.verdict import Kind, Permitted, Refused

Judge = Callable[[str, Profile], Permitted | Refused]
StartupOptions = Callable[[Mapping[str, str], Profile], Mapping[str, str] | Refused]

_K = TypeVar("_K")
_V = TypeVar("_V")

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
        self._alike: dict[tuple[bytes, ...], tuple[Judgement, Parts]] = {}
        advice = f"A statement has at most {text_max:,} bytes (NEXUS_PROXY__STATEMENT_BYTES)."
        self.too_long = Judgement(Refused("the statement is too long", advice, TOO_LARGE), b"")

    def of(self, text: bytes) -> Judgement:
        """Judge a text."""
        known = self._known.get(text)
        if known is not None:
            return known
        if len(text) > _REMEMBERED_BYTES:
            return self._made(text)
        parts = parts_of(text)
        if parts is None:
            return _remember(self._known, text, self._made(text))
        return self._by_parts(text, parts)

    def _by_parts(self, text: bytes, parts: Parts) -> Judgement:
        """Judge a text as one that differs from it only in numbers."""
        alike = self._alike.get(shared(parts))
        if alike is not None:
            like, said = alike
            return Judgement(like.verdict, with_numbers(said, parts), like.notices)
        made = self._made(text)
        if isinstance(made.verdict, Permitted) and made.verdict.statements == (Kind.SELECT,):
            sent = parts_sent(made.text, parts)
            if sent is not None:
                _remember(self._alike, shared(parts), (made, sent))
                return made
        return _remember(self._known, text, made)

    def _made(self, text: bytes) -> Judgement:
        try:
            verdict = self._judge(text.decode(), self.profile)
        except UnicodeDecodeError:
            verdict = _NOT_UTF8
        if isinstance(verdict, Refused):
            return Judgement(verdict, b"")
        notices = b"".join(messages.notice(each).notice for each in verdict.notices)
        return Judgement(verdict, verdict.text.encode(), notices)


def _remember(kept: dict[_K, _V], key: _K, value: _V) -> _V:
    """Keep something in the place of the oldest."""
    if len(kept) >= _REMEMBERED_MAX:
        del kept[next(iter(kept))]
    kept[key] = value
    return value
