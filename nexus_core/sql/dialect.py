"""Dialects by their many names, and the traits of each that decide how names resolve."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect, NormalizationStrategy

_ALIASES = {
    "postgresql": "postgres",
    "mssql": "tsql",
    "sqlserver": "tsql",
    "mariadb": "mysql",
    "sparksql": "spark",
    "greenplum": "postgres",
    "synapse": "tsql",
    "awsathena": "athena",
    "impala": "hive",
    "emr": "spark",
    "pyspark": "spark",
    "delta": "databricks",
    "vertica": "postgres",
    "netezza": "postgres",
    "cockroachdb": "postgres",
    "yugabytedb": "postgres",
    "timescaledb": "postgres",
    "alloydb": "postgres",
    "tidb": "mysql",
    "memsql": "singlestore",
    "spanner": "bigquery",
    "googlesql": "bigquery",
    "db2": "",
}
"""Products by another name, and some whose SQL is that of a relative; Db2 is read by the tolerant parser."""
T_SQL = frozenset({"tsql", "fabric"})
"""Dialects whose scripts and bodies are T-SQL."""
MYSQL = frozenset({"mysql", "doris", "starrocks", "singlestore"})
"""Dialects whose scripts, variables and comments are MySQL's."""
POSTGRES = frozenset({"postgres", "redshift", "materialize", "risingwave"})
"""Dialects whose routines are PostgreSQL's."""
DECLARING = frozenset({"oracle", "snowflake"})
"""Dialects whose blocks begin with a section of declarations."""

_TWO_PART_NAMES = MYSQL | {"hive", "clickhouse", "sqlite", "teradata", "oracle"}
_ALIASES_IN_SELECT = {"snowflake", "redshift", "databricks", "spark", "duckdb", "clickhouse", "teradata"}
_ALIASES_IN_SELECT |= {"exasol"}
_ALIASES_IN_WHERE = {"", "snowflake", "redshift", "duckdb", "clickhouse", "teradata", "exasol"}
_NO_ALIASES_IN_GROUP = {*T_SQL, "oracle", "trino", "presto", "athena"}
_NO_ALIASES_IN_HAVING = {*_NO_ALIASES_IN_GROUP, "postgres"}
_FIELDS_BY_DOT = {
    "",
    "bigquery",
    "spark",
    "spark2",
    "databricks",
    "hive",
    "duckdb",
    "clickhouse",
    "trino",
    "presto",
    "athena",
}
_FIELDS_BY_DOT |= {"redshift", "doris", "starrocks", "dremio", "drill"}
_USING_IN_PLACE = {"duckdb", "clickhouse", "sqlite"}
_COLUMNS_BY_PATTERN = {"duckdb", "clickhouse"}
_USE_NAMES_SCHEMA = {"spark", "spark2", "databricks", "trino", "presto", "athena", "duckdb", "dremio", "drill"}
PSEUDO_COLUMNS = frozenset(
    {
        "ctid",
        "xmin",
        "xmax",
        "cmin",
        "cmax",
        "tableoid",
        "rownum",
        "rowid",
        "level",
        "sysdate",
        "systimestamp",
        "default",
        "_partitiontime",
        "_partitiondate",
        "current_date",
        "current_timestamp",
        "current_time",
        "localtimestamp",
        "localtime",
        "current_user",
        "session_user",
        "user",
    }
)
"""Words, in lower case, that in some dialect name no column; in any, where no table can have one of that name."""
_OF_POSTGRES = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "user", "current_role", "system_user"})
_OF_MYSQL = frozenset({"utc_date", "utc_time", "utc_timestamp"})
_OF_HIVE = frozenset(
    {"input__file__name", "block__offset__inside__file", "row__offset__inside__block", "grouping__id", "_metadata"}
)
_OF_TRINO = frozenset({"$path", "$file_size", "$file_modified_time", "$partition", "$bucket", "$row_id"})
_OF_T_SQL = frozenset({"$identity", "$rowguid", "$action", "$partition"})
_OF_ORACLE = frozenset({"rownum", "rowid", "level", "user", "sysdate", "systimestamp"})
_OF_SNOWFLAKE = ("filename", "file_row_number", "file_content_key", "file_last_modified", "start_scan_time", "action")
_PSEUDO_COLUMNS = {
    "oracle": _OF_ORACLE | {"ora_rowscn", "uid", "connect_by_isleaf", "connect_by_iscycle", "object_id"},
    "exasol": _OF_ORACLE,
    "postgres": _OF_POSTGRES,
    "redshift": _OF_POSTGRES | {"oid"},
    "materialize": _OF_POSTGRES,
    "risingwave": _OF_POSTGRES,
    "bigquery": frozenset({"_partitiontime", "_partitiondate", "_table_suffix", "_file_name"}),
    "snowflake": frozenset(f"metadata${each}" for each in (*_OF_SNOWFLAKE, "isupdate", "row_id")),
    "sqlite": frozenset({"rowid", "_rowid_", "oid"}),
    "duckdb": frozenset({"rowid"}),
    "clickhouse": frozenset({"_part", "_part_index", "_part_uuid", "_partition_id", "_partition_value", "_row_exists"}),
    "teradata": frozenset({"date", "time", "user", "session", "account", "database", "profile", "role", "rowid"}),
    "hive": _OF_HIVE,
    "spark": _OF_HIVE,
    "databricks": _OF_HIVE,
    "trino": _OF_TRINO,
    "presto": _OF_TRINO,
    "athena": _OF_TRINO,
    "tsql": _OF_T_SQL,
    "fabric": _OF_T_SQL,
} | dict.fromkeys(MYSQL, _OF_MYSQL)
_UNNAMED_SCHEMA = {"snowflake": "PUBLIC", "tsql": "dbo", "fabric": "dbo"}
_DUAL = frozenset({"dual", "sys.dual"})
_ONE_ROW = {
    "": frozenset({"dual", "sysibm.sysdummy1"}),
    "oracle": _DUAL,
    "clickhouse": frozenset({"system.one"}),
} | dict.fromkeys((*MYSQL, "snowflake", "exasol", "dremio"), _DUAL)
_UPPER = (NormalizationStrategy.UPPERCASE, NormalizationStrategy.CASE_INSENSITIVE_UPPERCASE)
_ANY_CASE = (NormalizationStrategy.CASE_INSENSITIVE, NormalizationStrategy.CASE_INSENSITIVE_UPPERCASE)


@dataclass(frozen=True, slots=True)
class Traits:
    """A dialect as the engine needs it.

    `use_names_schema`: USE with one name changes the schema. `two_part_names`: a table is `database.table`, without a
    schema between. `aliases_in_select`: a select item may use the alias of an earlier one; `alias_clauses` are the
    clauses that may use any (`having` stands for QUALIFY too). `fields_by_dot`: `a.b` may be field b of column a.
    `change_case` is applied to identifiers, to quoted ones if `changes_quoted`. `columns_by_pattern`: COLUMNS(…) and
    APPLY are known. `one_row`: the tables of one row and no data, in lower case. `semi_joins_show_both`: the side
    that a SEMI join only asks has columns too. `unnamed_schema`: the schema of `database..table`. `own_schema`: one
    that only says that a table is the pipeline's own. `using_in_place`: in `*` a column of USING stands where the left
    side has it, not first. `pseudo_columns`: words, in lower case, that name no column unless a table is known to have
    it. `columns_by_place`: `$1` is a column.
    """

    name: str
    sqlglot: Dialect
    use_names_schema: bool
    two_part_names: bool
    aliases_in_select: bool
    alias_clauses: frozenset[str]
    fields_by_dot: bool
    columns_by_pattern: bool
    semi_joins_show_both: bool
    using_in_place: bool
    one_row: frozenset[str]
    unnamed_schema: str
    own_schema: str
    pseudo_columns: frozenset[str]
    columns_by_place: bool
    change_case: Callable[[str], str]
    changes_quoted: bool

    def fold(self, identifier: exp.Identifier) -> str:
        """Give an identifier in the case in which the dialect stores it."""
        args = identifier.args
        name = self.fold_text(args["this"], quoted=args.get("quoted") is True)
        if args.get("temporary"):
            return f"#{name}"
        return f"##{name}" if args.get("global_") else name

    def fold_text(self, text: str, *, quoted: bool = False) -> str:
        """Give an identifier's text in the case in which the dialect stores it."""
        return text if quoted and not self.changes_quoted else self.change_case(text)

    def column_names(self, listed: Iterable[exp.Expr]) -> list[str]:
        """Give the names of a column list, with or without types; what is no name is left out."""
        names = (each.this if isinstance(each, (exp.ColumnDef, exp.Column)) else each for each in listed)
        return [self.fold(name) for name in names if isinstance(name, exp.Identifier)]

    def fold_table(self, identifier: exp.Identifier) -> str:
        """Give a table's name part; BigQuery keeps the case of tables, though not of columns, and `t$20240101` is t."""
        return identifier.name.partition("$")[0] if self.name == "bigquery" else self.fold(identifier)


def name_parts(table: exp.Expr) -> tuple[exp.Identifier, ...]:
    """Give the parts of a table's name, which may be more than three; none if it is a function or the like."""
    if isinstance(table.this, exp.Identifier) and table.args.get("db") is None:
        return (table.this,) if table.this.name else ()
    parts = (table.args.get("catalog"), table.args.get("db"), *_last_parts(table.this))
    return tuple(part for part in parts if isinstance(part, exp.Identifier) and part.name) if parts[2:] else ()


def _last_parts(node: object) -> tuple[exp.Identifier, ...]:
    if isinstance(node, exp.Identifier):
        return (node,)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        before = _last_parts(node.this)
        return (*before, node.expression) if before else ()
    return ()


@lru_cache(maxsize=64)
def traits_of(name: str | None) -> Traits | None:
    """Give the traits of a dialect by sqlglot's or a product's name, None if it is unknown; no name is the tolerant."""
    key = (name or "").partition(",")[0].strip().lower()
    key = _ALIASES.get(key, key)
    found = Dialect.get(key)
    if found is None:
        return None
    dialect = found()
    strategy = dialect.normalization_strategy
    return Traits(
        name=key,
        sqlglot=dialect,
        use_names_schema=key in _USE_NAMES_SCHEMA,
        two_part_names=key in _TWO_PART_NAMES,
        aliases_in_select=key in _ALIASES_IN_SELECT,
        alias_clauses=_alias_clauses(key),
        fields_by_dot=key in _FIELDS_BY_DOT,
        columns_by_pattern=key in _COLUMNS_BY_PATTERN,
        semi_joins_show_both=key == "clickhouse",
        using_in_place=key in _USING_IN_PLACE,
        one_row=_ONE_ROW.get(key, frozenset()),
        unnamed_schema=_UNNAMED_SCHEMA.get(key, ""),
        own_schema="live" if key == "databricks" else "",
        pseudo_columns=_PSEUDO_COLUMNS.get(key, frozenset()),
        columns_by_place=key == "snowflake",
        change_case=_change_of(strategy),
        changes_quoted=strategy in _ANY_CASE,
    )


def _alias_clauses(key: str) -> frozenset[str]:
    clauses = {
        "where": key in _ALIASES_IN_WHERE,
        "group": key not in _NO_ALIASES_IN_GROUP,
        "having": key not in _NO_ALIASES_IN_HAVING,
        "sort": True,
    }
    return frozenset(clause for clause, allowed in clauses.items() if allowed)


def _change_of(strategy: NormalizationStrategy) -> Callable[[str], str]:
    if strategy is NormalizationStrategy.CASE_SENSITIVE:
        return str
    return str.upper if strategy in _UPPER else str.lower
