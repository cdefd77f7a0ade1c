"""Passwords: what is accepted, how they are kept, and a proof that takes as long for a name that nobody has.

Rules of NIST SP 800-63B-4 §3.1.1.2: length, a list of what is guessed first, no composition, no expiry. Hashes are
argon2id with 46 MiB, one pass and one lane (OWASP Password Storage Cheat Sheet); few run at once, for their memory.
"""

from __future__ import annotations

import asyncio
import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from nexus_core.errors import InvalidInputError

LENGTH_MIN = 15
LENGTH_MAX = 256
_AT_ONCE = 2
_MEMORY_KIB = 47104
_PLACE = "$.password"
_DISTINCT_MIN = 6
_GUESSED = ("password", "passwort", "lineagenexus", "lineage", "nexus", "welcome", "letmein", "qwertyuiop", "changeme")
_MEANINGFUL_MIN = 8


class Passwords:
    """Makes and proves hashes."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=1, memory_cost=_MEMORY_KIB, parallelism=1)
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobodys = ""

    async def hash(self, password: str) -> str:
        """Give the hash of a password that was checked."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def matches(self, password: str, known: str | None) -> bool:
        """Whether a password has a hash; without one the answer takes as long, and is False."""
        if known is None and not self._nobodys:
            self._nobodys = await self.hash("nobody's")
        async with self._turn:
            matched = await asyncio.to_thread(self._verify, known or self._nobodys, password[: LENGTH_MAX + 1])
        return matched and known is not None

    def is_outdated(self, known: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(known)

    def _verify(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def check_password(password: str, name: str) -> None:
    """Raise InvalidInputError for a password that is too short or guessed early; `name` is the account's."""
    normal = _normal(password)
    if not LENGTH_MIN <= len(normal) <= LENGTH_MAX:
        raise InvalidInputError(f"a password has {LENGTH_MIN} to {LENGTH_MAX} characters", _PLACE)
    if len(set(normal)) < _DISTINCT_MIN or _is_sequence(normal):
        raise InvalidInputError("this password is guessed early: it repeats or counts characters", _PLACE)
    rest = normal.casefold()
    for word in sorted((name.casefold(), *_GUESSED), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < _MEANINGFUL_MIN:
        raise InvalidInputError("this password is guessed early: it is made of the name or of common words", _PLACE)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _is_sequence(text: str) -> bool:
    """Whether nearly every character is the neighbour of the one before, as in `abcdefghijklmnop` or `1234…`."""
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    return sum(abs(step) <= 1 for step in steps) >= 0.8 * len(steps)
