"""Reads a schema registry by Confluent's API, which Apicurio, Karapace and Redpanda answer, too.

Subjects are matched to topics by their names: `TOPIC-value` and `TOPIC-key` (TopicNameStrategy), `TOPIC-RECORD`
(TopicRecordNameStrategy), and for RecordNameStrategy by the setting `topic_subjects`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from nexus_core.connectors import _kafka_avro as avro
from nexus_core.connectors import _kafka_json_schema as json_schema
from nexus_core.connectors import _kafka_protobuf as protobuf
from nexus_core.connectors._http import JsonService
from nexus_core.connectors._kafka_schema import SchemaError, Shape
from nexus_core.connectors.objects import SourceField, Tag
from nexus_core.connectors.report import Report

KEY = "_key"
VALUE = "_value"
_REFERENCES_MAX = 200
_KEPT_TOPICS = 1_000

Named = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Registered:
    """A subject's latest version, read."""

    subject: str
    version: int
    language: str
    shape: Shape
    owner: str | None = None
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicSchema:
    """What a registry says of a topic: its fields, and the subjects that they come from."""

    fields: tuple[SourceField, ...] = ()
    subjects: tuple[Registered, ...] = ()


class Registry:
    """The subjects of one registry, as far as topics are asked for; keeps the latest topics."""

    def __init__(self, service: JsonService, assigned: Mapping[str, Sequence[str]], report: Report) -> None:
        self._service, self._assigned, self._report = service, assigned, report
        self._by_topic: dict[str, list[str]] | None = None
        self._subjects: frozenset[str] = frozenset()
        self._kept: dict[str, TopicSchema] = {}

    def subject_count(self) -> int:
        """Count the subjects that the account sees."""
        self._listed()
        return len(self._subjects)

    def of_topic(self, topic: str) -> TopicSchema:
        """Give a topic's schema; subjects that cannot be read are in the report."""
        if topic not in self._kept:
            if len(self._kept) >= _KEPT_TOPICS:
                self._kept.pop(next(iter(self._kept)))
            self._kept[topic] = self._read(topic)
        return self._kept[topic]

    def _read(self, topic: str) -> TopicSchema:
        records = self._records(topic)
        keys = self._registered({f"{topic}-key"} & self._subjects)
        values = self._registered({f"{topic}-value"} & self._subjects)
        values = values or self._registered(self._assigned.get(topic, ()))
        values = values or [each for each in self._registered(records) if _is_record(topic, each)]
        fields = (*_value_fields(values), *_key_field(keys))
        return TopicSchema(fields, (*values, *keys))

    def _listed(self) -> Mapping[str, list[str]]:
        if self._by_topic is None:
            reply = self._service.get("/subjects")
            if reply.denied:
                self._report.denied.add("schema registry", "listing subjects is not allowed")
            self._subjects = frozenset(each for each in reply.body or () if isinstance(each, str))
            self._by_topic = {}
            for each in sorted(self._subjects):
                for at, sign in enumerate(each):
                    if sign == "-":
                        self._by_topic.setdefault(each[:at], []).append(each)
        return self._by_topic

    def _records(self, topic: str) -> list[str]:
        return [each for each in self._listed().get(topic, ()) if not each.endswith(("-key", "-value"))]

    def _registered(self, subjects: Iterable[str]) -> list[Registered]:
        return [found for subject in subjects if (found := self._latest(subject))]

    def _latest(self, subject: str) -> Registered | None:
        reply = self._service.get(f"/subjects/{quote(subject, safe='')}/versions/latest")
        if reply.denied:
            self._report.denied.add(f"subject {subject}", "reading it is not allowed")
        if not reply.ok:
            return None
        try:
            return self._understood(subject, reply.body)
        except (SchemaError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            reason = str(error) if isinstance(error, SchemaError) else type(error).__name__
            self._report.failed.add(f"subject {subject}", f"its schema cannot be read: {reason}")
            return None

    def _understood(self, subject: str, body: Mapping[str, Any]) -> Registered:
        language = str(body.get("schemaType") or "AVRO")
        references: dict[str, str] = {}
        self._gather(body.get("references") or (), references, set())
        shape = _shape(language, body["schema"], references)
        metadata = body.get("metadata") or {}
        owner = (metadata.get("properties") or {}).get("owner")
        tags = tuple(Tag(each) for found in (metadata.get("tags") or {}).values() for each in found)
        return Registered(subject, int(body["version"]), language, shape, owner, tags)

    def _gather(self, references: Sequence[Mapping[str, Any]], found: dict[str, str], seen: set[Named]) -> None:
        """Read references and theirs, those that others need first."""
        for each in references:
            place = (str(each["subject"]), str(each["version"]))
            if place in seen or len(seen) >= _REFERENCES_MAX:
                continue
            seen.add(place)
            reply = self._service.get(f"/subjects/{quote(place[0], safe='')}/versions/{place[1]}")
            if not reply.ok:
                raise SchemaError(f"its reference {place[0]} cannot be read")
            self._gather(reply.body.get("references") or (), found, seen)
            found[str(each["name"])] = reply.body["schema"]


def _shape(language: str, schema: str, references: Mapping[str, str]) -> Shape:
    if language == "AVRO":
        return avro.read(schema, list(references.values()))
    if language == "PROTOBUF":
        return protobuf.read(schema, list(references.values()))
    if language == "JSON":
        return json_schema.read(schema, list(references.items()))
    raise SchemaError(f"its language {language} is not known here")


def _is_record(topic: str, found: Registered) -> bool:
    """Whether a subject's rest names the record that it holds; else the topic's name is the start of another's."""
    record = found.subject[len(topic) + 1 :].rpartition(".")[2]
    return bool(found.shape.fields) and (record == found.shape.type or (found.language == "JSON" and "-" not in record))


def _value_fields(values: Sequence[Registered]) -> tuple[SourceField, ...]:
    """Give the fields of the only record, or one field for each kind of record."""
    if len(values) == 1:
        shape = values[0].shape
        return shape.fields or (_whole(VALUE, shape),)
    return tuple(_whole(each.shape.type, each.shape) for each in values)


def _key_field(keys: Sequence[Registered]) -> tuple[SourceField, ...]:
    return tuple(_whole(KEY, each.shape) for each in keys[:1])


def _whole(name: str, shape: Shape) -> SourceField:
    return SourceField(name, shape.type, shape.description, shape.nullable, fields=shape.fields, tags=shape.tags)
