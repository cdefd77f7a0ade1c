"""What single message transforms of Kafka Connect do to topics' names and records' fields (KIP-66, KIP-585).

What a transform does is applied where its config says it for certain; else the result is unknown, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nexus_core.connectors._kafka_databases import listed
from nexus_core.connectors._kafka_patterns import pattern_of
from nexus_core.connectors._kafka_registry import KEY

Fields = Mapping[str, str]
"""Path of a field in a record, nested ones by dots → the field that it came from."""

Change = Callable[[Mapping[str, str], Fields], Fields | None]

_HARMLESS = frozenset(
    {"SetSchemaMetadata", "Cast", "TimestampConverter", "Filter", "DropHeaders", "HeaderFrom", "InsertHeader"}
)
_TOPIC_NAME = "TopicNameMatches"


@dataclass(frozen=True, slots=True)
class Record:
    """A record on its way: its topic, and its fields; None where they cannot be known."""

    topic: str | None
    fields: Fields | None


def applied(config: Mapping[str, str], record: Record) -> Record:
    """Send a record through a connector's transforms."""
    for alias in listed(config, "transforms"):
        prefix = f"transforms.{alias}."
        own = {name.removeprefix(prefix): value for name, value in config.items() if name.startswith(prefix)}
        holds = _holds(config, own, record.topic)
        if holds is None:
            changed = _transformed(own, record)
            record = record if changed == record else Record(_same(record.topic, changed.topic), None)
        elif holds:
            record = _transformed(own, record)
    return record


def renamed_sources(config: Mapping[str, str]) -> list[str]:
    """Give the names that fields have before transforms rename them."""
    names = [name for name in config if name.startswith("transforms.") and name.endswith(".renames")]
    return [pair.partition(":")[0] for name in names for pair in listed(config, name)]


def _same(one: str | None, other: str | None) -> str | None:
    return one if one == other else None


def _holds(config: Mapping[str, str], own: Mapping[str, str], topic: str | None) -> bool | None:
    """Whether a transform's predicate lets it work; None where that depends on the record."""
    alias = own.get("predicate")
    if not alias:
        return True
    kind = config.get(f"predicates.{alias}.type", "").rpartition(".")[2]
    pattern = pattern_of(config.get(f"predicates.{alias}.pattern", ""))
    if kind.rpartition("$")[2] != _TOPIC_NAME or pattern is None or topic is None:
        return None
    return (pattern.fullmatch(topic) is not None) != (own.get("negate", "false").lower() == "true")


def _transformed(own: Mapping[str, str], record: Record) -> Record:
    kind, _, part = own.get("type", "").rpartition(".")[2].partition("$")
    if kind in _HARMLESS:
        return record
    if kind == "RegexRouter":
        return Record(_routed(record.topic, own.get("regex", ""), own.get("replacement", "")), record.fields)
    if kind == "ByLogicalTableRouter":
        topic = _routed(record.topic, own.get("topic.regex", ""), own.get("topic.replacement", ""))
        return Record(topic, record.fields)
    if kind == "TimestampRouter":
        return Record(None, record.fields)
    change = _CHANGES.get(kind)
    if change is None:
        return Record(None, None)
    if record.fields is None:
        return record
    return Record(record.topic, _of_part(change, own, record.fields, part))


def _of_part(change: Change, own: Mapping[str, str], fields: Fields, part: str) -> Fields | None:
    """Change the fields of the value; those of the key are lost where the key is what changes."""
    keys = {path: source for path, source in fields.items() if path.partition(".")[0] == KEY}
    values = {path: source for path, source in fields.items() if path not in keys}
    if part == "Key" or change is _value_to_key:
        return values
    changed = change(own, values)
    return None if changed is None else {**changed, **keys}


def _routed(topic: str | None, regex: str, replacement: str) -> str | None:
    """Rename a topic that the expression matches as a whole, as Java's Matcher.replaceFirst does."""
    pattern = pattern_of(regex)
    if topic is None or pattern is None:
        return None
    match = pattern.fullmatch(topic)
    if match is None:
        return topic
    try:
        return match.expand(re.sub(r"\$(?:\{(\w+)\}|(\d))", lambda each: rf"\g<{each[1] or each[2]}>", replacement))
    except (re.error, IndexError):
        return None


def _replace_field(own: Mapping[str, str], fields: Fields) -> Fields:
    kept, dropped = set(listed(own, "include", "whitelist")), set(listed(own, "exclude", "blacklist"))
    renames = dict(pair.split(":", 1) for pair in listed(own, "renames") if ":" in pair)
    found: dict[str, str] = {}
    for path, source in fields.items():
        top, dot, rest = path.partition(".")
        if top not in dropped and (not kept or top in kept):
            name = f"{renames.get(top, top)}{dot}{rest}"
            if top in renames or name not in found:
                found[name] = source
    return found


def _extract_new_state(own: Mapping[str, str], fields: Fields) -> Fields | None:
    if own.get("add.fields"):
        prefix = own.get("add.fields.prefix", "__")
        added = {f"{prefix}{each.rpartition(':')[2].replace('.', '_')}" for each in listed(own, "add.fields")}
    else:
        added = set()
    after = {path.removeprefix("after."): source for path, source in fields.items() if path.startswith("after.")}
    return {path: source for path, source in after.items() if path not in added}


def _flatten(own: Mapping[str, str], fields: Fields) -> Fields:
    delimiter = own.get("delimiter", ".")
    holders = {path.rpartition(".")[0] for path in fields}
    return {path.replace(".", delimiter): source for path, source in fields.items() if path not in holders}


def _extract_field(own: Mapping[str, str], fields: Fields) -> Fields:
    prefix = f"{own.get('field', '')}."
    return {path.removeprefix(prefix): source for path, source in fields.items() if path.startswith(prefix)}


def _hoist_field(own: Mapping[str, str], fields: Fields) -> Fields:
    return {f"{own.get('field', '')}.{path}": source for path, source in fields.items()}


def _insert_field(own: Mapping[str, str], fields: Fields) -> Fields:
    added = {value.rstrip("!?") for name, value in own.items() if name.endswith(".field")}
    return {path: source for path, source in fields.items() if path not in added}


def _mask_field(own: Mapping[str, str], fields: Fields) -> Fields:
    """A masked field holds nothing of its source."""
    masked = set(listed(own, "fields"))
    return {path: source for path, source in fields.items() if path.partition(".")[0] not in masked}


def _value_to_key(_: Mapping[str, str], fields: Fields) -> Fields:
    return fields


_CHANGES: Mapping[str, Change] = {
    "ReplaceField": _replace_field,
    "ExtractNewRecordState": _extract_new_state,
    "ExtractNewDocumentState": _extract_new_state,
    "UnwrapFromEnvelope": _extract_new_state,
    "Flatten": _flatten,
    "ExtractField": _extract_field,
    "HoistField": _hoist_field,
    "InsertField": _insert_field,
    "MaskField": _mask_field,
    "ValueToKey": _value_to_key,
}
