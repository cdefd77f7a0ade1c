"""Reads the databases of a MySQL or MariaDB server through information_schema, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from nexus_core.connectors import _mysql_jobs as jobs_of
from nexus_core.connectors import _mysql_objects as objects
from nexus_core.connectors._mysql_objects import Place, Row
from nexus_core.connectors._mysql_session import DENIED, LOST, Session, code, sentence
from nexus_core.connectors.objects import GrantAdvice, SourceDataset, SourceJob
from nexus_core.connectors.report import Report
from nexus_core.model.naming_tables import joined

BATCH_OBJECTS = 200
LIST_NAMES = 5_000
"""Names are listed in larger pieces than details are read, since each listing goes through a whole database."""
_DETAILS = ("statistics", "columns", "indexes", "foreign_keys", "triggers", "partitions", "views")
_SIGHT = {
    "definitions of views": ("SELECT", "SHOW VIEW"),
    "triggers": ("TRIGGER",),
    "events of the scheduler": ("EVENT",),
}
_FUNCTIONAL_INDEXES, _VIEW_USAGE = (8, 0, 13), (8, 0, 13)
_CHECKS, _SHOW_ROUTINE = (8, 0, 16), (8, 0, 20)
_GRANTS_SHOWN = 5

Read = Callable[[Place, Sequence[str]], Iterator[Any]]


class Catalogue:
    """The objects of one server, over an open session; `errors` are those of the driver."""

    def __init__(self, session: Session, report: Report, namespace: str, errors: type[Exception]) -> None:
        self._session, self._report, self._namespace, self._errors = session, report, namespace, errors
        self.bodies: list[str] = []

    def schemas(self, wanted: Sequence[str]) -> list[str]:
        """Name the databases that are wanted and seen."""
        return [row["name"] for row in self._session.all("schemas") if not wanted or row["name"] in wanted]

    def datasets(self, schema: str) -> Iterator[SourceDataset]:
        """Give the tables and views of a database in the order of their names' bytes."""
        return self._batches(schema, "names", self._tables)

    def jobs(self, schema: str) -> Iterator[SourceJob]:
        """Give the routines of a database, then its triggers and events."""
        yield from self._batches(schema, "routine_names", self._routines)
        yield from self._batches(schema, "trigger_names", self._triggers)
        yield from self._batches(schema, "event_names", self._events)

    def advice(self, schemas: Sequence[str]) -> Iterator[GrantAdvice]:
        """Tell which rights to see objects are missing: without them information_schema leaves things out."""
        rights = self._session.grants()
        for costs, needed in _SIGHT.items():
            right = ", ".join(needed)
            lacking = [schema for schema in schemas if not all(_granted(rights, each, schema) for each in needed)]
            places = [objects.quoted(schema) for schema in lacking] if len(lacking) <= _GRANTS_SHOWN else ["*"]
            grants = "; ".join(f"GRANT {right} ON {place}.* TO {self._session.account}" for place in places)
            if lacking:
                yield GrantAdvice(f"{right} on {', '.join(lacking[:_GRANTS_SHOWN])}", costs, grants)
        if not any(_granted(rights, right, place) for right, place in self._sight_of_bodies()):
            right, place = self._sight_of_bodies()[0]
            grant = f"GRANT {right} ON {place or '*.*'} TO {self._session.account}"
            yield GrantAdvice(f"{right} on {place or '*.*'}", "bodies of routines", grant)

    def _sight_of_bodies(self) -> list[tuple[str, str]]:
        """Give the rights of which any one shows bodies of routines, the least first, with what they are on."""
        if self._session.mariadb:
            return [("SELECT", "mysql.proc"), ("SELECT", "")]
        dynamic = [("SHOW_ROUTINE", "")] if self._session.version >= _SHOW_ROUTINE else []
        return [*dynamic, ("SELECT", "")]

    def _batches(self, schema: str, listing: str, read: Read) -> Iterator[Any]:
        place = Place(self._namespace, schema, self._session.mariadb)
        after = b""
        while listed := self._session.all(listing, {"schema": schema, "after": after, "limit": LIST_NAMES}):
            names = [row["name"] for row in listed]
            for start in range(0, len(names), BATCH_OBJECTS):
                yield from self._batch(place, names[start : start + BATCH_OBJECTS], read)
            after = names[-1].encode()

    def _batch(self, place: Place, names: Sequence[str], read: Read) -> list[Any]:
        """Read details of listed objects; a batch that fails is read again one by one."""
        try:
            return list(read(place, names))
        except (self._errors, UnicodeDecodeError) as error:
            if code(error) in LOST:
                raise
            if len(names) > 1:
                return [found for name in names for found in self._batch(place, [name], read)]
            tally = self._report.denied if code(error) in DENIED else self._report.failed
            tally.add(joined(place.schema, names[0]), sentence(error))
            self._report.partial = True
            return []

    def _tables(self, place: Place, names: Sequence[str]) -> Iterator[SourceDataset]:
        rows = objects.by_table(self._all("tables", place, names))
        details = {query: objects.by_table(self._all(query, place, names)) for query in self._asked()}
        details["checks"] = details.pop("checks_mariadb", details.get("checks", {}))
        for name in names:
            for row in rows.get(name, ()):  # none where it was dropped since it was listed
                if row["type"] == "SEQUENCE":
                    self._report.skipped.add(joined(place.schema, name), "a sequence")
                    continue
                closed = any(not view["definition"] for view in details["views"].get(name, ()))
                created = self._creation(place, name) if closed or row["engine"] in objects.FOREIGN_ENGINES else []
                yield objects.dataset(row, place, details | {"creations": {name: created}})

    def _asked(self) -> tuple[str, ...]:
        if self._session.mariadb:
            return (*_DETAILS, "checks_mariadb")
        usage = ("view_reads",) if self._session.version >= _VIEW_USAGE else ()
        return (*_DETAILS, *usage, *(("checks",) if self._session.version >= _CHECKS else ()))

    def _all(self, query: str, place: Place, names: Sequence[str]) -> list[Row]:
        functional = not self._session.mariadb and self._session.version >= _FUNCTIONAL_INDEXES
        expression = "expression" if functional else "NULL"
        return list(self._session.all(query, {"schema": place.schema, "names": tuple(names)}, expression=expression))

    def _creation(self, place: Place, name: str) -> list[Row]:
        """Read what only a CREATE statement tells: where a foreign table leads, and definitions of others' views.

        MySQL leaves these out of information_schema though the account has the rights that this statement needs.
        """
        try:
            created = self._session.run(f"SHOW CREATE TABLE {objects.quoted(place.schema, name)}")
        except self._errors as error:
            if code(error) in LOST:
                raise
            self._report.denied.add(joined(place.schema, name), f"its definition: {sentence(error)}")
            self._report.partial = True
            return []
        return [{"sql": each.get("Create Table") or each.get("Create View") or ""} for each in created]

    def _routines(self, place: Place, names: Sequence[str]) -> Iterator[SourceJob]:
        parameters: dict[tuple[str, str], list[Row]] = {}
        for each in self._all("parameters", place, names):
            parameters.setdefault((each["kind"], each["routine"]), []).append(each)
        for row in self._named("routines", place, names):
            if row["body"] is None:
                right = self._sight_of_bodies()[0][0]
                self._report.denied.add(joined(place.schema, row["name"]), f"its body: {right} is missing")
                self._report.partial = True
            self.bodies.append(row["body"] or "")
            yield jobs_of.routine(row, place, parameters.get((row["type"], row["name"]), ()))

    def _triggers(self, place: Place, names: Sequence[str]) -> Iterator[SourceJob]:
        for row in self._named("fired", place, names):
            self.bodies.append(row["body"])
            yield jobs_of.trigger(row, place)

    def _events(self, place: Place, names: Sequence[str]) -> Iterator[SourceJob]:
        for row in self._named("events", place, names):
            self.bodies.append(row["body"])
            yield jobs_of.event(row, place)

    def _named(self, query: str, place: Place, names: Sequence[str]) -> list[Row]:
        """Leave out those whose names differ in case, of which another batch tells."""
        return [row for row in self._all(query, place, names) if row["name"] in names]


def _granted(rights: dict[str, set[str]], right: str, place: str) -> bool:
    """Whether a right is held on a database or `DATABASE.TABLE`, or on everything where `place` is empty."""
    for on, held in rights.items():
        covers = on in ("*.*", place) or (place and _covers(on, place))
        if covers and held & {right, "ALL PRIVILEGES"}:
            return True
    return False


def _covers(on: str, schema: str) -> bool:
    """Whether `PATTERN.*` is for a database: `%` and `_` are wildcards unless a backslash is before them."""
    pattern = on.removesuffix(".*").replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
    plain = pattern.replace("\\_", "\0").replace("\\%", "\1").replace("%", "*").replace("_", "?")
    return on.endswith(".*") and fnmatchcase(schema.partition(".")[0], plain.replace("\0", "_").replace("\1", "%"))
