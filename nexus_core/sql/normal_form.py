"""One form for the SQL texts that differ only in blanks, comments and compared values, so that they share a result.

A value is replaced only where no name can depend on it: compared with `=`, `<`, LIKE, BETWEEN or IN inside of WHERE,
ON, QUALIFY and PARTITION (…), or standing in a row of VALUES. All others stay: of ordinals, LIMIT, intervals,
paths, formats, options. Texts with a program, dynamic SQL, PIVOT, files or options have no such form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import Token, TokenType
from sqlglot.errors import TokenError
from sqlglot.tokens import Tokenizer

from nexus_core.model.statement import ColumnLineage, SourceColumn, SqlLineage, SqlRequest
from nexus_core.sql.dialect import traits_of

MAX_CHARACTERS = 50_000
"""Longer texts have no such form: cutting them into words takes longer than their reader may be kept waiting."""

_OTHER_MEANING = frozenset(
    """
    EXEC EXECUTE IMMEDIATE DECLARE CALL PREPARE PIVOT UNPIVOT COPY LOAD UNLOAD EXPORT PUT GET OPTIONS OPTION LOCATION
    EXTERNAL STAGE STAGE_FILE_FORMAT FILE_FORMAT PROCEDURE FUNCTION PACKAGE TRIGGER TASK BEGIN DO _TABLE_SUFFIX
    DELIMITER OUTFILE DUMPFILE
    """.split()  # noqa: SIM905 - a list of words is easier to read
)
_COMMENTS = ("--", "/*", "#", "//", "{#")
_ALIKE = {TokenType.STRING: "''", TokenType.NUMBER: "0"}
_COMPARING = {
    TokenType.EQ,
    TokenType.NEQ,
    TokenType.LT,
    TokenType.LTE,
    TokenType.GT,
    TokenType.GTE,
    TokenType.LIKE,
    TokenType.ILIKE,
    TokenType.BETWEEN,
}
_TYPES = {TokenType.DATE, TokenType.TIMESTAMP}
_FILTERS = {TokenType.WHERE, TokenType.QUALIFY, TokenType.ON, TokenType.PARTITION}
_OTHERS = {
    TokenType.SELECT,
    TokenType.FROM,
    TokenType.GROUP_BY,
    TokenType.HAVING,  # how many rows a group has may be a proof
    TokenType.ORDER_BY,
    TokenType.LIMIT,
    TokenType.OFFSET,
    TokenType.FETCH,
    TokenType.SET,
    TokenType.WHEN,
    TokenType.THEN,
    TokenType.ELSE,
    TokenType.CASE,
    TokenType.UNION,
    TokenType.EXCEPT,
    TokenType.INTERSECT,
    TokenType.WINDOW,
    TokenType.CONNECT_BY,
    TokenType.START_WITH,
    TokenType.TABLE_SAMPLE,
    TokenType.SEMICOLON,
    TokenType.INTERVAL,
}
_LIST_ENDS = {TokenType.COMMA, TokenType.R_PAREN}


@dataclass(frozen=True, slots=True)
class NormalForm:
    """A request in the form that it shares with others, and where each place of that form is in its own text."""

    request: SqlRequest
    _starts: Mapping[int, int]
    _ends: Mapping[int, int]

    def own(self, lineage: SqlLineage) -> SqlLineage | None:
        """Give the form's lineage with the places of the request's own text.

        None where it does not hold for the request: a problem tells of lines and columns, a place is within a word.
        """
        if lineage.problems:
            return None
        try:
            return self._placed(lineage)
        except KeyError:
            return None

    def _placed(self, lineage: SqlLineage) -> SqlLineage:
        return replace(
            lineage,
            columns=tuple(self._column(column) for column in lineage.columns),
            steps=tuple(replace(step, columns=tuple(map(self._column, step.columns))) for step in lineage.steps),
        )

    def _column(self, column: ColumnLineage) -> ColumnLineage:
        start, end = self._place(column)
        return replace(column, inputs=tuple(map(self._source, column.inputs)), start=start, end=end)

    def _source(self, source: SourceColumn) -> SourceColumn:
        start, end = self._place(source)
        return replace(source, start=start, end=end)

    def _place(self, part: ColumnLineage | SourceColumn) -> tuple[int, int]:
        if part.start < 0:
            return part.start, part.end
        return self._starts[part.start], self._ends[part.end]


def normal_form(request: SqlRequest) -> NormalForm | None:
    """Give a request's form, None for one of its own meaning."""
    traits = traits_of(request.dialect)
    if traits is None or len(request.sql) > MAX_CHARACTERS:
        return None
    try:
        tokens = traits.sqlglot.tokenize(request.sql)
    except TokenError:
        return None
    if any(map(_has_own_meaning, tokens)):
        return None
    shared = _compared(tokens)
    parts: list[str] = []
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    at = before = 0
    for place, token in enumerate(tokens):
        gap = request.sql[before : token.start].lstrip()
        if gap and not gap.startswith(_COMMENTS):
            return None
        blank = _blank(request.sql[before : token.start]) if place else ""
        text = _ALIKE[token.token_type] if place in shared else request.sql[token.start : token.end + 1]
        parts += (blank, text)
        at += len(blank)
        starts[at] = token.start
        at += len(text)
        ends[at] = before = token.end + 1
    return NormalForm(replace(request, sql="".join(parts)), starts, ends)


def _has_own_meaning(token: Token) -> bool:
    if token.token_type in _ALIKE:
        return False
    if token.token_type in Tokenizer.COMMANDS:
        return True  # what follows is one string, of unknown place
    return token.text.upper() in _OTHER_MEANING or token.text.startswith(("$", "@"))


def _blank(gap: str) -> str:
    """Give the blank for what stands between two words; lines count, since some dialects end statements by them."""
    return "\n" if "\n" in gap else " " if gap else ""


def _compared(tokens: Sequence[Token]) -> set[int]:
    """Give the places of the values on which no name can depend."""
    found: set[int] = set()
    stack: list[tuple[bool, bool]] = []
    filters = rows = between = comparing = False
    for at, token in enumerate(tokens):
        kind, before = token.token_type, tokens[at - 1].token_type if at else TokenType.SEMICOLON
        if kind is TokenType.L_PAREN:
            stack.append((filters, rows))
            in_list = (before is TokenType.IN and filters) or before is TokenType.VALUES
            rows = in_list or (rows and before is TokenType.COMMA)
            filters = filters and not in_list
        elif kind is TokenType.R_PAREN:
            filters, rows = stack.pop() if stack else (False, False)
        elif kind in _ALIKE:
            following = tokens[at + 1].token_type if at + 1 < len(tokens) else TokenType.SEMICOLON
            listed = rows and before in (TokenType.L_PAREN, TokenType.COMMA) and following in _LIST_ENDS
            if listed or (filters and comparing):
                found.add(at)
        if kind in _FILTERS or kind in _OTHERS:
            filters, rows, between = kind in _FILTERS, False, False
        rows = rows or kind is TokenType.VALUES
        constant = before in _ALIKE or before is TokenType.NULL
        comparing = (kind in _COMPARING and not constant) or (comparing and kind in _TYPES)
        comparing = comparing or (kind is TokenType.AND and between)
        between = kind is TokenType.BETWEEN or (between and kind is not TokenType.AND)
    return found
