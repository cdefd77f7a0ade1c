"""The FROM clause: tables, subqueries, functions and joins, put into a scope."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from nexus_core.sql.binding import kinds
from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.expressions import Expressions
from nexus_core.sql.binding.relations import Column, Relation, Scope, Typed

Query = Callable[[exp.Expr, Binding, Scope], "tuple[Column, ...] | None"]


class Sources:
    """Puts the items of FROM clauses into scopes."""

    def __init__(self, binding: Binding, expressions: Expressions, query: Query) -> None:
        self._binding, self._expressions, self._query = binding, expressions, query

    def add(self, node: exp.Expr, scope: Scope) -> None:
        """Put an item into a scope, with the joins behind it."""
        self._binding.budget.spend()
        plain = isinstance(node, exp.Subquery) and isinstance(node.this, (exp.Table, exp.Subquery)) and not node.alias
        if plain:
            self.add(node.this, scope)
        else:
            scope.relations.append(self.relation(node, scope))
        for join in node.args.get("joins") or ():
            self.join(join, scope)
        for lateral in node.args.get("laterals") or ():
            self.add(lateral, scope)

    def join(self, join: exp.Expr, scope: Scope) -> None:
        """Put the right side of a join into a scope, and judge what it joins on."""
        count = len(scope.relations)
        self.add(join.this, scope)
        using = [self._binding.fold(each) for each in join.args.get("using") or () if isinstance(each, exp.Identifier)]
        before, added = scope.relations[:count], scope.relations[count:]
        if join.args.get("method") == "NATURAL":
            using = self._shared(before, added, scope, join)
        for name in using:
            self._merge(name, before, added, scope, join)
        if (on := join.args.get("on")) is not None:
            self._expressions.condition(on, scope, "ON")

    def _shared(self, before: list[Relation], added: list[Relation], scope: Scope, join: exp.Expr) -> list[str]:
        """Give the columns that NATURAL pairs."""
        if any(relation.columns is None for relation in (*before, *added)):
            self._binding.doubt("natural_join", "a NATURAL JOIN needs the columns of both sides", join)
            return []
        right = {column.name.lower() for relation in added for column in relation.top or ()}
        left = [*scope.merged, *(column.name.lower() for relation in before for column in relation.top or ())]
        shared = [name for name in dict.fromkeys(left) if name in right]
        self._binding.note("natural_join", f"joins on {', '.join(shared) or 'nothing'}", join)
        return shared

    def _merge(self, name: str, before: list[Relation], added: list[Relation], scope: Scope, join: exp.Expr) -> None:
        """Make one column of the two that USING names."""
        merged = scope.merged.get(name.lower())
        left = self._one(name, before, "left", join) if merged is None else merged
        right = self._one(name, added, "right", join)
        if left is None or right is None:
            return
        one, other = left.typed.kind, right.typed.kind
        if self._binding.strict and not kinds.comparable(one, other):
            self._binding.refuse("no_operator", f"USING {name} compares {one} and {other}", join)
        elif one and other and kinds.category(one) != kinds.category(other):
            self._binding.note("implicit_cast", f"USING {name} compares {one} with {other}", join)
        kind = kinds.common([one, other]) or ""
        declared = left.typed.declared if left.typed.declared == right.typed.declared else ""
        scope.merged[name.lower()] = Column(left.name, Typed(kind, declared), left.table)

    def _one(self, name: str, relations: list[Relation], side: str, join: exp.Expr) -> Column | None:
        found = [(column, relation) for relation in relations for column in relation.having(name)]
        if len(found) == 1:
            for each in join.args.get("using") or ():
                if isinstance(each, exp.Identifier) and self._binding.fold(each).lower() == name.lower():
                    self._binding.use(each, *_used(*found[0]))
            return found[0][0]
        if found:
            self._binding.refuse("ambiguous_column", f"{name} is twice on the {side} side of the join", join)
        elif any(relation.columns is None for relation in relations):
            return Column(name)
        else:
            self._binding.refuse("unknown_column", f"USING {name} is no column of the {side} side", join)
        return None

    def relation(self, node: exp.Expr, scope: Scope) -> Relation:
        """Give an item as a relation, under the names of its column list."""
        relation = self._plain(node, scope)
        alias = node.args.get("alias")
        names = [self._binding.fold(each) for each in alias.columns] if isinstance(alias, exp.TableAlias) else []
        if node.args.get("pivots"):
            self._binding.doubt("pivot", "a PIVOT is not judged", node)
            return Relation(node.args["pivots"][-1].alias or relation.alias, None)
        if not names:
            return relation
        columns = relation.top
        if columns is None:
            return Relation(relation.alias, None)
        if len(names) > len(columns):
            self._binding.refuse("column_count", f"{len(names)} names are given to {len(columns)} columns", node)
        given = [*names, *(column.name for column in columns[len(names) :])]
        listed = zip(given, columns, strict=False)
        return Relation(relation.alias, tuple(Column(name, column.typed) for name, column in listed))

    def _plain(self, node: exp.Expr, scope: Scope) -> Relation:
        alias = self._alias(node)
        if isinstance(node, exp.Lateral):
            inner = node.this
            if isinstance(inner, (exp.Subquery, exp.Query)):
                return Relation(alias, self._query(inner, self._binding, scope))
            self._expressions.typed(inner, scope)
            return Relation(alias, None)
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            return self._named(node, alias, scope)
        if isinstance(node, exp.Query):
            return self._derived(node, alias, scope)
        for part in node.iter_expressions():
            if not isinstance(part, exp.TableAlias):
                self._expressions.typed(part, scope)
        return Relation(alias, None)

    def _alias(self, node: exp.Expr) -> str:
        alias = node.args.get("alias")
        name = alias.this if isinstance(alias, exp.TableAlias) else alias
        return self._binding.fold(name) if isinstance(name, exp.Identifier) else ""

    def _named(self, node: exp.Table, alias: str, scope: Scope) -> Relation:
        name = self._binding.fold(node.this)
        cte = scope.ctes.get(name.lower()) if node.args.get("db") is None else None
        if cte is None:
            return self._binding.table(node, alias=alias)
        return Relation(alias or name, cte.columns and tuple(Column(c.name, c.typed) for c in cte.columns))

    def _derived(self, node: exp.Expr, alias: str, scope: Scope) -> Relation:
        """Bind a subquery, which sees what is around the query, but not its neighbours."""
        columns = self._query(node, self._binding, Scope(scope.ctes, scope.parent))
        if not self._binding.strict:
            names = [column.name.lower() for column in columns or () if column.name]
            if len(set(names)) < len(names):
                self._binding.refuse("duplicate_column", "two columns of a subquery have one name", node)
        return Relation(alias, columns)


def _used(column: Column, relation: Relation) -> tuple[Column, str]:
    return column, relation.alias
