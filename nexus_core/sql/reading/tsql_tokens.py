"""What sqlglot's T-SQL parser does not read, taken out of a statement's tokens and put back into its tree.

The parser knows neither OUTPUT … INTO a column list, compound assignment, hints behind the target of a write, TOP of
one, nor temporal clauses. None of the cut ones but OUTPUT bears on lineage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlglot import Token, TokenType

from nexus_core.sql.reading.tokens import like, word, word_set

_HINTS = word_set(
    "NOLOCK READUNCOMMITTED UPDLOCK REPEATABLEREAD SERIALIZABLE READCOMMITTED READCOMMITTEDLOCK TABLOCK TABLOCKX "
    "PAGLOCK ROWLOCK NOWAIT READPAST XLOCK SNAPSHOT NOEXPAND HOLDLOCK FORCESEEK FORCESCAN INDEX KEEPIDENTITY "
    "KEEPDEFAULTS IGNORE_CONSTRAINTS IGNORE_TRIGGERS FASTFIRSTROW SPATIAL_WINDOW_MAX_CELLS"
)
_WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_OPERATORS = frozenset("+-*/%&|^")
_OUTPUT_END = frozenset({"FROM", "WHERE", "VALUES", "SELECT", "DEFAULT", "EXEC", "EXECUTE", "OUTPUT", "OPTION", "WITH"})
_VIEW_OPTIONS = frozenset({"SCHEMABINDING", "ENCRYPTION", "VIEW_METADATA"})
_FOREIGN = frozenset({"OPENROWSET", "OPENQUERY", "OPENDATASOURCE"})
_XML_METHODS = frozenset({"VALUE", "QUERY", "EXIST", "NODES"})
_CONSTRAINTS = word_set("CONSTRAINT PRIMARY PRIMARY_KEY UNIQUE CHECK FOREIGN FOREIGN_KEY INDEX PERIOD")
_DEFAULT_END = frozenset({",", ")", "", "WHERE", "FROM", "OUTPUT", "OPTION", "WHEN"})


@dataclass(frozen=True, slots=True)
class Clause:
    """An OUTPUT clause: its list, and the target behind INTO, with columns if it names some."""

    items: tuple[Token, ...]
    into: tuple[Token, ...]


class Rewriting:
    """A statement's tokens as sqlglot can parse them, and what was taken out of them."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = list(tokens)
        self.clauses: list[Clause] = []
        self.nested: list[tuple[Token, ...]] = []
        self._keys = [word(token) for token in tokens]
        self._verb = self._main_verb()
        self._nested()
        for rule in (*_RULES.get(self._verb, ()), _options, _anywhere):
            rule(self)
        self.words = frozenset(self._keys)

    def key(self, at: int) -> str:
        """Give a token in upper case, "" for strings, quoted names and beyond the end."""
        return self._keys[at] if 0 <= at < len(self._keys) else ""

    def cut(self, start: int, end: int, *instead: Token) -> None:
        """Replace tokens."""
        self.tokens[start:end] = instead
        self._keys[start:end] = [word(token) for token in instead]

    def closing(self, opened: int) -> int:
        """Give the place of the bracket that closes the one at a place, or the last place."""
        depth = 0
        for at in range(opened, len(self._keys)):
            depth += (self._keys[at] == "(") - (self._keys[at] == ")")
            if not depth:
                return at
        return len(self._keys) - 1

    def outside(self, start: int = 0) -> Iterator[int]:
        """Give the places outside of brackets, as the tokens then are."""
        at = start
        while at < len(self._keys):
            if self._keys[at] == "(":
                at = self.closing(at)
            else:
                yield at
            at += 1

    def first(self, key: str, start: int = 0) -> int:
        """Give the first place of a key outside of brackets, -1 if there is none."""
        if key not in self._keys:
            return -1
        return next((at for at in self.outside(start) if self._keys[at] == key), -1)

    def name_end(self, at: int) -> int:
        """Give the place behind a dotted name, which may be a variable or a temporary table."""
        while at < len(self._keys):
            while self._keys[at : at + 1] and self._keys[at] in ("@", "#"):
                at += 1
            at += 1
            if self.key(at) != ".":
                break
            while self.key(at) == ".":
                at += 1
        return at

    def operand_end(self, at: int) -> int:
        """Give the place behind a literal, variable, name or call."""
        end = self.name_end(at)
        return self.closing(end) + 1 if self.key(end) == "(" else end

    def dots(self, step: int) -> bool:
        """Whether dots follow each other (1, as in `a..b`), or three do with one word between (2, as in `a.b.c.d`)."""
        if "." not in self.words:
            return False
        places = [at for at, key in enumerate(self._keys) if key == "."]
        return any(self.key(at + step) == "." and (step == 1 or self.key(at + 2 * step) == ".") for at in places)

    def _main_verb(self) -> str:
        if self.key(0) != "WITH":
            return self.key(0)
        return next((self._keys[at] for at in self.outside() if self._keys[at] in (*_WRITES, "SELECT")), "")

    def place(self) -> int:
        """Give the place of the main verb."""
        return max(0, self.first(self._verb))

    def _nested(self) -> None:
        """Take out `FROM (DELETE … OUTPUT …) AS d`: it becomes a query of one marked column."""
        if sum(key in _WRITES for key in self._keys) < 2:
            return
        at = 0
        while at < len(self._keys):
            if self._keys[at] == "(" and self.key(at + 1) in _WRITES and self.key(at - 1) in ("FROM", "JOIN", ","):
                closed = self.closing(at)
                self.nested.append(tuple(self.tokens[at + 1 : closed]))
                mark = like(self.tokens[at], TokenType.IDENTIFIER, nested_mark(len(self.nested) - 1))
                select = like(self.tokens[at], TokenType.SELECT, "SELECT")
                self.cut(at + 1, closed, select, mark)
            at += 1


def nested_mark(number: int) -> str:
    """Give the name that stands for a nested write."""
    return f"\0nested{number}"


def _output(self: Rewriting) -> None:
    """Take the OUTPUT clauses out: `OUTPUT list [INTO target [(columns)]]`, of which there may be two."""
    while (start := self.first("OUTPUT", self.place())) >= 0:
        ends = (at for at in self.outside(start + 1) if self.key(at) in (*_OUTPUT_END, "INTO"))
        listed = next(ends, len(self.tokens))
        end = listed
        if self.key(listed) == "INTO":
            end = self.name_end(listed + 1)
            if self.key(end) == "(" and self.key(end + 1) not in ("SELECT", "WITH"):
                end = self.closing(end) + 1
        self.clauses.append(Clause(tuple(self.tokens[start + 1 : listed]), tuple(self.tokens[listed + 1 : end])))
        self.cut(start, end)


def _top(self: Rewriting) -> None:
    """Cut `TOP (n) PERCENT` of a write."""
    at = self.place() + 1
    if self.key(at) == "TOP" and self.key(at + 1) == "(":
        end = self.closing(at + 1) + 1
        self.cut(at, end + (self.key(end) == "PERCENT"))


def _delete(self: Rewriting) -> None:
    """Give `DELETE t …` its FROM, and take the first of the two of `DELETE FROM a FROM t AS a`."""
    at = self.place()
    if self.key(at + 1) == "FROM":
        if self.first("FROM", at + 2) >= 0:
            self.cut(at + 1, at + 2)
    elif self.first("FROM", at + 1) < 0:
        self.cut(at, at + 1, self.tokens[at], like(self.tokens[at], TokenType.FROM, "FROM"))


def _current_of(self: Rewriting) -> None:
    """Cut `WHERE CURRENT OF cursor`."""
    at = self.first("WHERE", self.place())
    if at >= 0 and self.key(at + 1) == "CURRENT" and self.key(at + 2) == "OF":
        self.cut(at, self.name_end(at + 3 + (self.key(at + 3) == "GLOBAL")))


def _create(self: Rewriting) -> None:
    """Read CREATE OR ALTER and ALTER of a view as CREATE, and cut options of views and of tables made by queries."""
    if self.key(1) == "OR":
        self.cut(1, 3)
    if self.key(1) == "VIEW" or self.key(1) == "MATERIALIZED":
        self._keys[0] = "CREATE"
        self.tokens[0] = like(self.tokens[0], TokenType.CREATE, "CREATE")
    if self.key(0) != "CREATE":
        return
    made = self.first("AS")
    if self.key(1) == "EXTERNAL" and made >= 0:
        self.cut(1, 2)
    option = self.first("WITH")
    made = self.first("AS")
    if self.key(1) == "TABLE" and made < 0:
        _columns(self)
    if 0 <= option < made and (self.key(option + 1) == "(" or self.key(option + 1) in _VIEW_OPTIONS):
        self.cut(option, made)
    if [self.key(len(self.tokens) - at) for at in (3, 2, 1)] == ["WITH", "CHECK", "OPTION"]:
        self.cut(len(self.tokens) - 3, len(self.tokens))


def _columns(self: Rewriting) -> None:
    """Leave of a table's definition the names and types of its columns: constraints and storage have no lineage."""
    opened = self.name_end(2)
    if self.key(opened) != "(":
        return
    closed = self.closing(opened)
    kept: list[Token] = []
    comma = like(self.tokens[opened], TokenType.COMMA, ",")
    start = opened + 1
    for at in [*(at for at in self.outside(start) if at < closed and self.key(at) == ","), closed]:
        if start < at and self.key(start) not in _CONSTRAINTS:
            kept += [comma, *_column(self, start, at)] if kept else _column(self, start, at)
        start = at + 1
    self.cut(opened + 1, len(self.tokens), *kept, self.tokens[closed])


def _column(self: Rewriting, start: int, end: int) -> list[Token]:
    """Give a column's name and type; a computed one has none."""
    if start + 1 >= end or self.key(start + 1) == "AS":
        return [self.tokens[start], like(self.tokens[start], TokenType.VARIANT, "SQL_VARIANT")]
    behind = self.name_end(start + 1)
    if self.key(behind) == "(":
        behind = self.closing(behind) + 1
    return self.tokens[start : min(behind, end)]


def _options(self: Rewriting) -> None:
    """Cut `OPTION (…)` of the statement."""
    at = self.first("OPTION", 1)
    if at >= 0 and self.key(at + 1) == "(":
        self.cut(at, self.closing(at + 1) + 1)


def _anywhere(self: Rewriting) -> None:
    """Cut hints, temporal clauses and foreign sources' arguments, spell out compound assignments."""
    wanted = _TRIGGERS.intersection(self._keys)
    if not _XML_METHODS.isdisjoint(self._keys):
        wanted |= {".", "@"}
    at = 0
    while wanted and at < len(self._keys):
        key = self._keys[at]
        if key in wanted:
            if key not in _OPERATORS:
                _PLACES[key](self, at)
            elif self.key(at + 1) == "=":
                at += _compound(self, at)
        at += 1


def _hints(self: Rewriting, at: int) -> None:
    if self.key(at + 1) == "(" and self.key(at + 2) in _HINTS:
        self.cut(at, self.closing(at + 1) + 1)
    elif self.key(at + 1) == "XMLNAMESPACES":
        end = self.closing(at + 2) + 1
        self.cut(at + 1 if self.key(end) == "," else at, end + (self.key(end) == ","))


def _system_time(self: Rewriting, at: int) -> None:
    if self.key(at + 1) != "SYSTEM_TIME":
        return
    end = at + 3
    if self.key(at + 2) in ("AS", "CONTAINED"):
        end = self.operand_end(at + 4)
    elif self.key(at + 2) in ("FROM", "BETWEEN"):
        end = self.operand_end(self.operand_end(at + 3) + 1)
    self.cut(at, end)


def _foreign(self: Rewriting, at: int) -> None:
    """Leave of OPENROWSET (BULK 'file', …) WITH (…) the file, and of queries to other servers nothing."""
    if self.key(at + 1) != "(":
        return
    closed = self.closing(at + 1)
    if self.key(closed + 1) == "WITH" and self.key(closed + 2) == "(":
        self.cut(closed + 1, self.closing(closed + 2) + 1)
    file = self.tokens[at + 3 : at + 4] if self.key(at + 2) == "BULK" else []
    self.cut(at + 2, closed, *file)


def _identity(self: Rewriting, at: int) -> None:
    """Write `IDENTITY (type, seed, increment)` of SELECT … INTO as NULL: it counts."""
    if self.key(at + 1) == "(":
        self.cut(at, self.closing(at + 1) + 1, like(self.tokens[at], TokenType.NULL, "NULL"))


def _default(self: Rewriting, at: int) -> None:
    if self.key(at - 1) in ("=", ",", "(") and self.key(at + 1) in _DEFAULT_END:
        self.cut(at, at + 1, like(self.tokens[at], TokenType.NULL, "NULL"))


def _compound(self: Rewriting, at: int) -> int:
    """Write `a += b` as `a = a + b`; give the number of tokens that this adds before the operator's new place."""
    start = at - 1
    while self.key(start - 1) in (".", "@", "#"):
        start -= 2 if self.key(start - 1) == "." else 1
    left = self.tokens[start:at]
    self.cut(at, at + 2, self.tokens[at + 1], *left, self.tokens[at])
    return len(left) + 1


def _method(self: Rewriting, at: int) -> None:
    """Write `(query).value('.', 'text')` as `(query) + ''`: the parser loses the columns inside."""
    if self.key(at - 1) == ")" and self.key(at + 1) in _XML_METHODS and self.key(at + 2) == "(":
        plus, empty = like(self.tokens[at], TokenType.PLUS, "+"), like(self.tokens[at], TokenType.STRING, "")
        self.cut(at, self.closing(at + 2) + 1, plus, empty)


def _variable_method(self: Rewriting, at: int) -> None:
    """Write `@x.nodes('path')` as a function of the variable."""
    if self.key(at + 2) == "." and self.key(at + 3) in _XML_METHODS and self.key(at + 4) == "(":
        closed = self.closing(at + 4)
        name = like(self.tokens[at + 3], TokenType.VAR, f"xml_{self.tokens[at + 3].text}")
        self.cut(at, closed, name, self.tokens[at + 4], *self.tokens[at : at + 2])


_PLACES: dict[str, Callable[[Rewriting, int], None]] = {
    "WITH": _hints,
    "FOR": _system_time,
    "DEFAULT": _default,
    "IDENTITY": _identity,
    ".": _method,
    "@": _variable_method,
    **dict.fromkeys(_FOREIGN, _foreign),
}
_TRIGGERS = (frozenset(_PLACES) | _OPERATORS) - {".", "@"}
_RULES: dict[str, tuple[Callable[[Rewriting], None], ...]] = {
    "INSERT": (_top, _output),
    "UPDATE": (_top, _output, _current_of),
    "DELETE": (_top, _output, _delete, _current_of),
    "MERGE": (_top, _output),
    "CREATE": (_create,),
    "ALTER": (_create,),
}
