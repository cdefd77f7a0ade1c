"""Dynamic SQL whose text can be known: constants joined by `||`, and `format` over them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nexus_core.sql.words import Word, find

_LITERAL_MAKERS = frozenset({"QUOTE_LITERAL", "QUOTE_NULLABLE"})
_PLACE = re.compile(r"%([sIL%])")
_JOIN, _COMMA, _CLOSE = frozenset({"||"}), frozenset({","}), frozenset({")"})
_MAX_TEXT = 100_000
"""Characters of a text that is followed: `q := q || q` doubles it with every line."""

_ANY_VALUE = "NULL"
"""Stands for a value that is only quoted into the text: whatever it is, no name depends on it."""


def folded(words: Sequence[Word], constants: Mapping[str, str]) -> str | None:
    """Give the text that an expression makes, None if it depends on what is not known."""
    parts: list[str] = []
    at = 0
    while at < len(words):
        end = find(words, _JOIN, at)
        part = _part(words[at:end], constants)
        if part is None:
            return None
        parts.append(part)
        at = end + 1
    return "".join(parts) if parts and sum(map(len, parts)) <= _MAX_TEXT else None


def _part(words: Sequence[Word], constants: Mapping[str, str]) -> str | None:
    if len(words) > 2 and words[-2].key == "::":
        words = words[:-2]
    if len(words) == 1:
        word = words[0]
        return unquoted(word.text) if word.kind == "string" else constants.get(word.text.lower())
    if len(words) > 2 and words[1].key == "(" and words[-1].key == ")":
        if words[0].key in _LITERAL_MAKERS:
            return _ANY_VALUE
        if words[0].key == "FORMAT":
            return _formatted(words[2:-1], constants)
    if len(words) > 2 and words[0].key == "(" and find(words, _CLOSE, 1) == len(words) - 1:
        return folded(words[1:-1], constants)
    return None


def _formatted(words: Sequence[Word], constants: Mapping[str, str]) -> str | None:
    arguments: list[Sequence[Word]] = []
    at = 0
    while at < len(words):
        end = find(words, _COMMA, at)
        arguments.append(words[at:end])
        at = end + 1
    template = folded(arguments[0], constants) if arguments else None
    if template is None or re.search(r"%\d|%-", template):
        return None
    values = iter(arguments[1:])
    filled: list[str] = []
    for place in _PLACE.findall(template):
        value = "%" if place == "%" else _placed(place, folded(next(values, ()), constants))
        if value is None:
            return None
        filled.append(value)
    pieces = iter(filled)
    return _PLACE.sub(lambda _: next(pieces), template)


def _placed(place: str, value: str | None) -> str | None:
    """Give what stands for a placeholder: `%L` is a value, `%I` a name, `%s` plain text."""
    if place == "L":
        return _ANY_VALUE
    if value is None or place == "s":
        return value
    return value if re.fullmatch(r"[a-z_][a-z0-9_$]*", value) else '"' + value.replace('"', '""') + '"'


def unquoted(text: str) -> str:
    """Give the content of a string literal."""
    if text.startswith("$"):
        tag = text.index("$", 1) + 1
        return text[tag:-tag]
    if text[:1] in "eE":
        return re.sub(r"\\(.)", r"\1", text[2:-1]).replace("''", "'")
    return text[1:-1].replace("''", "'")
