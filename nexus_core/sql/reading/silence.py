"""Statements that move no data, known by their first words: they name no tables and are no problem.

Only what no dialect uses for anything else, or what one dialect does, each by the reference of its product. What the
parser knows to be without lineage needs no entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from sqlglot import TokenType

from nexus_core.sql.dialect import T_SQL
from nexus_core.sql.reading.tokens import Tokens, word, word_set

_EVERYWHERE = """
ABORT; ANALYZE; AUDIT; BACKUP; BEGIN TRAN; BEGIN TRANSACTION; BEGIN WORK; CHECKPOINT; CHECKSUM; CLOSE; CLUSTER;
COMMENT; COMMIT; DEALLOCATE; DENY; DESC; DESCRIBE; DISCARD; END TRANSACTION; EXPLAIN; FLUSH; GRANT; HELP; INSTALL;
KILL; LISTEN; LOCK TABLES; MSCK; NOAUDIT; NOTIFY; PURGE BINARY; PURGE RECYCLEBIN; REASSIGN OWNED; REINDEX; RELEASE;
RESET; REVOKE; ROLLBACK; SAVEPOINT; SECURITY LABEL; SHOW; SHUTDOWN; SIGNAL; START TRANSACTION; UNDROP; UNINSTALL;
UNLISTEN; UNLOCK TABLE; UNLOCK TABLES; UNSET; VACUUM; WAIT
"""
_MYSQL = """
BINLOG; CACHE INDEX; CHANGE MASTER; CHANGE REPLICATION; CHECK TABLE; DO; GET DIAGNOSTICS; HANDLER; LOAD INDEX;
REPAIR TABLE; RESET MASTER; RESIGNAL; RESTART; START GROUP REPLICATION; START PIPELINE; START REPLICA; START SLAVE;
STOP GROUP REPLICATION; STOP PIPELINE; STOP REPLICA; STOP SLAVE; XA; IMPORT TABLE; CLONE LOCAL; LOCK TABLE
"""
_DORIS = """
ADMIN; CANCEL; PAUSE; RECOVER; REFRESH; RESUME; RESTORE; STOP ROUTINE; SWITCH; SYNC; WARM UP; BUILD
INDEX; CLEAN LABEL; TRANSLATE; ADD BACKEND BLACKLIST; ADD SQLBLACKLIST; DELETE SQLBLACKLIST
"""
_POSTGRES = """
ANALYSE; LOAD; MOVE; PREPARE TRANSACTION; REFRESH MATERIALIZED VIEW; COMMIT PREPARED; ROLLBACK PREPARED; RECOVER;
ALTER DATABASE; ALTER DEFAULT PRIVILEGES; ALTER MATERIALIZED VIEW; DROP OWNED; FETCH; IMPORT FOREIGN SCHEMA; LOCK
"""
_REDSHIFT = """
CANCEL; ATTACH MASKING POLICY; ATTACH RLS POLICY; DETACH MASKING POLICY; DETACH RLS POLICY; ALTER DATASHARE
"""
_SNOWFLAKE = """
REMOVE; RM; LIST; LS; EXECUTE TASK; EXECUTE ALERT; EXECUTE NOTEBOOK; EXECUTE DBT; CALL SYSTEM; TRUNCATE MATERIALIZED
"""
_BIGQUERY = "ASSERT; CALL BQ; EXPORT MODEL; DROP TABLE FUNCTION; DROP ALL ROW"
_SPARK = """
ADD ARCHIVE; ADD ARCHIVES; ADD FILE; ADD FILES; ADD JAR; ADD JARS; ABORT TRANSACTIONS; CALL SYSTEM; CLEAR CACHE;
COMPUTE STATS; CONVERT TO; DELETE JAR; DFS; DROP FUNCTION; DROP TEMPORARY FUNCTION; FSCK; GENERATE; INVALIDATE
METADATA; LIST ARCHIVE; LIST ARCHIVES; LIST FILE; LIST FILES; LIST JAR; LIST JARS; LOCK DATABASE; LOCK TABLE;
OPTIMIZE; REFRESH; RELOAD; REORG; REPAIR TABLE; RESTORE; SYNC; UNCACHE; UNLOCK DATABASE; DROP BLOOMFILTER
"""
_ORACLE = """
ASSOCIATE STATISTICS; DISASSOCIATE STATISTICS; ADMINISTER; FLASHBACK; PURGE; DROP DATABASE; DROP PUBLIC; EXEC DBMS;
CALL DBMS; EXECUTE DBMS; LOCK TABLE; SET ROLE; SET CONSTRAINTS; SET TRANSACTION
"""
_TRINO = "CALL; RESET SESSION; SET PATH; SET ROLE; SET SESSION; SET TIME; DEALLOCATE PREPARE; OPTIMIZE"
_CLICKHOUSE = """
ATTACH; CHECK; DETACH; EXISTS; MOVE; OPTIMIZE; RESTORE; SYSTEM; WATCH; EXCHANGE DICTIONARIES; RENAME DATABASE;
RENAME DICTIONARY
"""
_TSQL = """
ADD SENSITIVITY; ADD SIGNATURE; BACKUP; CLOSE; DBCC; DISABLE; ENABLE; PRINT; LINENO; OPEN; RAISERROR; RECONFIGURE;
RESTORE; REVERT; SAVE; SETUSER; THROW; WAITFOR; UPDATE STATISTICS; EXECUTE AS; EXEC AS; SET TRANSACTION
"""
_DUCKDB = "CALL PRAGMA; DETACH; EXPORT DATABASE; FORCE; IMPORT DATABASE; LOAD; UPDATE EXTENSIONS; DROP MACRO"
_TERADATA = """
ABORT; BT; CHECKPOINT; COLLECT; COMMENT; DIAGNOSTIC; DUMP; ET; GIVE; HELP; INITIATE; LOGGING; MODIFY;
QUIESCE; RESTART; SET QUERY BAND; SET ROLE; SET TIME; DROP STATISTICS; DROP STATS; LOGON; LOGOFF
"""
_EXASOL = "CLOSE SCHEMA; EXECUTE SCRIPT; OPEN SCHEMA; PRELOAD; RECOMPRESS; REORGANIZE; TRUNCATE AUDIT"
_DREMIO = """
ALTER BRANCH; ALTER FOLDER; ALTER PDS; ALTER SPACE; ALTER VDS; ASSIGN; CREATE BRANCH; CREATE FOLDER; CREATE TAG;
DROP BRANCH; DROP TAG; MERGE BRANCH; REFRESH; OPTIMIZE; ROLLBACK; USE BRANCH; USE TAG; USE COMMIT; USE REFERENCE
"""
_HERE: Mapping[str, str] = {
    "mysql": _MYSQL,
    "singlestore": _MYSQL,
    "doris": _MYSQL + ";" + _DORIS,
    "starrocks": _MYSQL + ";" + _DORIS,
    "postgres": _POSTGRES,
    "materialize": _POSTGRES,
    "risingwave": _POSTGRES,
    "redshift": _POSTGRES + ";" + _REDSHIFT,
    "snowflake": _SNOWFLAKE,
    "bigquery": _BIGQUERY,
    "spark": _SPARK,
    "spark2": _SPARK,
    "hive": _SPARK,
    "databricks": _SPARK,
    "oracle": _ORACLE,
    "trino": _TRINO,
    "presto": _TRINO,
    "athena": _TRINO,
    "clickhouse": _CLICKHOUSE,
    "tsql": _TSQL,
    "fabric": _TSQL,
    "duckdb": _DUCKDB,
    "teradata": _TERADATA,
    "exasol": _EXASOL,
    "dremio": _DREMIO,
    "drill": "REFRESH",
    "sqlite": "END",
}
_OBJECTS = word_set(
    """
    ACCESS AGGREGATE ASSIGNMENT BLOOMFILTER BRANCH CAPACITY CAST CATALOG CLUSTER COLLATION CONNECTION CONTEXT CONVERSION
    CREDENTIAL DATABASE DATASHARE DIRECTORY DOMAIN EXTENSION FOLDER GROUP INDEX INTEGRATION LANGUAGE LIBRARY LOGIN
    MASKING NETWORK OPERATOR OUTLINE PARTITION POLICY PROFILE PUBLICATION QUOTA RECIPIENT RESERVATION RESOURCE ROLE ROW
    SCHEMA SECRET SEMANTIC SEMANTIC_VIEW SEQUENCE SERVER SHARE SOURCE STAGE STATISTICS SUBSCRIPTION TABLESPACE
    TAG TEXT TRANSFORM TYPE USER VOLUME WAREHOUSE WORKLOAD
    """
)
"""Kinds of things that hold no rows of their own, as they stand in CREATE."""
_RELATIONS = word_set(
    """
    TABLE VIEW FUNCTION PROCEDURE PROC MODEL MACRO TASK ALERT PIPE PACKAGE TRIGGER JOB SINK
    """
)
_LONGEST_CREATE = 8
_FOREIGN_BODIES = frozenset({"snowflake", "bigquery", "databricks", "spark", "spark2", "hive", "redshift", "trino"})
"""Dialects whose functions in other languages can't reach tables."""
_FOREIGN_LANGUAGES = frozenset(["PYTHON", "JAVA", "JAVASCRIPT", "JS", "SCALA", "R", "PLPYTHONU", "WASM"])
SILENT_COMMANDS = word_set(
    """
    ADD ALTER BEGIN COLLECT CREATE DECLARE DROP END EXPLAIN FETCH GET LIST LOCK MOVE OPTIMIZE PRAGMA REFRESH REMOVE RM
    SECURITY SET START SYSTEM USE
    """
)
"""First words of what the parser leaves as text and that moves no data; CREATE, DROP, ALTER: of no table or view."""
_BY_CLASS = frozenset({"hive", "spark", "spark2"})
"""Dialects in which a function's text names a class."""
_WITH_MACROS = frozenset({"duckdb", "hive", "spark", "spark2", "databricks"})
"""Dialects whose macros are expressions."""
_DATA_WORDS = frozenset(["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "EXEC", "EXECUTE", "TRUNCATE", "WITH"])
"""Words by which a statement without a semicolon may be followed by one that does move data."""
_SEPARATOR = re.compile(r"[\s_$.(]+")


def moves_no_data(tokens: Tokens, dialect: str) -> bool:
    """Whether a statement's first words say that it has no lineage."""
    if tokens[0].token_type is TokenType.HIVE_TOKEN_STREAM:
        tokens = tokens[1:] or tokens
    first = word(tokens[0])
    if first == "CREATE":
        silent = _creates_no_rows(tokens) or _cannot_read(tokens, dialect)
    else:
        silent = _is_listed(tokens, first, dialect)
    return silent and (dialect not in T_SQL or not _may_hold_another(tokens, first))


def _is_listed(tokens: Tokens, first: str, dialect: str) -> bool:
    known = _phrases(dialect).get(first.split("_")[0])
    if known is None:
        return False
    text = _SEPARATOR.sub(" ", " ".join(token.text for token in tokens[:4]).upper()) + " "
    return text.startswith(known)


@lru_cache(maxsize=64)
def _phrases(dialect: str) -> Mapping[str, tuple[str, ...]]:
    """Give a dialect's phrases by their first word, each with a blank behind it."""
    found: dict[str, list[str]] = {}
    for phrase in f"{_EVERYWHERE};{_HERE.get(dialect, '')}".replace("\n", " ").split(";"):
        if phrase.strip():
            found.setdefault(phrase.split()[0], []).append(" ".join(phrase.split()) + " ")
    return {first: tuple(phrases) for first, phrases in found.items()}


def _may_hold_another(tokens: Tokens, first: str) -> bool:
    start = 2 if first in ("GRANT", "DENY", "REVOKE", "EXPLAIN") else 1
    if len(tokens) == 2 and tokens[1].token_type is TokenType.STRING:  # the tokeniser has left the rest as a text
        return not _DATA_WORDS.isdisjoint(_SEPARATOR.split(tokens[1].text.upper()))
    return any(word(token) in _DATA_WORDS for token in tokens[start:])


def _may_read(words: Sequence[str]) -> bool:
    return any(each in ("SELECT", "FROM", "TABLE") for each in words)


def _creates_no_rows(tokens: Tokens) -> bool:
    words = [word(token) for token in tokens[1:_LONGEST_CREATE]]
    kind = next((each for each in words if each in _OBJECTS or each in _RELATIONS), "")
    return kind in _OBJECTS or words[:2] == ["EVENT", "TRIGGER"] or words[:3] == ["MATERIALIZED", "VIEW", "LOG"]


def _cannot_read(tokens: Tokens, dialect: str) -> bool:
    words = [word(token) for token in tokens]
    if "FUNCTION" not in words[:6]:
        return dialect in _WITH_MACROS and "MACRO" in words[:6] and not _may_read(words)
    if dialect == "duckdb":
        return not _may_read(words)
    if dialect == "clickhouse" or words[1] == "EXTERNAL":
        return True
    language = words[words.index("LANGUAGE") + 1 :][:1] if "LANGUAGE" in words else []
    by_class = dialect in _BY_CLASS and (words[-2:-1] == ["AS"] or "USING" in words)
    foreign = not _FOREIGN_LANGUAGES.isdisjoint(language) or "REMOTE" in words or by_class
    return dialect in _FOREIGN_BODIES and foreign
