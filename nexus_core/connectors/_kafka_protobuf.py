"""Reads Protocol Buffers files (language guides of proto2, proto3 and editions): messages as nested fields.

Only what describes values is kept: options, services, extensions and reserved numbers are passed over. A comment
right above a field or message, or behind a field on its line, is its description.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from nexus_core.connectors._kafka_schema import Growth, SchemaError, Shape
from nexus_core.connectors.objects import SourceField

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f\v]+)|(?P<line>\n)|//(?P<remark>[^\n]*)|/\*(?P<block>.*?)(?:\*/|\Z)
      |(?P<text>"(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?)|(?P<word>[\w.+-]+)|(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_SKIPPED = frozenset({"option", "reserved", "extensions", "extend", "service", "import", "syntax", "edition"})
_LABELS = frozenset({"optional", "required", "repeated"})
_OPENING, _CLOSING = frozenset("{[(<"), frozenset("}])>")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    type: str
    label: str
    description: str | None


@dataclass(slots=True)
class _Message:
    name: str
    description: str | None
    fields: list[_Field] = field(default_factory=list)


def read(text: str, references: Sequence[str] = ()) -> Shape:
    """Read the first message of a file; `references` are the files that it imports. Raises SchemaError."""
    known = _Files()
    for each in references:
        known.learn(each)
    first = known.learn(text)
    if first is None:
        raise SchemaError("no message")
    return known.shape(first, Growth())


class _Files:
    """Messages and enumerations by full name."""

    def __init__(self) -> None:
        self._messages: dict[str, _Message] = {}
        self._enums: set[str] = set()

    def learn(self, text: str) -> str | None:
        """Note all messages of a file; gives the first one's name."""
        parser = _Parser(_tokens(text))
        parser.file()
        self._messages |= parser.messages
        self._enums |= parser.enums
        return next((name for name in parser.messages), None)

    def shape(self, name: str, growth: Growth) -> Shape:
        message = self._messages[name]
        if not growth.may_open(name):
            return Shape(message.name, description=message.description)
        growth.within.append(name)
        fields = tuple(self._field(each, name, growth) for each in message.fields)
        growth.within.pop()
        return Shape(message.name, fields, description=message.description)

    def _field(self, each: _Field, scope: str, growth: Growth) -> SourceField:
        growth.field_count += 1
        shape = self._typed(each.type, scope, growth)
        kind = f"array<{shape.type}>" if each.label == "repeated" else shape.type
        return SourceField(
            each.name, kind, each.description, nullable=each.label not in ("required", "repeated"), fields=shape.fields
        )

    def _typed(self, kind: str, scope: str, growth: Growth) -> Shape:
        if kind.startswith("map<"):
            key, _, value = kind[4:-1].partition(",")
            inner = self._typed(value, scope, growth)
            return Shape(f"map<{key},{inner.type}>", inner.fields)
        found = self._resolved(kind, scope)
        if found in self._messages:
            return self.shape(found, growth)
        return Shape("enum" if found in self._enums else kind.lstrip("."))

    def _resolved(self, kind: str, scope: str) -> str:
        """Look a name up from the innermost scope outwards, as the language does."""
        if kind.startswith("."):
            return kind[1:]
        while scope:
            if (found := f"{scope}.{kind}") in self._messages or found in self._enums:
                return found
            scope = scope.rpartition(".")[0]
        return kind


def _tokens(text: str) -> list[_Token]:
    """Split a file, each token with the comment before it and the one that follows on its line."""
    found: list[_Token] = []
    before: list[str] = []
    fresh = True
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "line":
            fresh = True
        elif kind in ("remark", "block"):
            comment = _comment(match[kind])
            if kind == "remark" and not fresh and found:
                found[-1] = _Token(found[-1].text, found[-1].before, comment)
            else:
                before.append(comment)
        elif kind != "space":
            found.append(_Token(match.group(), " ".join(before), ""))
            before, fresh = [], False
    return found


def _comment(text: str) -> str:
    return " ".join(line.strip().lstrip("*").strip() for line in text.splitlines()).strip()


class _Parser:
    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens, self._at, self._package = tokens, 0, ""
        self.messages: dict[str, _Message] = {}
        self.enums: set[str] = set()

    def file(self) -> None:
        while self._at < len(self._tokens):
            word = self._peek().text
            if word == "package":
                self._package = self._tokens[self._at + 1].text if self._at + 1 < len(self._tokens) else ""
                self._statement()
            elif word == "message":
                self._message(self._package)
            elif word == "enum":
                self._enum(self._package)
            else:
                self._statement()

    def _peek(self) -> _Token:
        if self._at >= len(self._tokens):
            raise SchemaError("the file ends too early")
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token

    def _statement(self) -> _Token:
        """Pass over a statement, to its semicolon or the end of its block; gives its last token."""
        depth = 0
        while True:
            token = self._next()
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            if depth <= 0 and token.text in (";", "}"):
                return token

    def _enum(self, scope: str) -> None:
        self._next()
        self.enums.add(f"{scope}.{self._peek().text}".lstrip("."))
        self._statement()

    def _message(self, scope: str) -> None:
        described = self._next().before
        name = self._next().text
        full = f"{scope}.{name}".lstrip(".")
        message = self.messages[full] = _Message(name, described or None)
        if self._next().text != "{":
            raise SchemaError(f"message {name} has no block")
        self._body(message, full)

    def _body(self, message: _Message, full: str) -> None:
        while (token := self._peek()).text != "}":
            if token.text == "message":
                self._message(full)
            elif token.text == "enum":
                self._enum(full)
            elif token.text == "oneof" and self._tokens[self._at + 2].text == "{":
                self._at += 3
                self._body(message, full)
            elif token.text in _SKIPPED or token.text == ";":
                self._statement()
            else:
                message.fields.append(self._field())
        self._next()

    def _field(self) -> _Field:
        first = self._peek()
        label = self._next().text if first.text in _LABELS else ""
        kind = self._type()
        name = self._next().text
        last = self._statement()
        return _Field(name, kind, label, first.before or last.after or None)

    def _type(self) -> str:
        kind = self._next().text
        if kind != "map":
            return kind
        parts = [self._next().text for _ in range(5)]  # < KEY , VALUE >
        return f"map<{parts[1]},{parts[3]}>"
