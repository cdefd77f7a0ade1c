"""The kinds of statements that are let through; every other one is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from postgast import scan

from nexus_core.proxy.wall import settings
from nexus_core.proxy.wall.queries import query
from nexus_core.proxy.wall.refusal import Refusal
from nexus_core.proxy.wall.sources import resolve
from nexus_core.proxy.wall.text import quoted
from nexus_core.proxy.wall.tree import Node
from nexus_core.proxy.wall.verdict import Kind
from nexus_core.proxy.wall.walk import Walk, only, strings

_READS_ONLY = "The proxy only reads"
_EXPLAIN = frozenset({"costs", "format", "summary", "verbose", "analyze", "settings", "buffers", "wal", "timing"})
_EXPLAIN_IF_OFF = frozenset({"verbose", "analyze", "settings", "buffers", "wal", "timing", "summary"})
_COPY = frozenset({"format", "delimiter", "null", "header", "quote", "escape", "force_quote", "encoding"})
_OFF = frozenset({"false", "off", "0", "none"})


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes of a statement in its text."""

    start: int
    end: int


def statement(walk: Walk, node: Node, span: Span) -> Kind:
    """Judge one statement and give what kind it is."""
    for kind, body in node.items():
        judge = _STATEMENTS.get(kind)
        if judge is None:
            raise Refusal(f"{_spoken(kind)} is not let through", _READS_ONLY)
        return judge(walk, body, span)
    raise Refusal("A statement is empty")


def _select(walk: Walk, body: Node, span: Span) -> Kind:
    del span
    query(walk, body)
    return Kind.SELECT


def _explain(walk: Walk, body: Node, span: Span) -> Kind:
    """A plan tells of counts, so it is not shown where rows are filtered, and nothing is run or spelled out for it."""
    del span
    only("EXPLAIN", body, "query", "options")
    for option in body.get("options", []):
        name, value = option["DefElem"]["defname"], _option(option)
        if name not in _EXPLAIN or (name in _EXPLAIN_IF_OFF and value not in _OFF):
            raise Refusal(f"EXPLAIN with {name.upper()} is not let through", "Plain EXPLAIN, COSTS and FORMAT are")
    _query_of(walk, body, "EXPLAIN")
    filtered = sorted(".".join(key) for key, relation in walk.relations.items() if relation.row_filtered)
    if filtered:
        raise Refusal(f"EXPLAIN is not let through for {filtered[0]}, of which you see a part of the rows")
    return Kind.EXPLAIN


def _option(option: Node) -> str:
    argument: Node = option["DefElem"].get("arg", {})
    for body in argument.values():
        for key in ("sval", "ival", "boolval"):
            if key in body:
                return str(body[key]).lower()
        return "0" if "Integer" in argument else ""
    return ""


def _query_of(walk: Walk, body: Node, what: str) -> None:
    if "SelectStmt" not in body["query"]:
        raise Refusal(f"{what} is let through for queries only", _READS_ONLY)
    query(walk, body["query"]["SelectStmt"])


def _copy(walk: Walk, body: Node, span: Span) -> Kind:
    """COPY of a relation becomes that of a query, since what stands for it is a view."""
    if body.get("is_from"):
        raise Refusal("COPY FROM is not let through", _READS_ONLY)
    if body.get("is_program") or body.get("filename"):
        raise Refusal("COPY is let through TO STDOUT only")
    only("COPY", body, "relation", "query", "attlist", "options")
    for option in body.get("options", []):
        name = option["DefElem"]["defname"]
        if name not in _COPY or (name == "encoding" and _option(option) not in settings.FIXED["client_encoding"]):
            raise Refusal(f"COPY with {name.upper()} is not let through")
    if "query" in body:
        _query_of(walk, body, "COPY")
    else:
        _copy_relation(walk, body, span)
    return Kind.COPY


def _copy_relation(walk: Walk, body: Node, span: Span) -> None:
    name: Node = body["relation"]
    location = name.get("location", 0)
    scratch = Walk(walk.names, walk.edits.text, {})
    relation = resolve(scratch, {**name, "inh": True})
    walk.reads_relation(relation)
    if walk.names.choices(name["relname"]) and "schemaname" not in name:
        raise Refusal("Several schemas have such a table", "Name its schema", location=location)
    columns = strings(body.get("attlist", [])) or list(relation.columns)
    if unknown := [column for column in columns if column not in relation.columns]:
        raise Refusal(f'column "{unknown[0]}" does not exist', sqlstate="42703", location=location)
    for column in columns:
        walk.reads(relation.columns[column])
    selected = b", ".join(map(quoted, columns))
    full = quoted(relation.shadow_schema) + b"." + quoted(relation.name)
    end = _before_to(walk.edits.text, location, span)
    walk.edits.change(location, end, b"(SELECT " + selected + b" FROM " + full + b") ")


def _before_to(text: bytes, start: int, span: Span) -> int:
    """Give where TO stands after the name of a relation and its columns."""
    depth = 0
    for token in scan(text[span.start : span.end].decode()).tokens:
        at = token.start + span.start
        if at < start:
            continue
        shown = text[at : token.end + span.start].lower()
        depth += {b"(": 1, b")": -1}.get(shown, 0)
        if depth == 0 and shown == b"to":
            return int(at)
    raise Refusal("COPY is written in a way that the proxy cannot follow", location=start)


def _declare(walk: Walk, body: Node, span: Span) -> Kind:
    del span
    only("DECLARE", body, "portalname", "options", "query")
    _query_of(walk, body, "DECLARE")
    return Kind.DECLARE


def _fetch(walk: Walk, body: Node, span: Span) -> Kind:
    del walk, span
    only("FETCH", body, "direction", "howMany", "portalname", "ismove", "direction_keyword", "location")
    return Kind.FETCH


def _close(walk: Walk, body: Node, span: Span) -> Kind:
    del walk, span
    only("CLOSE", body, "portalname")
    return Kind.CLOSE


def _prepare(walk: Walk, body: Node, span: Span) -> Kind:
    del span
    only("PREPARE", body, "name", "argtypes", "query")
    walk.visit_all(body.get("argtypes", []))
    _query_of(walk, body, "PREPARE")
    return Kind.PREPARE


def _execute(walk: Walk, body: Node, span: Span) -> Kind:
    del span
    only("EXECUTE", body, "name", "params")
    walk.visit_all(body.get("params", []))
    return Kind.EXECUTE


def _deallocate(walk: Walk, body: Node, span: Span) -> Kind:
    del walk, span
    only("DEALLOCATE", body, "name", "isall", "location")
    return Kind.DEALLOCATE


_TRANSACTION = {
    "TRANS_STMT_BEGIN": Kind.BEGIN,
    "TRANS_STMT_START": Kind.BEGIN,
    "TRANS_STMT_COMMIT": Kind.COMMIT,
    "TRANS_STMT_ROLLBACK": Kind.ROLLBACK,
    "TRANS_STMT_SAVEPOINT": Kind.SAVEPOINT,
    "TRANS_STMT_RELEASE": Kind.SAVEPOINT,
    "TRANS_STMT_ROLLBACK_TO": Kind.SAVEPOINT,
}


def _transaction(walk: Walk, body: Node, span: Span) -> Kind:
    del walk, span
    kind = _TRANSACTION.get(body["kind"])
    if kind is None:
        raise Refusal("Transactions in two phases are not let through")
    only("A transaction", body, "kind", "options", "savepoint_name", "chain", "location")
    return kind


def _set(walk: Walk, body: Node, span: Span) -> Kind:
    settings.judge_set(walk.names, body, lambda text: walk.edits.change(span.start, span.end, text))
    return Kind.SET


def _show(walk: Walk, body: Node, span: Span) -> Kind:
    only("SHOW", body, "name")
    settings.judge_show(body["name"])
    if body["name"] == "search_path":
        walk.edits.change(span.start, span.end, settings.shown_path(walk.names))
    return Kind.SHOW


def _discard(walk: Walk, body: Node, span: Span) -> Kind:
    del walk, span
    only("DISCARD", body, "target")
    return Kind.DISCARD


def _unlisten(walk: Walk, body: Node, span: Span) -> Kind:
    """Pools say UNLISTEN * to a session that nobody may have listened in."""
    del walk, span, body
    return Kind.DISCARD


_STATEMENTS: dict[str, Callable[[Walk, Node, Span], Kind]] = {
    "SelectStmt": _select,
    "ExplainStmt": _explain,
    "CopyStmt": _copy,
    "DeclareCursorStmt": _declare,
    "FetchStmt": _fetch,
    "ClosePortalStmt": _close,
    "PrepareStmt": _prepare,
    "ExecuteStmt": _execute,
    "DeallocateStmt": _deallocate,
    "TransactionStmt": _transaction,
    "VariableSetStmt": _set,
    "VariableShowStmt": _show,
    "DiscardStmt": _discard,
    "UnlistenStmt": _unlisten,
}


def _spoken(kind: str) -> str:
    """Give the kind of a statement in SQL's words: `InsertStmt` is INSERT."""
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in kind.removesuffix("Stmt"))
    return words.strip().upper()
