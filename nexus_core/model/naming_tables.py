"""The name of a dataset within its namespace: dotted names with quotes, object keys, paths. Pure and idempotent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nexus_core.model.platforms import Platform

_PART = re.compile(r'"(?P<double>(?:[^"]|"")*)"|`(?P<back>[^`]*)`|\[(?P<square>[^\]]*)\]|(?P<bare>[^."`\[\]]*)')
_NEEDS_QUOTES = re.compile(r'[."`\[\]]')
_STAGE = re.compile(r'@(?P<stage>(?:"(?:[^"]|"")*"|[^"/])*)(?P<path>.*)', re.DOTALL)
_SLASHES = re.compile(r"/+")
_BIGQUERY = re.compile(r"(?P<project>(?:[a-z0-9.-]+\.[a-z]+:)?[a-z][a-z0-9-]+)[:.](?P<rest>[^:.]+\.[^:]+)", re.DOTALL)
_PARTITION = re.compile(r"(?:\$(?:[0-9]{4,10}|__NULL__|__UNPARTITIONED__))+$")


def dotted_name(text: str, rules: Platform) -> str:
    """Give a dotted name in stored case, without the quotes that its parts do not need.

    A part stays quoted, by double quotes, where it holds a dot or a quote, or where folding would change it though the
    platform tells quoted names apart by case. What is no dotted name is folded as a whole.
    """
    parts = _parts(text)
    if parts is None:
        return rules.fold(text) if rules.fold else text
    return ".".join(_part(inner, rules, quoted=quoted) for inner, quoted in parts)


def stage_name(text: str, rules: Platform) -> str:
    """Give `@DATABASE.SCHEMA.STAGE/path`: a stage in stored case, and the path in it as it is."""
    match = _STAGE.fullmatch(text)
    return f"@{dotted_name(match['stage'], rules)}{match['path']}" if match else text


def _part(inner: str, rules: Platform, *, quoted: bool) -> str:
    folded = rules.fold(inner) if rules.fold and (rules.folds_quoted or not quoted) else inner
    if not quoted:
        return folded
    plain = folded and not _NEEDS_QUOTES.search(folded) and (rules.fold is None or rules.fold(folded) == folded)
    return folded if plain else '"' + folded.replace('"', '""') + '"'


def _parts(text: str) -> list[tuple[str, bool]] | None:
    """Split at the dots outside quotes into parts `(content, quoted)`; None where quotes do not match."""
    found, at = [], 0
    while (part := _PART.match(text, at)) is not None:
        found.append(_content(part))
        at = part.end() + 1
        if at > len(text):
            return found
        if text[at - 1] != ".":
            return None
    return None


def _content(part: re.Match[str]) -> tuple[str, bool]:
    if part["bare"] is not None:
        return part["bare"], False
    if part["double"] is not None:
        return part["double"].replace('""', '"'), True
    return (part["back"] if part["back"] is not None else part["square"]), True


def joined(*parts: str) -> str:
    """Give the dotted name of parts as a catalogue holds them, quoted where a dot or a quote in them needs it."""
    return ".".join('"' + part.replace('"', '""') + '"' if _NEEDS_QUOTES.search(part) else part for part in parts)


def bigquery_table(text: str) -> str:
    """Give `PROJECT.DATASET.TABLE` of standard or legacy SQL (`PROJECT:DATASET.TABLE`), without a partition."""
    bare = _PARTITION.sub("", text.replace("`", ""))
    match = _BIGQUERY.fullmatch(bare)
    return (f"{match['project']}.{match['rest']}" if match else bare) or text


def glue_table(text: str) -> str:
    """Give `table/DATABASE/TABLE`, also of `DATABASE.TABLE`."""
    lower = text.lower()
    database, dot, table = lower.partition(".")
    return f"table/{database}/{table}" if dot and database and table and "/" not in lower else lower


def key(text: str) -> str:
    """Give an object's key: without slashes at its ends; `/` is the whole bucket."""
    return text.strip("/") or "/"


def path(text: str) -> str:
    """Give a path with one slash between its parts and none at its end; a drive or relative path stays one."""
    return _SLASHES.sub("/", text).rstrip("/") or "/"


def quoted_parts(text: str) -> Iterator[str]:
    """Give the contents of a dotted name's parts; the whole text where it is none."""
    parts = _parts(text)
    yield from (inner for inner, _ in parts) if parts is not None else (text,)
