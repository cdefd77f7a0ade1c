"""Dynamic SQL whose text can be known: constants joined, formatted and replaced.

What is not known may still stand where only a value can: inside of a string literal that the text so far has opened,
or, if it is of a type whose values are no names, behind an operator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from nexus_core.sql.reading.words import Word, closing, find, parted, words_of

_MAX_TEXT = 100_000
"""Characters of a text that is followed: `q := q || q` doubles it with every line."""

ANY_VALUE = "NULL"
"""Stands for a value that is only quoted into the text: whatever it is, no name depends on it."""

_IN_STRING = "x"
"""Stands for what is joined into a string literal."""

_JOIN = frozenset({"||"})
_PLUS = frozenset({"||", "+"})
_AFTER_OPERATOR = re.compile(
    r"(?:[=<>+*/%-]|(?<![\w.])(?:LIMIT|OFFSET|BETWEEN|AND|THEN|ELSE|TOP|INTERVAL)\s|(?:\bVALUES|\bIN)\s*+\((?:[^()]*,)?)"
    r"\s*+(?:\(\s*+)?\Z",
    re.IGNORECASE,
)
_PLACE = re.compile(r"%([sIL%])")
_BIGQUERY_PLACE = re.compile(r"%(?:[-+ #0]*\d*(?:\.\d+)?)([sdiuftTeEgGxXoP%])")
_NUMBERS = "diufeEgG"
"""Placeholders that only a number fills."""

_NUMBERED = re.compile(r"%\d|%-")
_WITHOUT_PREFIX = re.compile(r"^(?:[rRbBnNeExX]{1,2}|_\w+\s*)(?=['\"])")


def folded(
    words: Sequence[Word], constants: Mapping[str, str], dialect: str = "", plain: Collection[str] = ()
) -> str | None:
    """Give the text that an expression makes, None if it depends on what is not known."""
    return _Folding(constants, dialect, plain).text(words, "")


class _Folding:
    """One expression under way; `before` is always the text that stands before the part at hand."""

    def __init__(self, constants: Mapping[str, str], dialect: str, plain: Collection[str]) -> None:
        self._constants, self._dialect, self._plain = constants, dialect, plain

    def text(self, words: Sequence[Word], before: str) -> str | None:
        """Give the text of an expression."""
        return self._joined(words, parted(words, 0, len(words), _JOIN), before)

    def _joined(self, words: Sequence[Word], ranges: Iterable[tuple[int, int]], before: str) -> str | None:
        made = before
        for start, end in ranges:
            part = self._part(words[start:end], made)
            if part is None:
                part = self._value(words[start:end], made)
            if part is None or len(made) + len(part) > _MAX_TEXT:
                return None
            made += part
        return made[len(before) :] if words else None

    def _value(self, words: Sequence[Word], before: str) -> str | None:
        """Give what may stand for something unknown where only a value can stand, None elsewhere."""
        if not before:
            return None
        if _opens_string(before, self._dialect):
            return _IN_STRING
        plain = len(words) == 1 and words[0].text.lower() in self._plain
        return ANY_VALUE if plain and _AFTER_OPERATOR.search(before) else None

    def _part(self, words: Sequence[Word], before: str) -> str | None:
        words = _bare(words)
        if not words:
            return None
        if all(word.kind == "string" for word in words):
            return "".join(unquoted(word.text, self._dialect) for word in words)
        if len(words) == 1:
            return words[0].text if words[0].kind == "number" else self._variable(words[0])
        if words[0].key == "(" and closing(words, 0) == len(words) - 1:
            return self.text(words[1:-1], before)
        return self._call(words, before)

    def _variable(self, word: Word) -> str | None:
        name = word.text.lower()
        return self._constants.get(f"@{name[1:]}" if name[:1] == "$" else name)

    def _call(self, words: Sequence[Word], before: str) -> str | None:
        opened = find(words, frozenset({"("}), 0)
        if opened >= len(words) or closing(words, opened) != len(words) - 1:
            return None
        rule = _FUNCTIONS.get(words[opened - 1].key)
        ranges = parted(words, opened + 1, len(words) - 1)
        return rule(self, words, ranges, before) if rule is not None else None

    def concat(self, words: Sequence[Word], ranges: Sequence[tuple[int, int]], before: str) -> str | None:
        """`CONCAT(a, b)`."""
        return self._joined(words, ranges, before)

    def concat_with(self, words: Sequence[Word], ranges: Sequence[tuple[int, int]], _: str) -> str | None:
        """`CONCAT_WS(separator, a, b)`."""
        parts = [self.text(words[start:end], "") for start, end in ranges]
        known = [part for part in parts if part is not None]
        return known[0].join(known[1:]) if known and len(known) == len(parts) else None

    def same(self, words: Sequence[Word], ranges: Sequence[tuple[int, int]], before: str) -> str | None:
        """`TRIM(a)`, `CAST(a AS text)`: the text itself, near enough for SQL."""
        if not ranges:
            return None
        start, end = ranges[0]
        return self.text(words[start : find(words, frozenset({"AS"}), start, end)], before)

    def upper(self, words: Sequence[Word], ranges: Sequence[tuple[int, int]], _: str) -> str | None:
        """`UPPER(a)`."""
        text = self.same(words, ranges, "")
        return None if text is None else text.upper()

    def lower(self, words: Sequence[Word], ranges: Sequence[tuple[int, int]], _: str) -> str | None:
        """`LOWER(a)`."""
        text = self.same(words, ranges, "")
        return None if text is None else text.lower()

    def replaced(self, words: Sequence[Word], ranges: Sequence[tuple[int, int]], _: str) -> str | None:
        """`REPLACE(a, b, c)`."""
        texts = [self.text(words[start:end], "") for start, end in ranges]
        if len(texts) == 2:
            texts.append("")
        if len(texts) != 3 or not texts[1] or texts[0] is None or texts[2] is None:
            return None
        too_long = texts[0].count(texts[1]) * len(texts[2]) > _MAX_TEXT
        return None if too_long else texts[0].replace(texts[1], texts[2])

    def name(self, words: Sequence[Word], ranges: Sequence[tuple[int, int]], _: str) -> str | None:
        """`QUOTE_IDENT(a)`."""
        text = self.same(words, ranges, "")
        return None if text is None else _quoted_name(text)

    def literal(self, *_: object) -> str | None:
        """`QUOTE_LITERAL(a)`: a value, whatever it is."""
        return ANY_VALUE

    def character(self, words: Sequence[Word], ranges: Sequence[tuple[int, int]], _: str) -> str | None:
        """`CHR(10)`, `CHAR(39)`."""
        code = words[ranges[0][0]].text if ranges and ranges[0][1] - ranges[0][0] == 1 else ""
        return chr(int(code)) if code.isdigit() and int(code) < 0x110000 else None

    def first(self, words: Sequence[Word], ranges: Sequence[tuple[int, int]], before: str) -> str | None:
        """`COALESCE(a, b)`: the first, if it is known."""
        return self.text(words[slice(*ranges[0])], before) if ranges else None

    def formatted(self, words: Sequence[Word], ranges: Sequence[tuple[int, int]], before: str) -> str | None:
        """`FORMAT(template, a, b)`: PostgreSQL's `%I %L %s`, BigQuery's `%s %d %T`."""
        template = self.text(words[slice(*ranges[0])], "") if ranges else None
        pattern = _BIGQUERY_PLACE if self._dialect == "bigquery" else _PLACE
        if template is None or (pattern is _PLACE and _NUMBERED.search(template)):
            return None
        values = iter(ranges[1:])
        made, last = before, 0
        for place in pattern.finditer(template):
            made += template[last : place.start()]
            last = place.end()
            value = "%" if place[1] == "%" else self._placed(place[1], words[slice(*next(values, (0, 0)))], made)
            if value is None:
                return None
            made += value
        made += template[last:]
        return made[len(before) :]

    def _placed(self, place: str, words: Sequence[Word], before: str) -> str | None:
        """Give what stands for a placeholder: a value (`%L`, `%T`), a name (`%I`), a number or plain text."""
        if place in "LT":
            return ANY_VALUE
        value = self.text(words, "")
        if place == "I":
            return None if value is None else _quoted_name(value)
        if value is None and place in _NUMBERS and _AFTER_OPERATOR.search(before):
            return ANY_VALUE
        return value if value is not None else self._value(words, before)


def _bare(words: Sequence[Word]) -> Sequence[Word]:
    """Give words without a cast behind them or the sign of a bound variable before them."""
    if len(words) > 2 and words[-2].key == "::":
        words = words[:-2]
    return words[1:] if words and words[0].key == ":" else words


def _opens_string(text: str, dialect: str) -> bool:
    """Whether a text ends inside of a string literal."""
    words = words_of(text, dialect)
    last = words[-1] if words else None
    if last is None or last.kind != "string" or last.text.startswith("$"):
        return False
    quote = "'" if "'" in last.text else '"'
    return last.end == len(text) and (last.text.count(quote) % 2 == 1)


def _quoted_name(text: str) -> str:
    return text if re.fullmatch(r"[a-z_][a-z0-9_$]*", text) else '"' + text.replace('"', '""') + '"'


_FUNCTIONS: Mapping[str, Callable[[_Folding, Sequence[Word], Sequence[tuple[int, int]], str], str | None]] = {
    "CONCAT": _Folding.concat,
    "CONCAT_WS": _Folding.concat_with,
    **dict.fromkeys(
        ["TRIM", "LTRIM", "RTRIM", "CAST", "TO_CHAR", "TO_CLOB", "TEXT", "SAFE_CAST", "TO_VARCHAR"], _Folding.same
    ),
    **dict.fromkeys(
        ["SIMPLE_SQL_NAME", "SQL_OBJECT_NAME", "NOOP", "QUALIFIED_SQL_NAME", "ENQUOTE_NAME"], _Folding.same
    ),
    "SCHEMA_NAME": _Folding.same,
    "UPPER": _Folding.upper,
    "UCASE": _Folding.upper,
    "LOWER": _Folding.lower,
    "LCASE": _Folding.lower,
    "REPLACE": _Folding.replaced,
    "QUOTE_IDENT": _Folding.name,
    **dict.fromkeys(("QUOTE_LITERAL", "QUOTE_NULLABLE", "QUOTE", "ENQUOTE_LITERAL"), _Folding.literal),
    "CHR": _Folding.character,
    "CHAR": _Folding.character,
    **dict.fromkeys(("COALESCE", "NVL", "IFNULL"), _Folding.first),
    "FORMAT": _Folding.formatted,
    "PRINTF": _Folding.formatted,
}
"""What is known of functions that make texts."""


def unquoted(text: str, dialect: str = "") -> str:
    """Give the content of a string literal; only BigQuery has such in three quotes, elsewhere two of them are one."""
    if text.startswith("$"):
        tag = text.index("$", 1) + 1
        return text[tag:-tag]
    if text[:2].lower() in ("q'", "nq") and "'" in text:
        start = text.index("'") + 2
        return text[start:-2]
    raw = text[:1] in "rR"
    prefix = _WITHOUT_PREFIX.match(text)
    escapes = prefix is not None and prefix[0] in "eE"
    body = text[prefix.end() :] if prefix else text
    if dialect == "bigquery" and body[:3] in ("'''", '"""') and len(body) > 5:
        return body[3:-3]
    quote = body[:1]
    inner = body[1:-1].replace(quote * 2, quote)
    return re.sub(r"\\(.)", _unescaped, inner, flags=re.DOTALL) if (escapes or "\\" in inner) and not raw else inner


def _unescaped(match: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t", "r": "\r"}.get(match[1], match[1])
