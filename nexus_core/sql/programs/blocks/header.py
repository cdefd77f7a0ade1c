"""Definitions of routines, read from their words: a CREATE text as a `Routine`.

sqlglot's parser gives up on most of what databases themselves write (`pg_get_functiondef`, `SHOW CREATE PROCEDURE`).
"""

from __future__ import annotations

from collections.abc import Mapping

from nexus_core.errors import SqlError
from nexus_core.sql.dialect import DECLARING, MYSQL, POSTGRES, Traits
from nexus_core.sql.programs.blocks.routine import PLAIN_TYPES, Parameter, Routine
from nexus_core.sql.programs.texts import unquoted
from nexus_core.sql.reading.tokens import word_set
from nexus_core.sql.reading.words import closing, find, name_of, parted, words_of

KINDS = frozenset({"FUNCTION", "PROCEDURE", "TRIGGER", "EVENT", "PACKAGE", "MACRO", "TASK"})
_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC", "NOCOPY"})
_DEFAULT = frozenset({"DEFAULT", ":=", "="})
_BARE = word_set("SELECT INSERT UPDATE DELETE REPLACE WITH SET CALL IF CASE LOOP WHILE REPEAT TRUNCATE CREATE")
_WITH_BARE_BODIES = MYSQL | {"teradata", "sqlite", "databricks", "spark"}
_WHERE_SQL_IS_PLAIN = POSTGRES | {"", "duckdb"}
"""Dialects in which a body of language SQL holds plain statements, no block."""

_WITHOUT_TYPES = frozenset({"duckdb"})
"""Dialects in which a function is an expression or a query over parameters that have names alone."""


class Header:
    """Reads one definition; raises SqlError `unsupported_body` where there is no body to read."""

    def __init__(self, text: str, traits: Traits, number: int, offset: int | None) -> None:
        self._text, self._traits, self._number, self._offset = text, traits, number, offset
        self._dialect = traits.name
        self._words = words_of(text, traits.name)
        self._kind = find(self._words, KINDS, 0)

    def routine(self) -> Routine:
        """Give the routine."""
        words = self._words
        if self._kind >= len(words):
            raise SqlError("unsupported_body", "this defines no routine that can be read", self._number)
        name, at = self._name(self._kind + 1)
        parameters: tuple[Parameter, ...] = ()
        if at < len(words) and words[at].key == "(":
            closed = closing(words, at)
            parameters = tuple(self._parameter(*each) for each in parted(words, at + 1, closed))
            at = closed + 1
        kind = words[self._kind].key
        columns = self._columns(at) or tuple(
            self._traits.fold_text(each.name) for each in parameters if each.mode == "OUT"
        )
        if kind == "TRIGGER":
            return self._trigger(name, at)
        start, end, body, declares = self._body(at, kind)
        offset = None if self._offset is None or start < 0 else self._offset + start
        text = body if body is not None else self._text[start:end]
        return Routine(name, kind, self._language(at), text, offset, self._number, parameters, columns, declares)

    def _name(self, at: int) -> tuple[str, int]:
        """Give the dotted name, and the place behind it."""
        words = self._words
        while at < len(words) and words[at].key in ("IF", "NOT", "EXISTS", "BODY"):
            at += 1
        parts: list[str] = []
        while at < len(words) and words[at].kind == "name":
            parts.append(name_of(words[at]))
            at += 1
            if at >= len(words) or words[at].key not in (".", "-"):
                break
            at += 1
        return ".".join(parts).lower(), at

    def _parameter(self, start: int, end: int) -> Parameter:
        words = self._words[start:end]
        default = find(words, _DEFAULT, 0)
        modes = {word.key for word in words[:4] if word.key in _MODES}
        mode = "INOUT" if "INOUT" in modes or {"IN", "OUT"} <= modes else "OUT" if "OUT" in modes else "IN"
        named = [word for word in words[:default] if word.key not in _MODES]
        text = self._text[words[default + 1].start : words[-1].end] if default + 1 < len(words) else ""
        plain = named[-1].key in PLAIN_TYPES or (len(named) > 1 and named[1].key in PLAIN_TYPES)
        has_name = len(named) > 1 or self._dialect in _WITHOUT_TYPES
        typed = named[1:] if has_name else named
        declared = self._text[typed[0].start : typed[-1].end] if typed else ""
        return Parameter(name_of(named[0]).lower() if has_name else "", mode, text, plain, declared)

    def _columns(self, at: int) -> tuple[str, ...]:
        """Give the columns of RETURNS TABLE (…) or TABLE<…>."""
        words = self._words
        table = find(words, frozenset({"TABLE"}), at)
        if table + 1 >= len(words) or words[table - 1].key != "RETURNS":
            return ()
        if words[table + 1].key == "(":
            ranges = parted(words, table + 2, closing(words, table + 1))
        else:
            ranges = parted(words, table + 2, find(words, frozenset({"AS"}), table))
        named = [words[start].text for start, end in ranges if end - start > 1]
        return tuple(self._traits.fold_text(text.strip('"`'), quoted=text[:1] in '"`') for text in named)

    def _language(self, at: int) -> str:
        words = self._words
        named = find(words, frozenset({"LANGUAGE"}), at) + 1
        if named < len(words):
            word = words[named]
            language = (unquoted(word.text) if word.kind == "string" else word.text).lower()
        else:
            language = "sql"
        return self._dialect if language == "sql" and self._dialect not in _WHERE_SQL_IS_PLAIN else language

    def _body(self, at: int, kind: str) -> tuple[int, int, str | None, bool]:
        """Give the body's range in the text, its text where it is quoted or made up, and whether it declares."""
        words = self._words
        bare = kind in ("FUNCTION", "PROCEDURE", "TRIGGER") and self._dialect in _WITH_BARE_BODIES
        depth = 0
        for place in range(at, len(words)):
            key = words[place].key
            depth += (key == "(") - (key == ")")
            if depth:
                continue
            if (found := self._body_at(place, kind)) is not None:
                return found
            if bare and key in _BARE and words[place - 1].key not in ("CHARACTER", "CHAR", "CONTAINS", "READS"):
                return words[place].start, words[-1].end, None, False
        raise SqlError("unsupported_body", "the routine has no body that can be read", self._number)

    def _body_at(self, at: int, kind: str) -> tuple[int, int, str | None, bool] | None:
        words = self._words
        word, end = words[at], words[-1].end
        if at + 1 >= len(words):
            return None
        following = words[at + 1]
        if word.key in ("AS", "IS") and words[at - 1].key != "EXECUTE":
            return self._as(at + 1, kind)
        if word.key == "BEGIN" and following.key == "ATOMIC" and self._dialect in _WHERE_SQL_IS_PLAIN:
            return following.end, words[-1].start, None, False
        if word.key in ("BEGIN", "DECLARE"):
            return word.start, end, None, False
        if word.key == "RETURN" and self._dialect != "oracle":
            return self._returned(at + 1)
        if word.key == "DO" and kind == "EVENT":
            return following.start, end, None, False
        return None

    def _as(self, at: int, kind: str) -> tuple[int, int, str | None, bool]:
        """Give the body behind AS: a string, an expression or statements in parentheses, or plain text."""
        if self._dialect in _WITHOUT_TYPES:
            return self._macro(at)
        word, end = self._words[at], self._words[-1].end
        if word.kind == "string":
            inner = unquoted(word.text, self._dialect)
            place = self._text.find(inner, word.start, word.end)
            return (place if place >= 0 else -1), end, self._read(inner, kind), False
        if word.key == "(":
            closed = closing(self._words, at)
            inner = self._text[word.end : self._words[min(closed, len(self._words) - 1)].start]
            return word.end, end, self._read(inner, kind), False
        declares = self._dialect in DECLARING and kind in ("FUNCTION", "PROCEDURE", "PACKAGE")
        text = self._text[word.start : end]
        return word.start, end, None, declares and word.key not in ("BEGIN", "DECLARE") and not _is_query(text)

    def _macro(self, at: int) -> tuple[int, int, str | None, bool]:
        """Give DuckDB's `AS expression`, whose parentheses may hold a query, or `AS TABLE query`."""
        is_table = self._words[at].key == "TABLE"
        start, end = self._words[at + is_table].start, self._words[-1].end
        text = self._text[start:end]
        return (start, end, None, False) if is_table else (-1, end, f"SELECT {text}", False)

    def _read(self, inner: str, kind: str) -> str | None:
        """Give the text of a function that is an expression as a query, of anything else as it stands."""
        if kind != "FUNCTION" or self._dialect in _WHERE_SQL_IS_PLAIN or self._language(0) != self._dialect:
            return inner
        first = words_of(inner, self._dialect)[:1]
        block = bool(first) and first[0].key in ("BEGIN", "DECLARE", "SELECT", "WITH")
        return inner if block else f"SELECT {inner}"

    def _returned(self, at: int) -> tuple[int, int, str | None, bool]:
        start, end = self._words[at].start, self._words[-1].end
        text = self._text[start:end]
        return (start, end, None, False) if _is_query(text) else (-1, end, f"SELECT {text}", False)

    def _trigger(self, name: str, at: int) -> Routine:
        words = self._words
        on = find(words, frozenset({"ON"}), at)
        table, behind = self._table(on + 1)
        rows = self._trigger_rows(behind)
        execute = find(words, frozenset({"EXECUTE"}), behind)
        following = words[execute + 1].key if execute + 1 < len(words) else ""
        if following in ("FUNCTION", "PROCEDURE"):
            called, _ = self._name(execute + 2)
            return Routine(name, "TRIGGER", "plpgsql", "", None, self._number, table=table, rows=rows, executes=called)
        compound = find(words, frozenset({"COMPOUND"}), behind)
        start = compound + 2 if compound < len(words) else self._trigger_body(behind)
        if start >= len(words):
            raise SqlError("unsupported_body", "the trigger has no body that can be read", self._number)
        body = self._text[words[start].start : words[-1].end]
        offset = None if self._offset is None else self._offset + words[start].start
        language = self._dialect or "sql"
        declares = compound < len(words)
        return Routine(name, "TRIGGER", language, body, offset, self._number, declares=declares, table=table, rows=rows)

    def _table(self, at: int) -> tuple[tuple[str, ...], int]:
        """Give the parts of a table's name as they are written, and the place behind it."""
        parts: list[str] = []
        words = self._words
        while at < len(words) and words[at].kind == "name":
            parts.append(words[at].text)
            at += 1
            if at >= len(words) or words[at].key != ".":
                break
            at += 1
        return tuple(parts), at

    def _trigger_rows(self, at: int) -> Mapping[str, str]:
        """Give what REFERENCING calls the rows (`new`, `old`) and the transition tables (`table`)."""
        words = self._words
        place = find(words, frozenset({"REFERENCING"}), at) + 1
        rows = {"new": "row", "old": "row"}
        while place + 1 < len(words) and words[place].key in ("NEW", "OLD", "NEW_TABLE", "OLD_TABLE"):
            kind = "row"
            place += 1
            while place + 1 < len(words) and words[place].key in ("ROW", "TABLE", "AS"):
                kind = "table" if words[place].key == "TABLE" else kind
                place += 1
            rows[name_of(words[place])] = kind
            place += 1 + (place + 1 < len(words) and words[place + 1].key == ",")
        return rows

    def _trigger_body(self, at: int) -> int:
        words = self._words
        start = find(words, frozenset({"BEGIN", "DECLARE", "CALL", "ROW"}), at)
        if start < len(words) and words[start].key == "ROW":
            start += 1
            while start < len(words) and words[start].key in ("FOLLOWS", "PRECEDES"):
                start += 2
            if start < len(words) and words[start].key == "WHEN" and self._dialect in ("oracle", "sqlite"):
                start = find(words, frozenset({"BEGIN", "DECLARE", "CALL"}), start)
        return start


def _is_query(text: str) -> bool:
    return text.lstrip(" \t\r\n(")[:6].upper().startswith(("SELECT", "WITH"))
