"""What the shape of a statement proves of a column that it writes: that it is a hash, or a value of many rows.

Only an item of the main query's own select list is looked at, so that no set operation, conflict clause or outer query
can add another value to the column. Functions go by their plain names: one that a schema qualifies may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from nexus_core.model.mark import AGGREGATE, HASH
from nexus_core.model.statement import Proof

_HASHES = (exp.MD5, exp.MD5Digest, exp.SHA, exp.SHA2, exp.SHA1Digest, exp.SHA2Digest)
_HASH_NAMES = frozenset(("sha224", "sha256", "sha384", "sha512", "sha1", "sha2", "md5"))
_FORMS = (exp.Cast, exp.Paren, exp.Hex, exp.LowerHex, exp.Lower, exp.Upper, exp.Encode, exp.ToBase64)
_FORM_NAMES = frozenset(("encode", "to_hex", "hex", "to_base64", "base64"))
_AGGREGATES = (exp.Count, exp.Sum, exp.Avg)
_ROUNDED = (exp.Cast, exp.Paren, exp.Round)


def proof_of(table: str, column: str, expression: exp.Expr | None) -> Proof | None:
    """Give what is proven of a column that one statement writes by one expression; None if nothing is."""
    query = _main_query(expression) if expression is not None else None
    if expression is None or query is None:
        return None
    if _is_hash(_within(expression, _FORMS, _FORM_NAMES)):
        return Proof(table, column, HASH)
    least = _least_rows(query) if _is_aggregate(_within(expression, _ROUNDED, frozenset())) else 0
    return Proof(table, column, AGGREGATE, str(least)) if least > 1 else None


def _main_query(expression: exp.Expr) -> exp.Select | None:
    """Give the SELECT in whose list an expression stands, if its rows are written as they are."""
    item = expression.parent if isinstance(expression.parent, exp.Alias) else expression
    query = item.parent
    if not isinstance(query, exp.Select) or not any(item is each for each in query.expressions):
        return None
    outer = query.parent
    while isinstance(outer, exp.Subquery) and not outer.args.get("pivots"):
        outer = outer.parent
    if isinstance(outer, exp.Insert):
        return None if outer.args.get("conflict") else query
    return query if outer is None or isinstance(outer, exp.Create) else None


def _within(node: exp.Expr, forms: tuple[type[exp.Expr], ...], names: frozenset[str]) -> exp.Expr:
    """Take off what changes only how a value is written."""
    while True:
        if isinstance(node, forms) and isinstance(node.this, exp.Expr):
            node = node.this
        elif isinstance(node, exp.Anonymous) and node.name.lower() in names and node.expressions:
            node = node.expressions[0]
        else:
            return node


def _is_hash(node: exp.Expr) -> bool:
    if isinstance(node.parent, exp.Dot):
        return False
    return isinstance(node, _HASHES) or (isinstance(node, exp.Anonymous) and node.name.lower() in _HASH_NAMES)


def _is_aggregate(node: exp.Expr) -> bool:
    """Whether it is a count, sum or average of a plain column: an expression could single out one row."""
    if not isinstance(node, _AGGREGATES):
        return False
    return isinstance(node.this, exp.Column) or (isinstance(node, exp.Count) and isinstance(node.this, exp.Star))


def _least_rows(query: exp.Select) -> int:
    """Give how many rows each group has at least, as HAVING count(*) says; 0 where it does not."""
    having = query.args.get("having")
    return max(map(_counted, _conjuncts(having.this)), default=0) if having is not None else 0


def _conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    stack = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, exp.And):
            stack += [each.this, each.expression]
        elif isinstance(each, exp.Paren):
            stack.append(each.this)
        else:
            yield each


def _counted(node: exp.Expr) -> int:
    if isinstance(node, (exp.GTE, exp.GT)):
        count, least = node.this, node.expression
    elif isinstance(node, (exp.LTE, exp.LT)):
        count, least = node.expression, node.this
    else:
        return 0
    counts_all = isinstance(count, exp.Count) and isinstance(count.this, exp.Star)
    if not counts_all or not isinstance(least, exp.Literal) or least.is_string or not least.name.isdecimal():
        return 0
    return int(least.name) + isinstance(node, (exp.GT, exp.LT))
