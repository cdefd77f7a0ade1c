"""The tables of a statement that no parser understands, by its words alone: what stands behind FROM, JOIN, INTO ….

It rather misses a table than invents one: a name counts only where what follows it may follow a table, so prose has
none. It knows WITH queries (one that is not read counts for nothing), calls of functions, `EXTRACT(… FROM …)`, and
aliases that UPDATE and DELETE name their target by. One pass over the tokens.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field

from sqlglot import Token, TokenType

from nexus_core.sql.dialect import Traits
from nexus_core.sql.reading.tokens import word_set

_FIRST = word_set("SELECT WITH INSERT UPDATE DELETE MERGE CREATE REPLACE UPSERT COPY FROM (")
"""First words of statements that may have lineage."""

_AFTER_TABLE = word_set(
    """
    ( ) , ; JOIN INNER LEFT RIGHT FULL CROSS NATURAL OUTER SEMI ANTI ASOF GLOBAL ANY ALL STRAIGHT_JOIN ON USING
    WHERE PREWHERE GROUP ORDER HAVING LIMIT QUALIFY WINDOW UNION EXCEPT INTERSECT MINUS SET WHEN SELECT INSERT
    VALUES VALUE DEFAULT PIVOT UNPIVOT TABLESAMPLE SAMPLE FOR AT BEFORE WITH OPTION OPTIONS FETCH OFFSET LATERAL
    OUTPUT CONNECT START MATCH_RECOGNIZE RETURNING PARTITION FINAL SETTINGS FORMAT CLUSTER DISTRIBUTE SORT FROM AS
    OVERWRITE INTO FILE_FORMAT TBLPROPERTIES STORED LOCATION ENGINE COMMENT DISTKEY SORTKEY DISTSTYLE
    """
)
_CLAUSES = word_set(
    """
    WHERE PREWHERE GROUP ORDER HAVING LIMIT QUALIFY WINDOW UNION EXCEPT INTERSECT MINUS SET WHEN SELECT VALUES
    CONNECT START RETURNING FETCH OFFSET
    """
)
"""What ends a FROM clause."""

_NO_NAME = _CLAUSES | word_set("FROM JOIN ON USING INTO AS AND OR NOT NULL CASE END TABLE OUTFILE DUMPFILE")
_BEFORE_SOURCE = word_set("LATERAL ONLY")
_BEFORE_TARGET = word_set("TABLE ONLY IF NOT EXISTS LOW_PRIORITY IGNORE OR REPLACE ABORT FAIL ROLLBACK")
_INTO = word_set("INTO OVERWRITE")
_BEFORE_INTO = word_set(
    """
    INSERT REPLACE UPSERT COPY IGNORE LOW_PRIORITY HIGH_PRIORITY DELAYED ABORT FAIL ROLLBACK ALL FIRST THEN ELSE
    OVERWRITE )
    """
)
_ROWS = word_set("SELECT VALUES VALUE SET WITH TABLE DEFAULT FROM EXEC EXECUTE")
"""What an INSERT takes its rows from."""
_BODIES = word_set("SELECT WITH ( VALUES INSERT UPDATE DELETE MERGE FROM")
"""What a WITH query starts with."""
_RELATIONS = word_set("TABLE VIEW")
_QUOTED = {TokenType.IDENTIFIER}
_WORDS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ_")

Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scanned:
    """The tables that the words name, as folded name parts in order."""

    inputs: tuple[Name, ...] = ()
    outputs: tuple[Name, ...] = ()


def scan(tokens: Sequence[Token], traits: Traits, variables: Container[str] = ()) -> Scanned:
    """Give the tables of one statement; `variables` are names that INTO fills and that are no tables."""
    return _Scan(tokens, traits, variables).result() if may_have_lineage(tokens) else Scanned()


def may_have_lineage(tokens: Sequence[Token]) -> bool:
    """Whether the first word is one of a statement that moves data."""
    return bool(tokens) and key_of(tokens[0]) in _FIRST


def is_prose(tokens: Sequence[Token]) -> bool:
    """Whether there are but words and commas: no other sign, number or literal."""
    return all(key[:1] in _WORDS for key in map(key_of, tokens) if key not in (".", ","))


@dataclass(slots=True)
class _Group:
    """What stands between two parentheses: of a query or not, in its FROM clause or not, in which WITH query."""

    owner: Name
    query: bool = False
    sources: bool = False


@dataclass(slots=True)
class _Scan:
    tokens: Sequence[Token]
    traits: Traits
    variables: Container[str]
    keys: list[str] = field(init=False)
    reads: dict[Name, dict[Name, None]] = field(default_factory=dict)
    aliases: dict[str, Name] = field(default_factory=dict)
    derived: set[str] = field(default_factory=set)
    targets: dict[Name, None] = field(default_factory=dict)
    changed: Name = ()

    def __post_init__(self) -> None:
        self.keys = [*map(key_of, self.tokens), ";"]

    def result(self) -> Scanned:
        self._read()
        inputs = list(self._inputs())
        if self.changed and (table := self._changed(inputs)):
            self.targets = {table: None, **self.targets}
            inputs = [name for name in inputs if name != table]
        return Scanned(tuple(inputs), tuple(self.targets))

    def _changed(self, inputs: Sequence[Name]) -> Name:
        """Give the table that `UPDATE x … FROM` or `DELETE x FROM` means: by alias, or by its name behind FROM."""
        if len(self.changed) == 1 and self.changed[0] in self.aliases:
            return self.aliases[self.changed[0]]
        return self.changed if self.changed in inputs else ()

    def _inputs(self) -> Iterator[Name]:
        """Give what the statement reads, itself or by the WITH queries that it reads."""
        seen: dict[Name, None] = {}
        waiting = list(self.reads.get((), ()))
        while waiting:
            name = waiting.pop(0)
            if name in seen or (len(name) > 1 and (name[0] in self.aliases or name[0] in self.derived)):
                continue  # or a column, where a stray bracket makes a select list look like a FROM clause
            seen[name] = None
            if name in self.reads:
                waiting[:0] = self.reads[name]
            else:
                yield name

    def _read(self) -> None:
        groups = [_Group(())]
        bodies = dict(self._bodies())
        self.reads.update({name: {} for name in bodies.values()})
        expecting = False
        stray = self._unclosed()
        for at, key in enumerate(self.keys[:-1]):
            if at in stray:
                continue
            if key == "(":
                groups.append(_Group(bodies.get(at, groups[-1].owner), sources=expecting))
            elif key == ")":
                groups = groups[:-1] or groups
                expecting = False
                if (end := self._behind_alias(at + 1)) > at + 1:
                    self.derived.add(self._parts(end - 1)[-1])
            elif expecting and key in _BEFORE_SOURCE:
                continue
            else:
                if expecting:
                    self._source(at, groups[-1])
                expecting = self._word(at, key, groups[-1], top=len(groups) == 1)

    def _unclosed(self) -> frozenset[int]:
        """Give the places of brackets that nothing closes."""
        opened: list[int] = []
        for at, key in enumerate(self.keys):
            if key == "(":
                opened.append(at)
            elif key == ")" and opened:
                opened.pop()
        return frozenset(opened)

    def _word(self, at: int, key: str, group: _Group, *, top: bool) -> bool:
        """Take in a word; tell whether a source follows."""
        first = self.keys[at - 1] in ("(", ";")
        if key in _CLAUSES:
            group.sources = False
        if key == "SELECT" or (first and key in ("FROM", "COPY")):
            group.query = True
        if top and self._statement(at, key, group):
            return True
        if key == "FROM" and group.query and not self._is_distinct(at):
            group.sources = self.keys[at - 1] != "DELETE"
            return group.sources
        if key == "JOIN" and (group.query or group.sources):
            return True
        return key == "," and group.sources

    def _is_distinct(self, at: int) -> bool:
        return self.keys[at - 1] == "DISTINCT" and self.keys[at - 2] in ("IS", "NOT")

    def _statement(self, at: int, key: str, group: _Group) -> bool:
        """Take in a word that may name what the statement writes; tell whether a source follows."""
        starts = self.keys[at - 1] in (";", ")")
        if key in _INTO:
            self._into(at, group)
        elif key == "MERGE" and starts and self.keys[at + 1] != "INTO" and "USING" in self.keys:
            self._target(at + 1)
        elif key == "UPDATE" and starts and "SET" in self.keys:
            self._update(at, group)
        elif key == "DELETE" and starts:
            group.query = True
            if self.keys[at + 1] == "FROM":
                self._target(at + 2)
            else:
                self.changed, _, _ = self._name(at + 1)
        elif key == "USING" and not group.sources and ("MERGE" in self.keys or "DELETE" in self.keys):
            group.query = group.sources = True
            return True
        elif key in _RELATIONS and self.keys[0] == "CREATE" and not self.targets:
            self._target(at + 1)
        return False

    def _into(self, at: int, group: _Group) -> None:
        before = self.keys[at - 1]
        selects = group.query and "FROM" in self.keys[at:] and not group.sources
        merges = before == "MERGE" and "USING" in self.keys
        fills = before in _BEFORE_INTO and not _ROWS.isdisjoint(self.keys[at:])
        if selects or merges or fills:
            self._target(at + 1)

    def _update(self, at: int, group: _Group) -> None:
        """Take in an UPDATE; where a FROM follows, its target may be an alias."""
        group.query = True
        self._target(at + 1)
        name = next(iter(self.targets), ())
        if len(name) == 1 and "FROM" in self.keys and self._aliased(name[0]):
            self.changed = name
            self.targets = {}

    def _aliased(self, name: str) -> bool:
        """Whether a name stands as an alias behind another name, as `t` in `FROM orders t`."""
        for at in range(2, len(self.tokens)):
            if self._is_name(at) and self._parts(at)[-1] == name:
                before = at - 1 - (self.keys[at - 1] == "AS")
                if self._is_name(before) and self.keys[before - 1] in ("FROM", "JOIN", ",", "."):
                    return True
        return False

    def _target(self, at: int) -> None:
        while self.keys[at] in _BEFORE_TARGET and not self._is_quoted(at):
            at += 1
        name, end, _ = self._name(at)
        known = len(name) == 1 and name[0] in self.variables
        if name and not known and (self._followed(end) or self.keys[end] == ";"):
            self.targets[name] = None

    def _source(self, at: int, group: _Group) -> None:
        name, end, alias = self._name(at)
        if not name or (self.keys[end] == "(" and not self._hinted(end)) or not self._followed(end):
            return
        self.reads.setdefault(group.owner, {})[name] = None
        if alias:
            self.aliases[alias] = name

    def _hinted(self, at: int) -> bool:
        """Whether `t (NOLOCK)` stands there: T-SQL's old hints look like a call."""
        return self.traits.name == "tsql" and self.keys[at + 1] in ("NOLOCK", "READPAST", "UPDLOCK", "HOLDLOCK")

    def _followed(self, end: int) -> bool:
        """Whether what stands behind a name, and behind its alias, may stand behind a table."""
        return self.keys[end] in _AFTER_TABLE or self.keys[self._behind_alias(end)] in _AFTER_TABLE

    def _behind_alias(self, end: int) -> int:
        at = end + (self.keys[end] == "AS")
        return at + 1 if at < len(self.tokens) and self._is_name(at) else end

    def _name(self, at: int) -> tuple[Name, int, str]:
        """Give the dotted name that starts at a token, where it ends, and its alias."""
        parts: list[str] = []
        while at < len(self.tokens) and self._is_name(at):
            parts += self._parts(at)
            at += 1
            if self.keys[at] != ".":
                break
            at += 1
        behind = self._behind_alias(at)
        alias = self._parts(behind - 1)[-1] if behind > at and self.keys[at] not in _AFTER_TABLE - {"AS"} else ""
        return tuple(parts), at, alias

    def _parts(self, at: int) -> list[str]:
        token = self.tokens[at]
        quoted = self._is_quoted(at)
        if self.traits.name == "bigquery":
            return token.text.split(".") if quoted else [token.text]
        return [self.traits.fold_text(token.text, quoted=quoted)]

    def _is_name(self, at: int) -> bool:
        """Whether a token may be a part of a table's name: a word that starts no clause, or anything quoted."""
        if self._is_quoted(at):
            return bool(self.tokens[at].text)
        key = self.keys[at]
        return key[:1] in _WORDS and key not in _NO_NAME if key else False

    def _is_quoted(self, at: int) -> bool:
        return at < len(self.tokens) and self.tokens[at].token_type in _QUOTED

    def _bodies(self) -> Iterator[tuple[int, Name]]:
        """Give where the body of each WITH query opens, and its name."""
        if "WITH" not in self.keys:
            return
        for at, key in enumerate(self.keys):
            if key == "(" and self.keys[at + 1] in _BODIES and (named := self._head(at)) >= 0:
                yield at, tuple(self._parts(named))

    def _head(self, opening: int) -> int:
        """Give where the name of a WITH query stands whose body opens at a parenthesis, -1 if none does."""
        at = opening - 1
        while at > 0 and self.keys[at] in ("MATERIALIZED", "NOT"):
            at -= 1
        if at < 1 or self.keys[at] != "AS":
            return -1
        at -= 1
        if self.keys[at] == ")":
            while at > 0 and self.keys[at] != "(":
                at -= 1
            at -= 1
        return at if at > 0 and self._is_name(at) else -1


def key_of(token: Token) -> str:
    """Give a token's first word in upper case; "" for a literal, and `\"` for a quoted name."""
    if token.token_type in _QUOTED:
        return '"'
    if token.token_type in (TokenType.STRING, TokenType.NATIONAL_STRING, TokenType.RAW_STRING):
        return ""
    words = token.text.upper().split(None, 1)
    return words[0] if words else ""
