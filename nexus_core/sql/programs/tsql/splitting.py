"""Where a T-SQL statement ends: at a semicolon, or before a word that can only begin the next one.

By the reserved words of Transact-SQL, which are no names unless in brackets, and by what each may follow inside a
statement ("Transact-SQL syntax conventions" and "Reserved keywords" of the SQL Server documentation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from nexus_core.sql.programs.tsql.words import batches, words_of
from nexus_core.sql.reading.tokens import word_set
from nexus_core.sql.reading.words import Word, closing

_ALWAYS = (
    "BEGIN DECLARE WHILE RETURN PRINT RAISERROR BREAK CONTINUE GOTO WAITFOR CLOSE DEALLOCATE TRUNCATE USE DENY REVOKE "
    "DBCC KILL CHECKPOINT RECONFIGURE SHUTDOWN BULK BACKUP RESTORE SAVE OPEN"
)
_GRANTS = frozenset({"GRANT", "DENY", "REVOKE"})
_SET_OPERATORS = frozenset({"UNION", "ALL", "EXCEPT", "INTERSECT", "FOR", "EXPLAIN"})
_KINDS = word_set(
    "TABLE VIEW PROC PROCEDURE FUNCTION TRIGGER INDEX SCHEMA TYPE SYNONYM SEQUENCE DATABASE USER ROLE LOGIN STATISTICS "
    "EXTERNAL PARTITION SECURITY ASSEMBLY CERTIFICATE QUEUE SERVICE OR MATERIALIZED UNIQUE CLUSTERED NONCLUSTERED"
)
_ANSWERS = frozenset({"THEN", "AS", "."})
"""What stands before a word that begins no statement of its own: `WHEN … THEN UPDATE`, `CREATE VIEW v AS SELECT`."""


class _Scan:
    """One statement from its first word on, and how far it has been read: its verb, SET, and source of rows."""

    def __init__(self, words: Sequence[Word], start: int, last: int) -> None:
        self._words, self._start, self._last = words, start, last
        self._verb = words[start].key if start < last else ""
        self._has_set = self._has_source = False

    def end(self) -> int:
        at, cases = self._start + 1, 0
        if self._verb == "(":
            at = closing(self._words, self._start, self._last) + 1
        elif self._verb in _GRANTS:
            at = self._permissions()
        while at < self._last:
            key = self._words[at].key
            if key == "(":
                at = self._bracket(at)
            elif key == "CASE":
                cases += 1
            elif cases:
                cases -= key == "END"
            elif key in (";", "END", "ELSE") or (key in _STARTS and self._begins(at, key)):
                return at
            at += 1
        return min(at, self._last)

    def _bracket(self, at: int) -> int:
        if self._verb == "INSERT" and self.key(at + 1) in ("SELECT", "WITH", "("):
            self._has_source = True
        return closing(self._words, at, self._last)

    def _permissions(self) -> int:
        """Pass over `GRANT INSERT, EXECUTE ON x TO`: its permissions are no statements."""
        at = self._start + 1
        while at < self._last and self._words[at].key not in ("TO", "FROM", ";"):
            at += 1
        return at

    def key(self, at: int) -> str:
        return self._words[at].key if self._start <= at < self._last else ""

    def _begins(self, at: int, key: str) -> bool:
        if self.key(at - 1) in _ANSWERS:
            self._has_source = self._has_source or key in ("SELECT", "INSERT")
            self._verb = "WITH" if key == "WITH" else self._verb
            return False
        rule = _RULES.get(key)
        return rule is None or rule(self, at)

    def _main(self, at: int) -> bool:
        """Take the statement behind WITH queries as the same one; tell whether it was that."""
        if self._verb != "WITH":
            return False
        self._verb = self.key(at)
        return True

    def select(self, at: int) -> bool:
        if self.key(at - 1) in _SET_OPERATORS or self._main(at):
            return False
        return not self._takes_source()

    def _takes_source(self) -> bool:
        """Whether an INSERT still waits for its rows; then here they are."""
        waits = self._verb == "INSERT" and not self._has_source
        self._has_source = True
        return waits

    def values(self, _: int) -> bool:
        self._has_source = True
        return False

    def execute(self, at: int) -> bool:
        if self.key(at + 1) == "AS" and self.key(at - 1) in ("WITH", ","):
            return False
        return not self._takes_source()

    def insert(self, at: int) -> bool:
        return self.key(at - 1) != "BULK" and not self._main(at)

    def update(self, at: int) -> bool:
        if self.key(at - 1) in ("FOR", "ON") or (self.key(at + 1) == "(" and self._verb != "WITH"):
            return False
        return not self._main(at)

    def delete(self, at: int) -> bool:
        return self.key(at - 1) != "ON" and not self._main(at)

    def merge(self, at: int) -> bool:
        return self.key(at + 1) != "JOIN" and not self._main(at)

    def set(self, at: int) -> bool:
        own = self._verb in ("UPDATE", "WITH") or (self._verb == "ALTER" and self.key(self._start + 1) == "DATABASE")
        if own and not self._has_set:
            self._has_set = True
            return False
        options = self._verb == "ALTER" and self.key(at + 1) == "("
        return not options and self.key(at - 1) not in ("UPDATE", "DELETE")

    def conditional(self, at: int) -> bool:
        """`DROP TABLE IF EXISTS t` goes on; `IF EXISTS (SELECT …)` is a statement."""
        there = at + 2 if self.key(at + 1) == "NOT" else at + 1
        return self.key(there) != "EXISTS" or self.key(there + 1) == "("

    def with_queries(self, at: int) -> bool:
        """`WITH q AS (` and `WITH q (a, b) AS (` begin a statement, other uses of WITH are options."""
        behind = at + 2
        if self.key(at + 1) == "XMLNAMESPACES":
            return self._verb != "INSERT" or self._has_source
        if self.key(behind) == "(":
            behind = closing(self._words, behind, self._last) + 1
        if self.key(behind) != "AS" or self.key(behind + 1) != "(":
            return False
        if self.key(at - 1) == "FOR":
            self._verb = "WITH"
            return False
        return self._verb != "INSERT" or self._has_source

    def fetch(self, at: int) -> bool:
        return self.key(at - 1) not in ("ROWS", "ROW")

    def option(self, at: int) -> bool:
        """GRANT and ROLLBACK also stand in `WITH GRANT OPTION`, `WITH ROLLBACK IMMEDIATE`."""
        return self.key(at - 1) != "WITH"

    def definition(self, at: int) -> bool:
        if self.key(at - 1) in ("OR", "CREATE") and self._verb in ("CREATE", "ALTER"):
            return False
        return self._verb != "ALTER" or self.key(at + 1) in _KINDS

    def throw(self, at: int) -> bool:
        word = self._words[at + 1] if at + 1 < self._last else None
        return word is None or word.kind == "number" or word.key[:1] == "@" or word.key in (";", "END")


_RULES: dict[str, Callable[[_Scan, int], bool]] = {
    "SELECT": _Scan.select,
    "VALUES": _Scan.values,
    "EXEC": _Scan.execute,
    "EXECUTE": _Scan.execute,
    "INSERT": _Scan.insert,
    "UPDATE": _Scan.update,
    "DELETE": _Scan.delete,
    "MERGE": _Scan.merge,
    "SET": _Scan.set,
    "IF": _Scan.conditional,
    "WITH": _Scan.with_queries,
    "FETCH": _Scan.fetch,
    "GRANT": _Scan.option,
    "COMMIT": _Scan.option,
    "ROLLBACK": _Scan.option,
    "CREATE": _Scan.definition,
    "ALTER": _Scan.definition,
    "DROP": _Scan.definition,
    "THROW": _Scan.throw,
}
"""Whether a word begins a statement where it stands; of these VALUES never does."""

_STARTS = frozenset(_RULES) | frozenset(_ALWAYS.split())


def statement_end(words: Sequence[Word], start: int, last: int) -> int:
    """Give the place behind the last word of the statement that begins at a place; its semicolon is not of it."""
    return _Scan(words, start, last).end()


def pieces(text: str) -> Iterator[str]:
    """Give the texts of all statements, whatever blocks and routines they stand in."""
    words = words_of(text)
    for start, last in batches(text, words):
        at = start
        while at < last:
            end = max(statement_end(words, at, last), at + 1)
            if words[at].key != ";":
                yield text[words[at].start : words[end - 1].end]
            at = end


def condition_end(words: Sequence[Word], start: int, last: int) -> int:
    """Give the place of the statement behind the condition of IF or WHILE that begins at a place."""
    scan, at, cases = _Scan(words, start, last), start, 0
    while at < last:
        key = words[at].key
        if key == "(":
            at = closing(words, at, last)
        elif key == "CASE":
            cases += 1
        elif cases:
            cases -= key == "END"
        elif key in (";", "END") or (key in _STARTS and key != "VALUES" and _acts(scan, at)):
            return at
        at += 1
    return min(at, last)


def _acts(scan: _Scan, at: int) -> bool:
    """Whether a word is no function of a trigger's condition, such as UPDATE(column)."""
    if scan.key(at) == "THROW":
        return scan.throw(at)
    return scan.key(at) != "UPDATE" or scan.key(at + 1) != "("
