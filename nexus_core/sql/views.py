"""Views that the catalogue knows by their CREATE texts: a view without a schema has the columns of its query."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from nexus_core.errors import SqlError
from nexus_core.sql.programs.script import resolve
from nexus_core.sql.reading.parse import PARSER_FAILURES, statements
from nexus_core.sql.reading.places import UNPLACED
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Resolution, Variables
from nexus_core.sql.resolving.session import Session


class Views:
    """The columns of views, each found out when it is first asked for."""

    def __init__(self, session: Session, definitions: Mapping[str, str]) -> None:
        self._session = session
        self._texts = {tuple(name.lower().split(".")): text for name, text in definitions.items() if _is_view(text)}
        self._columns: dict[tuple[str, ...], tuple[str, ...] | None] = {}

    def columns(self, name: tuple[str, ...]) -> tuple[str, ...] | None:
        """Give a view's columns, None for what is no known view or has columns that cannot be known."""
        if not self._texts:
            return None
        key = self._key(tuple(part.lower() for part in name))
        if key is None:
            return None
        if key not in self._columns:
            self._columns[key] = None  # a view that reads itself has no columns
            self._columns[key] = self._read(self._texts[key])
        return self._columns[key]

    def _key(self, name: tuple[str, ...]) -> tuple[str, ...] | None:
        """Give the one definition whose name ends as a name does."""
        found = [key for key in self._texts if all(a == b for a, b in zip(key[::-1], name[::-1], strict=False))]
        return found[0] if len(found) == 1 else None

    def _read(self, text: str) -> tuple[str, ...] | None:
        node = next((statement.node for statement in statements(text, self._session.traits)), None)
        query = node.args.get("expression") if isinstance(node, exp.Create) else None
        if node is None or not isinstance(query, exp.Query):
            return None
        listed = node.this.expressions if isinstance(node.this, exp.Schema) else []
        columns = self._session.traits.column_names(listed)
        return _named(self._resolved(query).renamed(columns))

    def _resolved(self, query: exp.Expr) -> Derived:
        """Resolve a view's query for its columns alone: a view is a dataset of its own."""
        try:
            return resolve(query, Resolution(self._session, 0, Variables(), resolve, UNPLACED), {}, None)
        except (SqlError, RecursionError, *PARSER_FAILURES):
            return Derived([])


def _named(rows: Derived) -> tuple[str, ...] | None:
    names = tuple(output.name for output in rows.outputs() if not output.star)
    return names if names and all(names) and len(names) == len(rows.outputs()) else None


def _is_view(text: str) -> bool:
    head = text.upper().split(maxsplit=8)
    return head[:1] == ["CREATE"] and "VIEW" in head[:8]
