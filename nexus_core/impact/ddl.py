"""Changes between two texts of DDL, such as a schema before and after a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nexus_core.model.impact import Change, ChangeKind
from nexus_core.model.names import DatasetName
from nexus_core.sql.ddl_objects import DdlObjects, objects_of

Named = Callable[[str], DatasetName]
"""Gives the catalogue's name of a name in DDL."""


def ddl_changes(old: str, new: str, dialect: str | None, namespace: str, prefix: str = "") -> list[Change]:
    """Give what changes from one text to the other, of tables and views of both.

    Names get `prefix` (`shop` for `public.orders`) before them, as the catalogue has them. A column that goes while
    another comes is a drop and an addition: that it is a rename cannot be known. Raises InvalidInputError.
    """
    before, after = objects_of(old, dialect), objects_of(new, dialect)

    def named(name: str) -> DatasetName:
        return DatasetName(namespace, f"{prefix}.{name}" if prefix else name)

    return [*_tables(before, after, named), *_views(before, after, named)]


def _tables(before: DdlObjects, after: DdlObjects, named: Named) -> Iterator[Change]:
    for name, columns in before.tables.items():
        others = after.tables.get(name)
        if others is None:
            if name not in after.views:
                yield Change(ChangeKind.DROP_DATASET, named(name))
            continue
        for column, old in columns.items():
            new = others.get(column)
            if new is None:
                yield Change(ChangeKind.DROP_FIELD, named(name), column)
                continue
            if new.kind != old.kind:
                yield Change(ChangeKind.RETYPE_FIELD, named(name), column, new.kind)
            if new.required and not old.required:
                yield Change(ChangeKind.SET_NOT_NULL, named(name), column)
        for column, new in others.items():
            if column not in columns:
                yield Change(ChangeKind.ADD_FIELD, named(name), column, new.kind)


def _views(before: DdlObjects, after: DdlObjects, named: Named) -> Iterator[Change]:
    for name, text in before.views.items():
        if name not in after.views:
            if name not in after.tables:
                yield Change(ChangeKind.DROP_DATASET, named(name))
        elif after.views[name].split() != text.split():
            yield Change(ChangeKind.REPLACE_SQL, named(name), sql=after.views[name])
