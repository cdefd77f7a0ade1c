"""Names and literals at the places where the parser found them, and changes to the text there.

Places are bytes of the UTF-8 text. A place is changed only where it reads as the tree says: everything else, such as
names with Unicode escapes, is refused, so that the server cannot read it otherwise than we did.
"""

from __future__ import annotations

import re

from nexus_core.proxy.wall.refusal import Refusal

_NAME = re.compile(rb'"((?:[^"\0]|"")+)"|([A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*)')
_LITERAL = re.compile(rb"'((?:[^'\0]|'')*)'")


def quoted(name: str) -> bytes:
    """Write a name so that PostgreSQL reads exactly it."""
    return b'"' + name.replace('"', '""').encode() + b'"'


def quoted_literal(value: str) -> bytes:
    """Write a string where `standard_conforming_strings` is on."""
    return b"'" + value.replace("'", "''").encode() + b"'"


class Edits:
    """Changes to a text, made at once; places must not overlap."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._changes: dict[int, tuple[int, bytes]] = {}

    def name_end(self, location: int, name: str) -> int:
        """Give where the name at a place ends; refused where another one, or none that we can tell, is written."""
        match = _NAME.match(self.text, location)
        if match is None:
            raise _unclear(location)
        in_quotes, plain = match.groups()
        read = in_quotes.replace(b'""', b'"') if in_quotes is not None else _folded(plain)
        escaped = in_quotes is None and self.text.startswith(b'&"', match.end())
        if escaped or read != name.encode():
            raise _unclear(location)
        return match.end()

    def before(self, location: int, name: str, inserted: bytes) -> None:
        """Insert before a name."""
        self.name_end(location, name)
        self.change(location, location, inserted)

    def rename(self, location: int, name: str, other: bytes) -> None:
        """Put another name in the place of one."""
        self.change(location, self.name_end(location, name), other)

    def literal(self, location: int, value: str, other: str) -> None:
        """Put another string in the place of one."""
        match = _LITERAL.match(self.text, location)
        if match is None or match[1].replace(b"''", b"'") != value.encode():
            raise _unclear(location)
        self.change(location, match.end(), quoted_literal(other))

    def change(self, start: int, end: int, inserted: bytes) -> None:
        """Put something in the place of the bytes from `start` to `end`."""
        if self._changes.setdefault(start, (end, inserted)) != (end, inserted):
            raise _unclear(start)

    def done(self) -> bytes:
        """Give the changed text."""
        if not self._changes:
            return self.text
        parts, at = [], 0
        for start, (end, inserted) in sorted(self._changes.items()):
            if start < at:
                raise _unclear(start)
            parts += [self.text[at:start], inserted]
            at = end
        return b"".join([*parts, self.text[at:]])


def _folded(name: bytes) -> bytes:
    """Fold as PostgreSQL does in UTF-8: ASCII letters only."""
    return bytes(byte + 32 if 65 <= byte <= 90 else byte for byte in name)


def _unclear(location: int) -> Refusal:
    return Refusal(
        "A name is written in a way that the proxy cannot follow",
        "Write it plainly or in double quotes, without U&\"…\" or E'…'",
        location=location,
    )
