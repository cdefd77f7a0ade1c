"""Dynamic SQL whose text can be known: strings joined by `+` or CONCAT, and what stands for values in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice, product

from nexus_core.sql.programs.tsql.words import words_of
from nexus_core.sql.reading.words import Word, closing, parted

MARK = "__unknown_text__"
"""Stands in a text for what only the run knows: where it is no part of a string, a name may depend on it."""

_MAX_TEXTS = 8
"""Texts that one variable may have, by the branches that set it."""

_MAX_TEXT = 100_000
"""Characters of a text that is followed: one that is joined to itself doubles with every line."""

_MAX_DEPTH = 50
"""Brackets inside each other in an expression that is followed."""

ANY_VALUE = "70717273747"
"""Stands for a number or date that only the run knows: no name depends on it but one that it is a part of."""

_PLUS = frozenset({"+"})
_TEXT_TYPES = frozenset({"VARCHAR", "NVARCHAR", "CHAR", "NCHAR", "SYSNAME", "TEXT", "NTEXT", "SQL_VARIANT", "XML", ""})

Texts = tuple[str, ...]
"""The texts that an expression may have, by branches; none for NULL."""

_UNKNOWN: Texts = (MARK,)


class Known:
    """What is known of variables: the texts that they may hold, and their types in upper case."""

    def __init__(self, texts: Mapping[str, Texts], types: Mapping[str, str]) -> None:
        self.texts, self.types = texts, types

    def value(self, name: str) -> Texts:
        """Give what a variable may hold; of a number or date any value does, and NULL would leave nothing to run."""
        texts = self.texts.get(name, ())
        if texts not in ((), _UNKNOWN):
            return texts
        return _UNKNOWN if self.types.get(name, "") in _TEXT_TYPES else (ANY_VALUE,)


def folded(words: Sequence[Word], known: Known) -> Texts:
    """Give the texts that an expression may have, with `MARK` for what is not known of them."""
    if _depth(words) > _MAX_DEPTH:
        return _UNKNOWN
    chosen = {name: texts for name in _variables(words) if len(texts := known.texts.get(name, ())) > 1}
    if not chosen:
        return _folded(words, known)
    found: Texts = ()
    for choice in islice(product(*chosen.values()), _MAX_TEXTS):
        one = dict(zip(chosen, ((text,) for text in choice), strict=True))
        found = either(found, _folded(words, Known({**known.texts, **one}, known.types)))
    return found


def _depth(words: Sequence[Word]) -> int:
    depth = deepest = 0
    for word in words:
        depth += (word.key == "(") - (word.key == ")")
        deepest = max(deepest, depth)
    return deepest


def _variables(words: Sequence[Word]) -> dict[str, None]:
    return dict.fromkeys(word.text.lower() for word in words if word.key[:1] == "@")


def _folded(words: Sequence[Word], known: Known) -> Texts:
    parts = [_part(words[start:end], known) for start, end in parted(words, 0, len(words), _PLUS)]
    return _joined(parts) if parts else _UNKNOWN


def _joined(parts: Sequence[Texts]) -> Texts:
    texts = dict.fromkeys("".join(each) for each in islice(product(*parts), _MAX_TEXTS))
    return tuple(texts) if all(len(text) <= _MAX_TEXT for text in texts) else _UNKNOWN


def appended(left: Texts, right: Texts) -> Texts:
    """Give the texts of one expression joined to another."""
    return _joined([left, right])


def either(left: Texts, right: Texts) -> Texts:
    """Give the texts of a variable behind two branches."""
    both = tuple(dict.fromkeys((*left, *right)))
    return both if len(both) <= _MAX_TEXTS else _UNKNOWN


def _part(words: Sequence[Word], known: Known) -> Texts:
    if len(words) == 1:
        word = words[0]
        if word.kind == "string":
            return (unquoted(word.text),)
        if word.kind == "number":
            return (word.text,)
        return () if word.key == "NULL" else known.value(word.text.lower()) if word.key[:1] == "@" else _UNKNOWN
    if words and words[0].key == "(" and closing(words, 0, len(words)) == len(words) - 1:
        return folded(words[1:-1], known)
    if len(words) > 2 and words[1].key == "(" and words[-1].key == ")":
        function = _FUNCTIONS.get(words[0].key)
        arguments = [words[start:end] for start, end in parted(words, 2, len(words) - 1)]
        return function(arguments, known) if function and arguments else _UNKNOWN
    return _UNKNOWN


Arguments = Sequence[Sequence[Word]]


def _concat(arguments: Arguments, known: Known) -> Texts:
    return _joined([folded(each, known) or ("",) for each in arguments])


def _concat_ws(arguments: Arguments, known: Known) -> Texts:
    parts = [folded(each, known) for each in arguments]
    separated = [each for part in parts[1:] if part for each in (parts[0], part)]
    return _joined(separated[1:])


def _quoted(arguments: Arguments, known: Known) -> Texts:
    """QUOTENAME makes a name, or with a quote a literal."""
    if len(arguments) > 1 and folded(arguments[1], known) == ("'",):
        return ("NULL",)
    return tuple("[" + text.replace("]", "]]") + "]" for text in folded(arguments[0], known))


def _cast(arguments: Arguments, known: Known) -> Texts:
    end = next((at for at, word in enumerate(arguments[0]) if word.key == "AS"), len(arguments[0]))
    return folded(arguments[0][:end], known)


def _convert(arguments: Arguments, known: Known) -> Texts:
    return folded(arguments[1], known) if len(arguments) > 1 else _UNKNOWN


def _same(arguments: Arguments, known: Known) -> Texts:
    return folded(arguments[0], known)


def _first_known(arguments: Arguments, known: Known) -> Texts:
    """ISNULL and COALESCE: the first that is known, else what may come before it too."""
    found: Texts = ()
    for each in arguments:
        texts = folded(each, known)
        found = either(found, texts)
        if texts and MARK not in texts:
            break
    return found


def _replaced(arguments: Arguments, known: Known) -> Texts:
    if len(arguments) != 3:
        return _UNKNOWN
    parts = [folded(each, known) for each in arguments]
    if any(MARK in text for part in parts[:2] for text in part):
        return _UNKNOWN
    return tuple(text.replace(old, new) for text, old, new in islice(product(*parts), _MAX_TEXTS) if old)


def _character(arguments: Arguments, known: Known) -> Texts:
    codes = folded(arguments[0], known)
    return tuple(chr(int(code)) if code.isdigit() and int(code) < 128 else MARK for code in codes)


def _cased(change: Callable[[str], str]) -> Callable[[Arguments, Known], Texts]:
    return lambda arguments, known: tuple(
        MARK if MARK in text else change(text) for text in folded(arguments[0], known)
    )


def _number(_: Arguments, __: Known) -> Texts:
    return (ANY_VALUE,)


_FUNCTIONS: Mapping[str, Callable[[Arguments, Known], Texts]] = {
    "CONCAT": _concat,
    "CONCAT_WS": _concat_ws,
    "QUOTENAME": _quoted,
    "CAST": _cast,
    "TRY_CAST": _cast,
    "CONVERT": _convert,
    "TRY_CONVERT": _convert,
    "LTRIM": _same,
    "RTRIM": _same,
    "TRIM": _same,
    "ISNULL": _first_known,
    "COALESCE": _first_known,
    "REPLACE": _replaced,
    "CHAR": _character,
    "NCHAR": _character,
    "UPPER": _cased(str.upper),
    "LOWER": _cased(str.lower),
    "STR": _number,
    "LEN": _number,
    "YEAR": _number,
    "MONTH": _number,
    "DAY": _number,
    "DATEPART": _number,
    "DATEDIFF": _number,
    "OBJECT_ID": _number,
    "DB_ID": _number,
}


def unquoted(text: str) -> str:
    """Give the content of a string literal."""
    return text[text.index("'") + 1 :].removesuffix("'").replace("''", "'")


def is_certain(text: str) -> bool:
    """Whether what is not known of a text stands in its strings or as numbers alone, as values."""
    if MARK not in text and ANY_VALUE not in text:
        return True
    words = [word for word in words_of(text) if word.kind != "string"]
    return not any(MARK in word.text or (word.kind == "name" and ANY_VALUE in word.text) for word in words)
