"""From the rows of mysql.sql to the datasets that a MySQL or MariaDB connector yields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import unquote, urlsplit

from nexus_core.connectors.objects import (
    Constraints,
    DatasetKind,
    Foreign,
    ForeignKey,
    NamedSql,
    Partition,
    Partitioning,
    Profile,
    SourceDataset,
    SourceField,
    SqlText,
)
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical_namespace
from nexus_core.model.naming_tables import joined

Row = Mapping[str, Any]
Details = Mapping[str, Mapping[str, Sequence[Row]]]
"""Rows by statement and table."""

FOREIGN_ENGINES = frozenset({"FEDERATED", "CONNECT", "SPIDER"})
_BARE_DEFAULTS = frozenset(
    {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "bit", "year"}
)
_NOW = re.compile(r"(?:current_timestamp|now|localtime|localtimestamp)\b", re.IGNORECASE)
_ON_UPDATE = re.compile(r"on update (\S+)", re.IGNORECASE)
_VIEW = re.compile(
    r"""
    CREATE\ (?:[^`\ ]|`(?:[^`]|``)*+`|\ (?!VIEW\ `))*+\ VIEW\ (?:`(?:[^`]|``)++`\.?)++\ (?:\(.*?\)\ )?
    AS\ (?P<query>.*?)(?:\ WITH\ (?:CASCADED|LOCAL)\ CHECK\ OPTION)?
    """,
    re.VERBOSE | re.DOTALL,
)
_CONNECTION = re.compile(r"\bCONNECTION='((?:[^'\\]|\\.|'')*)'", re.IGNORECASE)
_TEXTS = re.compile(
    r"""'(?:[^'\\]|\\.|'')*+'?|`(?:[^`]|``)*+`?|--[^\n]*+|/\*.*?(?:\*/|\Z)|"((?:[^"]|"")*+)"?""", re.DOTALL
)


def namespace(host: str, port: int | str) -> str:
    """Name a server as OpenLineage does (spec/Naming.md, MySQL); a Unix socket is the loopback host."""
    shown = "localhost" if host.startswith("/") else f"[{host}]" if ":" in host else host
    return canonical_namespace(f"mysql://{shown}:{port}")


def quoted(*parts: str) -> str:
    """Write a name in SQL."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def body(row: Row) -> str:
    """Give the body of a routine, trigger or event, without the sign that ended the statement that made it."""
    return in_back_ticks(row["body"], row["mode"]).rstrip().removesuffix(";")


def in_back_ticks(sql: str, mode: str | None) -> str:
    """Write the names that the mode ANSI_QUOTES puts into double quotes as every other mode reads them."""
    if not mode or "ANSI_QUOTES" not in mode:
        return sql
    return _TEXTS.sub(lambda found: found[0] if found[1] is None else quoted(found[1].replace('""', '"')), sql)


@dataclass(frozen=True, slots=True)
class Place:
    """A database of a server."""

    namespace: str
    schema: str
    mariadb: bool

    def name(self, name: str, schema: str | None = None) -> DatasetName:
        """Name a table of this database or another."""
        return DatasetName(self.namespace, joined(schema or self.schema, name))

    def text(self, sql: str) -> SqlText:
        """Give a text this database for its unqualified names."""
        return SqlText(sql, default_schema=self.schema)


def by_table(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Sort rows by their table; names that differ in case only stay apart."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["table"], []).append(row)
    return found


def dataset(row: Row, place: Place, details: Details) -> SourceDataset:
    """Make a table or a view."""

    def of(statement: str) -> Sequence[Row]:
        return details.get(statement, {}).get(row["table"], ())

    view = next(iter(of("views")), None)
    partitions = of("partitions")
    foreign = _foreign(row, of("creations"))
    return SourceDataset(
        name=place.name(row["table"]),
        kind=_kind(row, partitioned=bool(partitions)),
        uri=f"{place.namespace}/{place.schema}",
        fields=tuple(_field(each, place) for each in of("columns")),
        # SPIDER keeps passwords in comments.
        description=None if view or row["engine"] == "SPIDER" else row["description"] or None,
        owner=view["definer"] if view else None,
        constraints=_constraints(row["table"], place, details),
        profile=next((Profile(each["row_count"], each["size_bytes"]) for each in of("statistics")), Profile()),
        partitioning=_partitioning(row["table"], place, partitions) if partitions else None,
        foreign=foreign,
        definition=_definition(row["table"], place, view, of("creations")) if view else None,
        reads=tuple(place.name(each["to_table"], each["to_schema"]) for each in of("view_reads")),
        properties=tuple(_properties(row, view)),
    )


def trigger_sql(row: Row, place: Place) -> str:
    """Write the statement that makes a trigger."""
    head = f"CREATE TRIGGER {quoted(place.schema, row['name'])} {row['timing']} {row['event']}"
    return f"{head} ON {quoted(place.schema, row['table'])} FOR EACH ROW {body(row)}"


def _kind(row: Row, *, partitioned: bool) -> DatasetKind:
    if "VIEW" in row["type"]:
        return DatasetKind.VIEW
    if row["engine"] in FOREIGN_ENGINES:
        return DatasetKind.FOREIGN_TABLE
    return DatasetKind.PARTITIONED_TABLE if partitioned else DatasetKind.TABLE


def _properties(row: Row, view: Row | None) -> Iterable[tuple[str, str]]:
    named = {"engine": row["engine"], "collation": row["collation"], "row format": row["row_format"]}
    if row["type"] == "SYSTEM VERSIONED":
        named["versions"] = "kept by the server"
    if view:
        named = {"SQL security": view["security"]}
        if view["check_option"] != "NONE":
            named["check option"] = view["check_option"]
    return ((name, str(value)) for name, value in named.items() if value)


def _definition(name: str, place: Place, view: Row, creations: Sequence[Row]) -> SqlText | None:
    found = _VIEW.fullmatch(creations[0]["sql"]) if creations else None
    query = view["definition"] or (found["query"] if found else None)
    return place.text(f"CREATE VIEW {quoted(place.schema, name)} AS\n{query}") if query else None


def _field(row: Row, place: Place) -> SourceField:
    extra = row["extra"] or ""
    generated = (row["generated"] or "").replace("\\'", "'") or None
    return SourceField(
        name=row["name"],
        type=row["type"],
        description=row["description"] or None,
        nullable=bool(row["nullable"]),
        default=None if generated else _default(row, place, extra),
        identity="BY DEFAULT" if "auto_increment" in extra else None,
        generated=generated,
    )


def _default(row: Row, place: Place, extra: str) -> str | None:
    """Write a default as an expression: MySQL gives the bare value of a literal, MariaDB the expression itself."""
    value = row["default"]
    if value is None or (place.mariadb and value == "NULL"):
        return None
    shown = str(value)
    if "DEFAULT_GENERATED" in extra:
        shown = shown.replace("\\'", "'")
    elif not (place.mariadb or row["plain_type"] in _BARE_DEFAULTS or _NOW.match(shown)):
        shown = "'" + shown.replace("'", "''") + "'"
    updated = _ON_UPDATE.search(extra)
    return f"{shown} ON UPDATE {updated[1].upper()}" if updated else shown


def _constraints(table: str, place: Place, details: Details) -> Constraints:
    def of(statement: str) -> Sequence[Row]:
        return details.get(statement, {}).get(table, ())

    indexes = [list(rows) for _, rows in groupby(of("indexes"), key=lambda row: row["name"])]
    unique = [rows for rows in indexes if not rows[0]["non_unique"] and _plain(rows)]
    primary = next((rows for rows in unique if rows[0]["name"] == "PRIMARY"), [])
    return Constraints(
        primary_key=tuple(row["field"] for row in primary),
        unique=tuple(tuple(row["field"] for row in rows) for rows in unique if rows is not primary),
        foreign_keys=tuple(_foreign_keys(of("foreign_keys"), place)),
        checks=tuple(NamedSql(row["name"], f"CHECK ({_check(row)})") for row in of("checks")),
        indexes=tuple(_index(table, place, rows) for rows in indexes if rows[0]["name"] != "PRIMARY"),
        triggers=tuple(NamedSql(row["name"], trigger_sql(row, place)) for row in of("triggers")),
    )


def _plain(index: Sequence[Row]) -> bool:
    """Whether an index is over whole columns."""
    return all(row["field"] is not None and row["prefix"] is None for row in index)


def _check(row: Row) -> str:
    clause: str = row["sql"].replace("\\'", "'")
    return clause[1:-1] if clause.startswith("(") and clause.endswith(")") else clause


def _index(table: str, place: Place, rows: Sequence[Row]) -> NamedSql:
    first = rows[0]
    kind = "" if first["non_unique"] else "UNIQUE "
    kind = f"{first['type']} " if first["type"] in ("FULLTEXT", "SPATIAL") else kind
    parts = ", ".join(_index_part(row, descends=first["type"] == "BTREE") for row in rows)
    name = first["name"]
    return NamedSql(name, f"CREATE {kind}INDEX {quoted(name)} ON {quoted(place.schema, table)} ({parts})")


def _index_part(row: Row, *, descends: bool) -> str:
    if row["field"] is None:
        shown = "(" + (row["expression"] or "").replace("\\'", "'") + ")"
    else:
        shown = quoted(row["field"])
        shown += f"({row['prefix']})" if row["prefix"] and descends else ""
    return f"{shown} DESC" if descends and row["direction"] == "D" else shown


def _foreign_keys(rows: Sequence[Row], place: Place) -> Iterable[ForeignKey]:
    for name, pairs in groupby(rows, key=lambda row: row["name"]):
        each = list(pairs)
        to = place.name(each[0]["to_table"], each[0]["to_schema"])
        yield ForeignKey(name, tuple(row["field"] for row in each), to, tuple(row["to_field"] for row in each))


def _partitioning(table: str, place: Place, rows: Sequence[Row]) -> Partitioning:
    first = rows[0]
    key = f"{first['method']} ({first['expression'] or ''})"
    if first["sub_method"]:
        key += f" SUBPARTITION BY {first['sub_method']} ({first['sub_expression'] or ''})"
    parts = (
        Partition(DatasetName(place.namespace, joined(place.schema, table, row["name"])), _bound(row)) for row in rows
    )
    return Partitioning(key, tuple(parts))


def _bound(row: Row) -> str:
    if row["bound"] is None:
        return ""
    how = "IN" if row["method"].startswith("LIST") else "LESS THAN"
    return f"VALUES {how} ({row['bound']})"


def _foreign(row: Row, creations: Sequence[Row]) -> Foreign | None:
    """Tell where a foreign table's rows are, without the account and password of its connection."""
    if row["engine"] not in FOREIGN_ENGINES:
        return None
    found = _CONNECTION.search(creations[0]["sql"]) if creations else None
    wrapper = row["engine"].lower()
    if found is None:
        return Foreign("", wrapper, {})
    try:
        parts = urlsplit(found[1])
        host, port = parts.hostname, parts.port or 3306
    except ValueError:  # an account or password with signs that a URL must not hold
        return Foreign("", wrapper, {})
    if not host:  # the name of a row of mysql.servers, whose password only that table holds
        return Foreign(found[1].partition("/")[0].rpartition("@")[2], wrapper, {})
    names = [unquote(part) for part in parts.path.strip("/").split("/")]
    options = {"host": host, "port": str(port), "database": names[0], "table": names[-1]}
    origin = DatasetName(namespace(host, port), joined(*names)) if len(names) == 2 else None
    return Foreign(f"{host}:{port}", wrapper, options, origin)
