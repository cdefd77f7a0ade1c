"""Writes what the proxy's statement wall knows of PostgreSQL's own functions, operators, types and catalogue.

    python tools/proxy_vocabulary.py URL…        read the diff: each new line is a function that people may then call

Each URL is a server of a version that the wall shall know; a name is let through only if it is harmless in all of them.
Harmless is what PostgreSQL itself calls immutable or stable and what is not named in DENIED, with the volatile ones in
REVIEWED: names of objects, files, large objects, statistics, locks, other sessions and SQL in a string are not.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import psycopg

Overload = tuple[str, bool, str, list[str], list[str], str]

DATA = Path(__file__).parents[1] / "nexus_core/proxy/wall/data"

REVIEWED = frozenset({
    "array_sample", "array_shuffle", "clock_timestamp", "current_query", "gen_random_uuid", "pg_advisory_unlock_all",
    "pg_is_in_recovery", "pg_jit_available", "random", "random_normal", "timeofday", "uuidv4", "uuidv7",
})  # fmt: skip
"""Volatile ones that read and change nothing; pools say pg_advisory_unlock_all to sessions that hold no lock."""

ABOUT_NOTHING_HIDDEN = frozenset({
    "pg_backend_pid", "pg_char_to_encoding", "pg_client_encoding", "pg_collation_for", "pg_collation_is_visible",
    "pg_column_size", "pg_conversion_is_visible", "pg_encoding_max_length", "pg_encoding_to_char",
    "pg_function_is_visible", "pg_get_keywords", "pg_get_userbyid", "pg_has_role", "pg_indexam_has_property",
    "pg_is_other_temp_schema", "pg_lsn", "pg_my_temp_schema", "pg_opclass_is_visible", "pg_operator_is_visible",
    "pg_opfamily_is_visible", "pg_options_to_table", "pg_postmaster_start_time", "pg_size_bytes", "pg_size_pretty",
    "pg_statistics_obj_is_visible", "pg_table_is_visible", "pg_timezone_abbrevs", "pg_timezone_names",
    "pg_trigger_depth", "pg_ts_config_is_visible", "pg_ts_dict_is_visible", "pg_ts_parser_is_visible",
    "pg_ts_template_is_visible", "pg_type_is_visible", "pg_wal_lsn_diff",
})  # fmt: skip
"""Of the names that begin with pg_, those that tell nothing that is hidden."""

DENIED = re.compile(
    r"pg_.*|has_.*_privilege|.*_to_xml.*|.*validator|(?:obj|col|shobj)_description|format_type|current_schemas?"
    r"|current_setting|set_config|inet_(?:client|server)_.*|txid_.*|to_reg.*|row_security_active"
    r"|satisfies_hash_partition|makeaclitem|ts_stat|ts_rewrite|query_.*|lo_.*|aclexplode|amvalidate"
)
_UNSAFE_TYPES = re.compile(
    r"(?:cstring|internal|trigger|event_trigger|\w+_handler|pg_ddl_command|pg_\w+|refcursor|aclitem"
    r"|reg(?:class|type|proc|procedure|oper|operator|role|namespace|collation|database))(?:\[\])?"
)
_MACHINERY = re.compile(
    r"implementation of|I/O|internal|^aggregate (?!input)|less-equal-greater|larger of two|smaller of two|selectivity"
    r"|sort support|GiST|GIN |SP-GiST|BRIN|equal image|planner support|window RANGE",
)

_FUNCTIONS = """
SELECT p.proname, p.provolatile, p.prosecdef, format_type(p.prorettype, NULL),
       ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t),
       ARRAY(SELECT n FROM unnest(p.proargnames, p.proargmodes) u(n, m) WHERE m IN ('o', 'b', 't')),
       coalesce(obj_description(p.oid, 'pg_proc'), 'internal')
FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
"""
_TYPES = """
SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r', 'm', 'd')
  AND typname !~ '^_?(reg(class|type|proc|procedure|oper|operator|role|namespace|collation|database))$'
  AND typname !~ '^_?(cstring|aclitem|pg_.*)$'
  AND NOT EXISTS (SELECT FROM pg_type e JOIN pg_class c ON c.oid = e.typrelid WHERE e.oid = pg_type.typelem)
UNION VALUES ('pg_lsn'), ('_pg_lsn'), ('record')
"""
_COLUMNS = """
SELECT DISTINCT attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
WHERE relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND relkind IN ('r', 'v')
  AND NOT attisdropped AND attname NOT LIKE '....%'
"""

_OPERATORS = "SELECT DISTINCT oprname FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace"


def main(*urls: str) -> None:
    """Ask each server, and write the files."""
    functions: dict[str, list[Overload]] = defaultdict(list)
    types: set[str] = set()
    columns: set[str] = set()
    operators: set[str] = set()
    for url in urls:
        with psycopg.connect(url) as connection:
            for name, *rest in connection.execute(_FUNCTIONS):
                functions[name].append(tuple(rest))
            types |= {name for (name,) in connection.execute(_TYPES)}
            columns |= {name for (name,) in connection.execute(_COLUMNS)}
            operators |= {name for (name,) in connection.execute(_OPERATORS)}
    DATA.mkdir(exist_ok=True)
    _write("functions", (_line(name, each) for name, each in functions.items() if _is_harmless(name, each)))
    _write("types", types)
    _write("columns", columns)
    _write("operators", operators)


def _is_harmless(name: str, overloads: list[Overload]) -> bool:
    if name in REVIEWED:
        return True
    if DENIED.fullmatch(name) and name not in ABOUT_NOTHING_HIDDEN:
        return False
    return all(_is_overload_harmless(name, each) for each in overloads)


def _is_overload_harmless(name: str, overload: Overload) -> bool:
    volatility, definer, result, arguments, _, description = overload
    unsafe = any(_UNSAFE_TYPES.fullmatch(str(each)) and each != "pg_lsn" for each in [result, *arguments])
    machinery = _MACHINERY.search(str(description)) and name not in ABOUT_NOTHING_HIDDEN
    return volatility in {"i", "s"} and not definer and not unsafe and not machinery


def _line(name: str, overloads: list[Overload]) -> str:
    fields = {field for each in overloads for field in each[4]}
    return " ".join([name, *sorted(fields)])


def _write(name: str, lines: Iterable[str]) -> None:
    (DATA / f"{name}.txt").write_text("".join(f"{line}\n" for line in sorted(lines)))


if __name__ == "__main__":
    main(*sys.argv[1:])
