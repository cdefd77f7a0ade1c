"""What each product writes and the parser does not know, as rules over tokens (`patterns` has their form).

A rule is exact: what it drops has no bearing on lineage, what it puts in means the same, and what it keeps keeps its
place in the text. A line that begins with blanks continues the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache

from sqlglot import Token, TokenType
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import TokenError

from nexus_core.sql.reading.patterns import Rules
from nexus_core.sql.reading.pipes import piped
from nexus_core.sql.reading.tokens import Tokens, like, put, word
from nexus_core.sql.reading.wordings import reworded

_ANYWHERE = """
^ REPLACE +CREATE =VIEW/TABLE/RECURSIVE
^ {USE} NAMESPACE +SCHEMA =name
^ {UPDATE} {()} =SET +AS +(view)
MERGE: {INSERT} ()#1 ROW +#1 +VALUES +#1
^ INSERT INTO? path#1 ()#2? FROM INFILE any#3 rest +COPY +#1 +#2 +FROM +#3
CREATE/REPLACE/ALTER: WITH NO? DATA
CREATE/REPLACE: ON COMMIT DROP/DELETE/PRESERVE ROWS?
CREATE/REPLACE/ALTER: WITH CASCADED/LOCAL? CHECK OPTION CONSTRAINT name
CREATE/REPLACE/ALTER: WITH CASCADED/LOCAL? CHECK OPTION
CREATE/REPLACE: WITH READ ONLY
CREATE: DEFINITION ONLY
^ PREPARE path ()? AS/FROM =SELECT/INSERT/UPDATE/DELETE/MERGE/WITH/VALUES/TABLE/CREATE
"""
_DELETE_WITHOUT_FROM = """
^ {DELETE} +FROM !FROM {path} {AS}? {name}? =WHERE/USING/end
"""
_MYSQL = """
^ {INSERT/UPDATE/DELETE} LOW_PRIORITY/DELAYED/HIGH_PRIORITY/QUICK QUICK? IGNORE?
^ {UPDATE} IGNORE =name
^ {DELETE} IGNORE =FROM
DELETE: <name . * =FROM/,
^ REPLACE LOW_PRIORITY/DELAYED? INTO? +INSERT +INTO !VIEW =name
^ LOAD DATA LOW_PRIORITY/CONCURRENT? LOCAL? INFILE string#1 REPLACE/IGNORE? INTO TABLE path#2 rest +COPY +#2 +FROM +#1
SELECT: PROCEDURE ANALYSE ()
{SELECT} {DISTINCT/ALL}?
  HIGH_PRIORITY/STRAIGHT_JOIN/SQL_NO_CACHE/SQL_CACHE/SQL_CALC_FOUND_ROWS/SQL_SMALL_RESULT/SQL_BIG_RESULT/SQL_BUFFER_RESULT
  HIGH_PRIORITY/STRAIGHT_JOIN/SQL_NO_CACHE/SQL_CACHE/SQL_CALC_FOUND_ROWS/SQL_SMALL_RESULT/SQL_BIG_RESULT/SQL_BUFFER_RESULT?
  {DISTINCT}? !FROM
{SELECT} DISTINCTROW +DISTINCT
"""
_DORIS = """
INSERT: WITH LABEL name
INSERT: PROPERTIES ()
TEMPORARY =PARTITION
SELECT/DELETE/INSERT/UPDATE: PARTITION/PARTITIONS !( name
TABLET ()
[ BROADCAST/SHUFFLE/BUCKET/COLOCATE/SKEW/_META_ ]
LATERAL =JOIN +CROSS
^ SUBMIT until:AS AS
^ INSERT INTO FILES ( string = string#1 rest ) rest#2 +COPY +( +#2 +) +TO +#1
^ CREATE JOB until:DO DO
^ CREATE PIPE until:AS AS =INSERT
^ EXPORT TABLE path#1 rest +SELECT +* +FROM +#1
^ LOAD LABEL path ( DATA INFILE ( string#2 rest ) INTO TABLE path#1 rest ) rest +COPY +#1 +FROM +#2
"""
_SQLITE = """
^ {UPDATE} OR name
^ REPLACE INTO +INSERT +INTO
CREATE: WITHOUT ROWID
"""
_POSTGRES = """
INSERT/WITH: OVERRIDING SYSTEM/USER VALUE
SELECT/INSERT/CREATE/WITH: USING </>/<=/>=
UPDATE/DELETE: WHERE CURRENT OF name
SELECT/INSERT/CREATE: {USING} {()} AS name
WITH/WITHOUT CONDITIONAL/UNCONDITIONAL? ARRAY? WRAPPER
IS NOT? DOCUMENT +IS +NULL
"""
_MATERIALIZE = """
^ SUBSCRIBE TO? path#1 +SELECT +* +FROM +#1
^ SUBSCRIBE TO? ()#1 +SELECT +* +FROM +#1 +AS +subscribed
COPY: {(} SUBSCRIBE TO? +SELECT +* +FROM {path}
AS OF AT? LEAST? any =end
CREATE: IN CLUSTER name
^ CREATE SINK path INTO path#1 until:AS AS +INSERT +INTO +#1 =SELECT/WITH
^ CREATE SINK path#1 until:FROM/AS FROM path#2 rest +CREATE +TABLE +#1 +AS +TABLE +#2
^ {CREATE} SINK +TABLE {path} {AS}
CREATE: WITH () FORMAT rest
CREATE: WITH ()
EMIT ON WINDOW CLOSE
{FROM/JOIN} TUMBLE/HOP ( path#1 , path#2 rest ) +( +SELECT +* +, +#2 +AS +window_start +, +#2 +AS +window_end +FROM
  +#1 +)
"""
_PIPES = """
{|>} DROP +SELECT +* +EXCEPT +( {until:|>} +)
{|>} RENAME +SELECT +* +RENAME +( {until:|>} +)
{|>} WINDOW +EXTEND
|> ASSERT until:|>
"""
_REDSHIFT = """
^ UNLOAD ()#1 TO string#2 rest +COPY +#1 +TO +#2
MERGE: REMOVE DUPLICATES +WHEN +NOT +MATCHED +THEN +INSERT +*
"""
_BIGQUERY = """
{,/JOIN} path#1 AS? name#2 WITH OFFSET +UNNEST +( +#1 +) +AS +#2 +WITH +OFFSET
{(/,/=>} +( +SELECT +* +FROM TABLE {path} =,/) +)
{EVALUATE/CONFUSION_MATRIX/ROC_CURVE/EXPLAIN_PREDICT/EXPLAIN_FORECAST/DETECT_ANOMALIES/RECOMMEND/RECONSTRUCTION_LOSS}
  {(} MODEL path ,?
{FEATURE_IMPORTANCE/FEATURE_INFO/GLOBAL_EXPLAIN/WEIGHTS/ADVANCED_WEIGHTS/CENTROIDS/PRINCIPAL_COMPONENTS}
  {(} MODEL path ,?
{TRAINING_INFO/TRIAL_INFO/ARIMA_EVALUATE/ARIMA_COEFFICIENTS} {(} MODEL path ,?
{FROM/JOIN} [ path#1 : path#2 ] +#1 +. +#2
{FROM/JOIN} [ {path} ]
CREATE: {CLONE} {path} FOR SYSTEM_TIME AS OF until:OPTIONS
"""
_SPARK = """
IDENTIFIER ( string#1 ) +named#1
INSERT: {)} IF NOT EXISTS
^ {MERGE} WITH SCHEMA EVOLUTION {INTO}
CREATE: {CLONE} {path} VERSION/TIMESTAMP AS OF any
CREATE: STREAMING/LIVE LIVE? =TABLE/VIEW
{FROM/JOIN} STREAM ( {path} )
^ APPLY CHANGES INTO path#1 FROM STREAM? (? path#2 )? rest +INSERT +INTO +#1 +BY +NAME +SELECT +* +FROM +#2
^ CREATE FLOW path AS AUTO CDC ONCE? INTO path#1 FROM STREAM? (? path#2 )? rest +INSERT +INTO +#1 +BY +NAME
  +SELECT +* +FROM +#2
^ CREATE FLOW path AS =INSERT
^ EXPORT TABLE path#1 until:TO TO string#2 rest +COPY +#1 +TO +#2
^ IMPORT EXTERNAL? TABLE path#1 until:FROM FROM string#2 rest +COPY +#1 +FROM +#2
MAP/REDUCE !( +SELECT +TRANSFORM +( {until:USING} +) {USING} {string} {AS} {()}
MAP/REDUCE !( +SELECT +TRANSFORM +( {until:USING} +) {USING} {string} {AS} +(
  {until:FROM/CLUSTER_BY/DISTRIBUTE_BY/SORT_BY/INSERT/MAP/REDUCE} +)
MAP/REDUCE !( +SELECT +TRANSFORM +( {until:USING} +) {USING} {string}
"""
_DATABRICKS = """
{FROM/JOIN} STREAM !( {path}
{FROM/JOIN/,} TABLE_CHANGES ( string#1 rest ) +( +SELECT +* +, +NULL +AS +_change_type +, +NULL +AS +_commit_version
  +, +NULL +AS +_commit_timestamp +FROM +named#1 +)
<name @ name
<name @ number
"""
_ORACLE = """
^ {DELETE} +FROM =(
&/&& name +NULL
PARTITION/SUBPARTITION FOR ()
VERSIONS BETWEEN SCN/TIMESTAMP any AND any
{PIVOT} XML
{*} *
PARTITION_BY () =LEFT/RIGHT/FULL/JOIN/OUTER
{FROM/JOIN/,} ONLY/CONTAINERS ( {path} )
INSERT/UPDATE/DELETE/MERGE: LOG ERRORS rest
^ {TRUNCATE} {TABLE} {path} PRESERVE/PURGE/DROP/REUSE/CASCADE rest
MEMBER/SUBMULTISET OF? +=
NOT MEMBER/SUBMULTISET OF? +=
WITH/WITHOUT CONDITIONAL/UNCONDITIONAL? ARRAY? WRAPPER
"""
_PRESTO = """
^ {ALTER} MATERIALIZED {VIEW}
^ UNLOAD ()#1 TO string#2 rest +COPY +#1 +TO +#2
^ WITH SESSION until:SELECT/WITH/INSERT
FOR SYSTEM_VERSION +FOR +VERSION =AS
{(/,/=>} +( +SELECT +* +FROM TABLE ( {path} ) until:, +)
{(/,/=>} TABLE ( +( =SELECT/WITH/VALUES {rest} ) until:, +)
DESCRIPTOR () +NULL
^ USING EXTERNAL until:SELECT/WITH/INSERT/CREATE
"""
_CLICKHOUSE = """
RENAME/EXCHANGE: ON CLUSTER any
{LIMIT} number , {number} {BY} {until:LIMIT/SETTINGS/FORMAT/UNION/INTO} LIMIT number ,? number?
{LIMIT} {number} {BY} {until:LIMIT/SETTINGS/FORMAT/UNION/INTO} LIMIT number ,? number?
{QUANTILEEXACTWEIGHTEDINTERPOLATED/QUANTILEDD/QUANTILESEXACTINCLUSIVE/QUANTILEEXACTEXCLUSIVE/APPROX_TOP_K/APPROX_TOP_COUNT}
  () =(
{GROUPARRAYSORTED/SEQUENCEMATCHEVENTS/SUMMAPFILTERED/SUMMAPFILTEREDWITHOVERFLOW/LTTB/SPARKBAR/ESTIMATECOMPRESSIONRATIO}
  () =(
{EXPONENTIALTIMEDECAYEDSUM/EXPONENTIALTIMEDECAYEDMAX/EXPONENTIALTIMEDECAYEDCOUNT} () =(
{LIMIT} number , {number} =BY
{LIMIT} {number} OFFSET number =BY
{FROM/JOIN} CLUSTER/CLUSTERALLREPLICAS/REMOTE/REMOTESECURE ( any , string#1 , string#2 rest ) +named#1 +. +named#2
{FROM/JOIN} CLUSTER/CLUSTERALLREPLICAS/REMOTE/REMOTESECURE ( any , name#1 , name#2 rest ) +#1 +. +#2
{FROM/JOIN} CLUSTER/CLUSTERALLREPLICAS/REMOTE/REMOTESECURE ( any , string#1 rest ) +named#1
{FROM/JOIN} CLUSTER/CLUSTERALLREPLICAS/REMOTE/REMOTESECURE ( any , {path} rest )
^ {INSERT} {INTO} TABLE? FUNCTION CLUSTER/REMOTE/REMOTESECURE ( any , string#1 , string#2 rest ) +named#1 +. +named#2
^ {INSERT} {INTO} TABLE? FUNCTION CLUSTER/REMOTE/REMOTESECURE ( any , name#1 , name#2 rest ) +#1 +. +#2
^ {INSERT} {INTO} TABLE? FUNCTION CLUSTER/REMOTE/REMOTESECURE ( any , string#1 rest ) +named#1
^ {INSERT} {INTO} TABLE? FUNCTION CLUSTER/REMOTE/REMOTESECURE ( any , {path} rest )
{FROM/JOIN} VIEW {()}
CREATE: {CLONE} AS
CREATE: LIVE/WINDOW =VIEW
CREATE: POPULATE/EMPTY =AS
^ {INSERT} {INTO} TABLE? {path} {()}? FORMAT name rest +DEFAULT +VALUES
DROP/DETACH/TRUNCATE: NO DELAY
"""
_SNOWFLAKE = """
CREATE: HYBRID =TABLE
^ {COPY} FILES =INTO
IDENTIFIER ( string#1 ) +named#1
{FROM/JOIN/,} TABLE ( string#1 ) +named#1
"""
_TSQL = """
^ {RENAME} OBJECT +TABLE
SELECT/WITH: {INTO} {path} ON name =FROM
SELECT/WITH/INSERT/CREATE: <name * {=}
{FROM/JOIN} CHANGETABLE ( CHANGES/VERSION path#1 rest ) +( +SELECT +* +, +NULL +AS +SYS_CHANGE_VERSION +, +NULL +AS
  +SYS_CHANGE_OPERATION +FROM +#1 +)
USING string =)
<WHERE/AND MATCH () +1 += +1
CREATE: AS CLONE OF path#1 rest +CLONE +#1
"""
_DREMIO = """
CREATE: VDS =name +VIEW
AT BRANCH/TAG/COMMIT/REF/REFERENCE/SNAPSHOT/TIMESTAMP any
"""
_EXASOL = """
^ IMPORT INTO path#1 ()#2? FROM rest +INSERT +INTO +#1 +#2 +DEFAULT +VALUES
^ EXPORT path#1 ()? INTO rest +SELECT +* +FROM +#1
^ EXPORT ()#1 INTO rest +SELECT +* +FROM +#1 +AS +exported
"""
_TERADATA = """
CREATE: WITH NO? DATA AND NO? STATS/STATISTICS
LOCKING/LOCK ROW FOR/IN ACCESS/READ/WRITE/SHARE/EXCLUSIVE/EXCL/CHECKSUM/LOAD MODE? NOWAIT?
LOCKING/LOCK TABLE/VIEW/DATABASE? path FOR/IN ACCESS/READ/WRITE/SHARE/EXCLUSIVE/EXCL/CHECKSUM/LOAD MODE? NOWAIT?
^ CURRENT/SEQUENCED/NONSEQUENCED VALIDTIME/TRANSACTIONTIME
^ VALIDTIME/TRANSACTIONTIME
^ USING ()
^ {UPDATE/UPD} {path} {FROM} name#1 =SET +#1 +AS +#1
^ {UPDATE/UPD} {path} {FROM} {name} {.} name#1 =SET +#1 +AS +#1
UPDATE/UPD: {,} name#1 =SET +#1 +AS +#1
STRTOK_SPLIT_TO_TABLE =( +STRTOK_SPLIT_TO_ROWS
{SELECT/SEL} NORMALIZE ON MEETS OR OVERLAPS
{SELECT/SEL} NORMALIZE ON OVERLAPS OR MEETS
{SELECT/SEL} NORMALIZE ON OVERLAPS
{SELECT/SEL} NORMALIZE =name
^ DELETE/DEL FROM? path#1 ALL? end +DELETE +FROM +#1
^ DELETE/DEL path#1 FROM until:WHERE#2 =WHERE +DELETE +FROM +#1 +USING +#2
^ DELETE/DEL path#1 name#2? =WHERE +DELETE +FROM +#1 +#2
( FORMAT/TITLE string rest )
( NOT? CASESPECIFIC )
( UPPERCASE/CASESPECIFIC )
+AS ( NAMED {name} rest )
<name +:: ( {DATE/TIME/TIMESTAMP} {()}? , FORMAT string )
<name <!TRUNC/ROUND/LAST_DAY/NEXT_DAY/EXTRACT/MAX/MIN/COUNT/COALESCE/NVL/TO_CHAR/ADD_MONTHS/YEAR/MONTH/DAY +::
  ( {DATE/TIME/TIMESTAMP} {()}? )
^ {RENAME} VIEW +TABLE
<name +:: ( {INTEGER/INT/BIGINT/SMALLINT/BYTEINT/FLOAT/REAL/DECIMAL/DEC/NUMERIC/NUMBER/VARCHAR/CHAR/CHARACTER} {()}?
  ,? FORMAT/TITLE? string? )
<) +:: (
  {INTEGER/INT/BIGINT/SMALLINT/BYTEINT/FLOAT/REAL/DECIMAL/DEC/NUMERIC/NUMBER/VARCHAR/CHAR/CHARACTER/DATE/TIME/TIMESTAMP}
  {()}? ,? FORMAT/TITLE? string? )
RESET WHEN +,
{END} +:: (
  {INTEGER/INT/BIGINT/SMALLINT/BYTEINT/FLOAT/REAL/DECIMAL/DEC/NUMERIC/NUMBER/VARCHAR/CHAR/CHARACTER/DATE/TIME/TIMESTAMP}
  {()}? ,? FORMAT/TITLE? string? )
<string +:: (
  {INTEGER/INT/BIGINT/SMALLINT/BYTEINT/FLOAT/REAL/DECIMAL/DEC/NUMERIC/NUMBER/VARCHAR/CHAR/CHARACTER/DATE/TIME/TIMESTAMP}
  {()}? ,? FORMAT/TITLE? string? )
DESC/ASC =)/,
RETURNS ()
EXPAND ON until:WHERE/GROUP_BY/ORDER_BY/QUALIFY/HAVING
<) DAY/HOUR/MINUTE/SECOND/MONTH/YEAR ()? TO DAY/HOUR/MINUTE/SECOND/MONTH/YEAR ()?
<) DAY/HOUR/MINUTE/SECOND/MONTH/YEAR ()? =,/FROM/AS/)/end
"""
_DB2 = """
WITH UR/CS/RS/RR =end
"""
_SINGLESTORE = """
CREATE: ROWSTORE/COLUMNSTORE/REFERENCE =TABLE
"""
_DUCKDB = """
{FROM/JOIN/,} QUERY_TABLE ( string#1 rest ) +named#1
INSERT: BY POSITION
, RECURSIVE := TRUE/FALSE
, MAX_DEPTH := number
^ PIVOT_WIDER +PIVOT
^ PIVOT_LONGER +UNPIVOT
^ PIVOT until:ORDER_BY/LIMIT#1 =ORDER_BY/LIMIT rest#2 +FROM +( +PIVOT +#1 +) +#2
^ UNPIVOT until:ORDER_BY/LIMIT#1 =ORDER_BY/LIMIT rest#2 +FROM +( +UNPIVOT +#1 +) +#2
CREATE: {AS} =PIVOT/UNPIVOT rest#1 +SELECT +* +FROM +( +#1 +)
"""

_OF: Mapping[str, tuple[str, ...]] = {
    "": (_DB2,),
    "mysql": (_MYSQL,),
    "singlestore": (_MYSQL, _SINGLESTORE),
    "doris": (_MYSQL, _DORIS),
    "starrocks": (_MYSQL, _DORIS),
    "sqlite": (_SQLITE,),
    "postgres": (_POSTGRES,),
    "materialize": (_POSTGRES, _MATERIALIZE),
    "risingwave": (_POSTGRES, _MATERIALIZE),
    "redshift": (_POSTGRES, _REDSHIFT, _DELETE_WITHOUT_FROM),
    "bigquery": (_BIGQUERY, _PIPES, _DELETE_WITHOUT_FROM),
    "spark": (_SPARK, _PIPES),
    "spark2": (_SPARK,),
    "hive": (_SPARK,),
    "databricks": (_SPARK, _DATABRICKS, _PIPES, _DELETE_WITHOUT_FROM),
    "oracle": (_ORACLE, _DELETE_WITHOUT_FROM),
    "presto": (_PRESTO,),
    "trino": (_PRESTO,),
    "athena": (_PRESTO,),
    "clickhouse": (_CLICKHOUSE,),
    "snowflake": (_SNOWFLAKE,),
    "tsql": (_TSQL, _DELETE_WITHOUT_FROM),
    "fabric": (_TSQL, _DELETE_WITHOUT_FROM),
    "dremio": (_DREMIO,),
    "exasol": (_EXASOL,),
    "teradata": (_TERADATA,),
    "duckdb": (_DUCKDB,),
}
_REOPENED = frozenset({"PREPARE", "REPLACE", "SUBMIT", "EXPORT", "RENAME", "EXCHANGE", "UNLOAD", "LOAD", "IMPORT"})
"""Words behind which some tokenisers leave the statement as one string, although it may move data."""


def rewritten(tokens: Tokens, dialect: Dialect) -> Tokens:
    """Give a statement's tokens in words that the parser knows; the mark by which Athena tells Hive's DDL stays."""
    if not tokens:
        return tokens
    if tokens[0].token_type is TokenType.HIVE_TOKEN_STREAM:
        return [tokens[0], *rewritten(tokens[1:], dialect)] if len(tokens) > 1 else tokens
    tokens = _read_alone(tokens)
    texts = {token.text for token in tokens}
    if "%" in texts:
        tokens = _with_placeholders(tokens)
    tokens = _rules_of(type(dialect)).applied(tokens, texts)
    if "|>" in texts:
        tokens = piped(tokens, dialect.tokenizer_class.KEYWORDS)
    return reworded(tokens)


def _read_alone(tokens: Tokens) -> Tokens:
    """Give each token as what it is by itself: `window` that defines none as a name, Hive's patterns as stars."""
    if not any(token.token_type in _AMBIGUOUS for token in tokens):
        return tokens
    return [new for at, token in enumerate(tokens) for new in _alone(token, tokens[at + 1 : at + 3])]


_AMBIGUOUS = frozenset({TokenType.WINDOW, TokenType.IDENTIFIER})
_ALL_BUT = re.compile(r"\(?(\w+(?:\|\w+)*)\)?\?\+\.\+")
"""What Hive's statements write for "all columns but": `` `(a|b)?+.+` ``."""


def _alone(token: Token, following: Tokens) -> Iterator[Token]:
    if token.token_type is TokenType.WINDOW and not (len(following) == 2 and word(following[1]) == "AS"):
        yield Token(TokenType.VAR, token.text, token.line, token.col, token.start, token.end, list(token.comments))
    elif token.token_type is TokenType.IDENTIFIER and (less := _ALL_BUT.fullmatch(token.text)):
        yield put("*", token, {})
        yield put("EXCEPT", token, {"EXCEPT": TokenType.EXCEPT})
        for at, name in enumerate(less[1].split("|")):
            yield put("," if at else "(", token, {})
            yield like(token, TokenType.IDENTIFIER, name)
        yield put(")", token, {})
    else:
        yield token


def _with_placeholders(tokens: Tokens) -> Tokens:
    """Read the `%s` and `%(name)s` of Python's drivers as `?`; behind a value `%` is an operator."""
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        width = 0 if made and _is_value(made[-1]) else _placeholder(tokens, at)
        made.append(like(tokens[at], TokenType.PLACEHOLDER, "?") if width else tokens[at])
        at += width or 1
    return made


def _placeholder(tokens: Tokens, at: int) -> int:
    """Give how many tokens a driver's placeholder is, 0 if there is none."""
    if tokens[at].token_type is not TokenType.MOD:
        return 0
    for width in (2, 5):
        texts = "".join(token.text for token in tokens[at : at + width])
        if _PLACEHOLDER.fullmatch(texts) and tokens[at : at + width][-1].end - tokens[at].start + 1 == len(texts):
            return width
    return 0


def _is_value(token: Token) -> bool:
    return token.token_type in _VALUES


_VALUES = {TokenType.R_PAREN, TokenType.NUMBER, TokenType.STRING, TokenType.VAR, TokenType.IDENTIFIER}
_PLACEHOLDER = re.compile(r"%(\(\w+\))?s")
_STRINGS = frozenset({TokenType.STRING, TokenType.HEREDOC_STRING, TokenType.RAW_STRING})


def reopened(sql: str, tokens: Tokens, dialect: Dialect) -> Tokens:
    """Give all tokens of a statement of which the tokeniser has left the rest as a text, or that quotes its query."""
    with suppress(TokenError):
        return _all_tokens(sql, tokens, dialect)
    return tokens


def _all_tokens(sql: str, tokens: Tokens, dialect: Dialect) -> Tokens:
    if len(tokens) == 2 and tokens[1].token_type is TokenType.STRING and word(tokens[0]) in _REOPENED:
        tokens = [tokens[0], *_reopened(sql, tokens[0].end + 1, tokens[1].end + 1, dialect)]
    if len(tokens) > 3 and word(tokens[0]) == "UNLOAD" and tokens[2].token_type in _STRINGS:
        return [*tokens[:2], *_quoted(sql, tokens[2], dialect), *tokens[3:]]
    return tokens


def _quoted(sql: str, string: Token, dialect: Dialect) -> Iterator[Token]:
    """Give the tokens in a string: at their own places where the text is as written, else at the string's."""
    start = sql.find(string.text, string.start, string.end + 1)
    if start >= 0:
        yield from _reopened(sql, start, start + len(string.text), dialect)
        return
    for token in dialect.tokenize(string.text):
        yield like(string, token.token_type, token.text)


def _reopened(sql: str, start: int, end: int, dialect: Dialect) -> Iterator[Token]:
    """Give the tokens of what the tokeniser left as one, at their places in the whole."""
    for token in dialect.tokenize(sql[start:end]):
        yield Token(
            token.token_type,
            token.text,
            token.line,
            token.col,
            token.start + start,
            token.end + start,
            list(token.comments),
        )


@lru_cache(maxsize=64)
def _rules_of(dialect: type[Dialect]) -> Rules:
    name = "" if dialect is Dialect else dialect.__name__.lower()
    return Rules("".join((*_OF.get(name, ()), _ANYWHERE)), dialect.tokenizer_class.KEYWORDS)
