"""From what Tableau's Metadata API answers to what a connector yields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nexus_core.connectors._tableau_names import Node, Site, database_table, dialect_of, part, quoted
from nexus_core.connectors.objects import (
    DatasetKind,
    FieldLink,
    JobKind,
    SourceDataset,
    SourceField,
    SourceJob,
    SqlText,
    Tag,
    Written,
)
from nexus_core.model.names import DatasetName, JobName

_AGGREGATES = re.compile(
    r"\b(?:SUM|AVG|MIN|MAX|COUNT|COUNTD|MEDIAN|ATTR|PERCENTILE|STDEVP?|VARP?|CORR|COVARP?|COLLECT|FIXED|INCLUDE|EXCLUDE"
    r"|(?:RUNNING|WINDOW|RAWSQLAGG|SCRIPT)_\w+|TOTAL|RANK(?:_\w+)?|INDEX|LOOKUP)\b\s*[\(\[{]?",
    re.IGNORECASE,
)
_LITERAL = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'")


def published(node: Node, site: Site) -> SourceDataset:
    """Make a published data source."""
    name, owner = site.published(node), node.get("owner") or {}
    tags = [Tag(each["name"]) for each in node.get("tags") or ()]
    return _datasource(
        node,
        name,
        site,
        {},
        description=node.get("description") or None,
        owner=owner.get("username"),
        tags=(*tags, *([Tag("certified")] if node.get("isCertified") else [])),
        notes=(("certification", node["certificationNote"]),) if node.get("certificationNote") else (),
    )


def embedded(node: Node, site: Site) -> SourceDataset:
    """Make a data source that a workbook holds."""
    workbook = node["workbook"]
    owner = (workbook.get("owner") or {}).get("username")
    return _datasource(node, site.embedded(workbook, node), site, workbook, owner=owner)


def custom_sql(node: Node, site: Site) -> SourceDataset:
    """Make a custom SQL query, as a view over tables of its database, which tell what its short names mean."""
    name = site.custom_sql(node)
    tables = [table for each in node.get("tables") or () if (table := database_table(each))]
    dialect = dialect_of(node.get("connectionType"))
    sql = (node.get("query") or "").strip().rstrip(";")
    unsure = (("lineage", "Tableau does not understand this SQL"),) if node.get("isUnsupportedCustomSql") else ()
    return SourceDataset(
        name=name,
        kind=DatasetKind.VIEW,
        uri=site.uri,
        fields=tuple(_column(each) for each in node.get("columns") or ()),
        description=node.get("name"),
        definition=SqlText(f"CREATE VIEW {quoted(name.name, dialect)} AS\n{sql}", dialect=dialect) if sql else None,
        reads=tuple(dict.fromkeys(tables)),
        properties=unsure,
    )


def sheet(node: Node, site: Site) -> SourceDataset:
    """Make a sheet, whose fields are those of data sources."""
    workbook = node["workbook"]
    found: dict[str, SourceField] = {}
    links: dict[FieldLink, None] = {}
    for each in node.get("datasourceFields") or ():
        found.setdefault(each["name"], SourceField(each["name"], _type(each), each.get("description") or None))
        source = site.datasource(each["datasource"], workbook) if each.get("datasource") else None
        if source:
            links[FieldLink(each["name"], source, each["name"])] = None
    name = site.in_workbook(workbook, part(node["name"]))
    return _view(node, name, DatasetKind.SHEET, site, tuple(found.values()), tuple(links))


def dashboard(node: Node, site: Site) -> SourceDataset:
    """Make a dashboard, which shows sheets."""
    workbook = node["workbook"]
    shown = tuple(site.in_workbook(workbook, part(each["name"])) for each in node.get("sheets") or ())
    name = site.in_workbook(workbook, part(node["name"]))
    return _view(node, name, DatasetKind.DASHBOARD, site, (), (), tuple(dict.fromkeys(shown)))


def flow(node: Node, site: Site) -> SourceJob:
    """Make a flow of Tableau Prep, with the data sources and tables that it reads and writes."""
    tables = [database_table(each) for each in node.get("upstreamTables") or ()]
    written = [database_table(each) for each in node.get("downstreamTables") or ()]
    read = [site.published(each) for each in node.get("upstreamDatasources") or ()]
    published = [site.published(each) for each in node.get("downstreamDatasources") or ()]
    outputs = dict.fromkeys(each for each in (*written, *published) if each)
    return SourceJob(
        JobName(site.namespace, f"flow/{site.project(node)}/{part(node['name'])}"),
        JobKind.FLOW,
        owner=(node.get("owner") or {}).get("username"),
        inputs=tuple(dict.fromkeys(each for each in (*tables, *read) if each and each not in outputs)),
        outputs=tuple(Written(each) for each in outputs),
    )


def _view(
    node: Node,
    name: DatasetName,
    kind: DatasetKind,
    site: Site,
    fields: tuple[SourceField, ...],
    links: tuple[FieldLink, ...],
    reads: tuple[DatasetName, ...] = (),
) -> SourceDataset:
    path = node.get("path")
    return SourceDataset(
        name=name,
        kind=kind,
        uri=f"{site.uri}/views/{path}" if path else site.uri,
        fields=fields,
        owner=(node["workbook"].get("owner") or {}).get("username"),
        reads=reads or tuple(dict.fromkeys(link.source for link in links)),
        links=links,
        tags=tuple(Tag(each["name"]) for each in node.get("tags") or ()),
        properties=() if path else (("hidden", "true"),),
    )


def _datasource(
    node: Node,
    name: DatasetName,
    site: Site,
    workbook: Node,
    *,
    description: str | None = None,
    owner: str | None = None,
    tags: tuple[Tag, ...] = (),
    notes: tuple[tuple[str, str], ...] = (),
) -> SourceDataset:
    fields = node.get("fields") or ()
    links = tuple(dict.fromkeys(link for each in fields for link in _links(each, site, workbook)))
    return SourceDataset(
        name=name,
        kind=DatasetKind.DATA_SOURCE,
        uri=site.uri,
        fields=tuple(_field(each) for each in fields),
        description=description,
        owner=owner,
        reads=_reads(node, links, site),
        links=links,
        tags=tags,
        properties=(*notes, *_properties(node)),
    )


def _reads(node: Node, links: Iterable[FieldLink], site: Site) -> tuple[DatasetName, ...]:
    """Give all sources; tables behind a custom SQL query or a published data source are those of that one."""
    found = dict.fromkeys(link.source for link in links)
    if not any(name.namespace == site.namespace for name in found):
        found |= dict.fromkeys(name for each in node.get("upstreamTables") or () if (name := database_table(each)))
    return tuple(found)


def _links(field: Node, site: Site, workbook: Node) -> Iterator[FieldLink]:
    """Link a field to the columns that it shows or is computed from, or to the published field that it repeats."""
    remote = field.get("remoteField")
    if remote and remote.get("datasource"):
        yield FieldLink(field["name"], site.datasource(remote["datasource"], workbook), remote["name"])
        return
    for column in field.get("upstreamColumns") or ():
        table = column.get("table") or {}
        is_query = table.get("__typename") == "CustomSQLTable"
        source = site.custom_sql(table) if is_query else database_table(table)
        if source and column.get("name"):
            yield FieldLink(field["name"], source, column["name"], subtype=_subtype(field))


def _subtype(field: Node) -> str:
    formula = field.get("formula")
    if formula is None:
        return "IDENTITY" if field["__typename"] in ("ColumnField", "DatasourceField") else "TRANSFORMATION"
    return "AGGREGATION" if _AGGREGATES.search(_LITERAL.sub("", _without_names(formula))) else "TRANSFORMATION"


def _without_names(formula: str) -> str:
    return re.sub(r"\[[^\]]*\]", "[]", formula)


def _field(field: Node) -> SourceField:
    formula = field.get("formula")
    tags = tuple(Tag(name, str(value).lower()) for name, value in (("role", field.get("role")),) if value)
    hidden = (Tag("hidden"),) if field.get("isHidden") else ()
    return SourceField(
        field["name"],
        _type(field),
        description=field.get("description") or None,
        generated=formula,
        tags=(*tags, *hidden),
    )


def _column(column: Node) -> SourceField:
    return SourceField(
        column["name"], (column.get("remoteType") or "unknown").lower(), column.get("description") or None
    )


def _type(field: Node) -> str:
    return str(field.get("dataType") or "unknown").lower()


def _properties(node: Node) -> Iterator[tuple[str, str]]:
    if node.get("hasExtracts") is not None:
        yield "connection", "extract" if node["hasExtracts"] else "live"
    if node.get("containsUnsupportedCustomSql"):
        yield "lineage", "may lack tables: Tableau does not understand its custom SQL"
