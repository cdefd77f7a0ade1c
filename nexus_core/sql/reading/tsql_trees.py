"""T-SQL statements as trees: sqlglot's parser on rewritten tokens, and what was taken out of them put back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import Token, TokenType, exp

from nexus_core.sql.reading.tokens import like, word_set
from nexus_core.sql.reading.tsql_tokens import Clause, Rewriting, nested_mark

Parse = Callable[[Sequence[Token]], exp.Expr]


def parsed(tokens: Sequence[Token], parse: Parse) -> exp.Expr:
    """Parse a statement; OUTPUT clauses are `Returning` nodes in the argument `outputs`, `@v` a table of that name."""
    rewriting = Rewriting(tokens)
    tree = parse(rewriting.tokens)
    _put_back(tree, rewriting, parse)
    for needed, repair in _REPAIRS:
        if needed(rewriting):
            repair(tree)
    return tree


def _put_back(tree: exp.Expr, rewriting: Rewriting, parse: Parse) -> None:
    if rewriting.clauses:
        tree.set("outputs", [_returning(clause, tokens, parse) for clause, tokens in _with_tokens(rewriting)])
    for number, tokens in enumerate(rewriting.nested):
        mark = next((each for each in tree.find_all(exp.Column) if each.name == nested_mark(number)), None)
        if mark is not None and isinstance(mark.parent, exp.Select):
            mark.parent.replace(parsed(tokens, parse))


def _with_tokens(rewriting: Rewriting) -> list[tuple[Clause, Token]]:
    return [(clause, rewriting.tokens[0]) for clause in rewriting.clauses]


def _returning(clause: Clause, place: Token, parse: Parse) -> exp.Returning:
    query = parse([like(place, TokenType.SELECT, "SELECT"), *clause.items])
    target = None
    if clause.into:
        words = [(TokenType.INSERT, "INSERT"), (TokenType.INTO, "INTO")]
        empty = [(TokenType.DEFAULT, "DEFAULT"), (TokenType.VALUES, "VALUES")]
        before, behind = ([like(place, *word) for word in side] for side in (words, empty))
        target = parse([*before, *clause.into, *behind]).this
        _tables(target)
    return exp.Returning(expressions=query.expressions, into=target)


def _tables(tree: exp.Expr) -> None:
    """Name table variables as tables, and tell what `SET @v = column = expression` gives to variables."""
    for table in list(tree.find_all(exp.Table)):
        if isinstance(table.this, exp.Parameter):
            table.set("this", exp.to_identifier(f"@{table.this.name}"))
    if isinstance(tree, exp.Update):
        _variables(tree)


def _variables(update: exp.Update) -> None:
    kept: list[exp.Expr] = []
    assigned: list[exp.Expr] = []
    for item in update.expressions:
        variable, column, expression = _sides(item)
        if column is not None:
            kept.append(item if variable is None else exp.EQ(this=column, expression=expression))
        if variable is not None:
            assigned.append(exp.EQ(this=variable, expression=expression.copy()))
    update.set("expressions", kept)
    update.set("assigned", assigned)


def _sides(item: exp.Expr) -> tuple[exp.Expr | None, exp.Expr | None, exp.Expr]:
    """Give the variable, the column and the expression of `@v = a = x`, `@v = x` or `a = x`, however it is nested."""
    left, right = item.this, item.expression
    if isinstance(left, exp.EQ) and isinstance(left.this, exp.Parameter):
        return left.this, left.expression, right
    if not isinstance(left, exp.Parameter):
        return None, left, right
    if isinstance(right, exp.EQ):
        return left, right.this, right.expression
    return left, None, right


def _retargeted(tree: exp.Expr) -> None:
    """Name the target of `UPDATE t … FROM t AS a` by its alias: in T-SQL it is that very item of FROM."""
    from_ = tree.args.get("from_")
    if not isinstance(tree, exp.Update) or from_ is None or not isinstance(tree.this, exp.Table):
        return
    items = [from_.this, *(join.this for join in from_.this.args.get("joins") or ())]
    parts = _folded(tree.this)
    same = [each for each in items if isinstance(each, exp.Table) and each.alias and _folded(each) == parts]
    named = any(isinstance(each, exp.Table) and each.alias_or_name.lower() == tree.this.name.lower() for each in items)
    if len(same) == 1 and not (named and len(parts) == 1):
        tree.set("this", exp.Table(this=exp.to_identifier(same[0].alias)))


def _folded(table: exp.Table) -> list[str]:
    return [part.name.lower() for part in table.parts]


def _default_schema(tree: exp.Expr) -> None:
    """`database..table` is in the default schema, which is dbo for all but a few users."""
    for table in tree.find_all(exp.Table):
        if table.args.get("catalog") is not None and not table.args.get("db"):
            table.set("db", exp.to_identifier("dbo"))


def _linked(tree: exp.Expr) -> None:
    """Make `server.database.schema.table` three parts, the first two in one."""
    for table in tree.find_all(exp.Table):
        inner = table.this
        if isinstance(inner, exp.Dot) and isinstance(inner.this, exp.Identifier):
            server, database = table.args.get("catalog"), table.args.get("db")
            if isinstance(server, exp.Identifier) and isinstance(database, exp.Identifier):
                table.set("catalog", exp.to_identifier(f"{server.name}.{database.name}", quoted=True))
                table.set("db", inner.this)
                table.set("this", inner.expression)


def _string_aliases(tree: exp.Expr) -> None:
    """Read `SELECT 'name' = expression` as the alias that it is: T-SQL has no comparisons as values."""
    for query in tree.find_all(exp.Select):
        for item in query.expressions:
            if isinstance(item, exp.EQ) and isinstance(item.this, exp.Literal) and item.this.is_string:
                item.replace(exp.alias_(item.expression, item.this.name, quoted=True))


def _methods(tree: exp.Expr) -> None:
    """Read `t.column.value('path', 'type')` as a method of the column, not as a function of a schema."""
    for dot in list(tree.find_all(exp.Dot)):
        if not isinstance(dot.expression, exp.Anonymous) or not is_method(dot.expression.name):
            continue
        owner = dot.this
        if isinstance(owner, exp.Identifier):
            dot.set("this", exp.Column(this=owner))
        elif isinstance(owner, exp.Dot) and isinstance(owner.expression, exp.Identifier):
            table = owner.this if isinstance(owner.this, exp.Identifier) else owner.this.expression
            dot.set("this", exp.Column(this=owner.expression, table=table))


def is_method(name: str) -> bool:
    """Whether a name behind a dot is a method of a type rather than a function of a schema."""
    return name.upper() in _METHODS


_METHODS = word_set(
    "VALUE QUERY EXIST NODES MODIFY TOSTRING GETLEVEL GETANCESTOR GETDESCENDANT ISDESCENDANTOF GETREPARENTEDVALUE "
    "STDISTANCE STAREA STLENGTH STASTEXT STASBINARY STCONTAINS STWITHIN STINTERSECTS STINTERSECTION STUNION "
    "STDIFFERENCE STBUFFER STENVELOPE STCENTROID STPOINTN STNUMPOINTS STSTARTPOINT STENDPOINT STISVALID STEQUALS "
    "STTOUCHES STOVERLAPS"
)
"""Methods of xml, hierarchyid, geometry and geography."""


def _searched(tree: exp.Expr) -> None:
    """Read `CONTAINSTABLE(t, column, …)` as a query of the table, with the key of its rows and their rank."""
    for table in list(tree.find_all(exp.Table)):
        call = table.this
        if isinstance(call, exp.Anonymous) and call.name.upper() in _SEARCHES and len(call.expressions) > 1:
            name, column = call.expressions[:2]
            parts = [part for part in name.parts if isinstance(part, exp.Identifier)] if name.parts else []
            keys = dict(zip(("this", "db", "catalog"), reversed(parts), strict=False))
            rank = exp.Anonymous(this="RANK", expressions=[column] if isinstance(column, exp.Column) else [])
            items = [exp.alias_(exp.Null(), "key"), exp.alias_(rank, "rank")]
            query = exp.Select(expressions=items, from_=exp.From(this=exp.Table(**keys)))
            table.replace(exp.Subquery(this=query, alias=table.args.get("alias"), joins=table.args.get("joins")))


_SEARCHES = frozenset({"CONTAINSTABLE", "FREETEXTTABLE"})

_REPAIRS: tuple[tuple[Callable[[Rewriting], bool], Callable[[exp.Expr], None]], ...] = (
    (lambda rewriting: "UPDATE" in rewriting.words, _retargeted),
    (lambda rewriting: "@" in rewriting.words, _tables),
    (lambda rewriting: "=" in rewriting.words, _string_aliases),
    (lambda rewriting: rewriting.dots(1), _default_schema),
    (lambda rewriting: rewriting.dots(2), _linked),
    (lambda rewriting: not _METHODS.isdisjoint(rewriting.words), _methods),
    (lambda rewriting: not _SEARCHES.isdisjoint(rewriting.words), _searched),
)
"""Repairs of a tree, each with the words of a statement that it is for."""


def masked(tree: exp.Expr, marks: Sequence[str]) -> exp.Expr:
    """Take names that hold a mark out of a tree: tables become a variable that nobody declared, columns NULL."""
    for node in list(tree.walk()):
        if not isinstance(node, (exp.Table, exp.Column)) or not any(
            m in part.name for part in node.parts for m in marks
        ):
            continue
        if isinstance(node, exp.Table):
            for key in ("db", "catalog"):
                node.set(key, None)
            node.set("this", exp.to_identifier("@"))
        elif node.find_ancestor(exp.Pivot):
            node.pop()
        else:
            node.replace(exp.Null())
    return tree
