"""Apache Kafka 2.1 and newer: topics, schemas from a registry, consumer groups, and Kafka Connect as jobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr, field_validator

from nexus_core.connectors import _kafka_connect as connect
from nexus_core.connectors import _kafka_topics as topics
from nexus_core.connectors._http import JsonService, Login, address, checked
from nexus_core.connectors._kafka_cluster import Cluster
from nexus_core.connectors._kafka_flows import Surroundings
from nexus_core.connectors._kafka_grants import GRANTS, missing_rights
from nexus_core.connectors._kafka_registry import Registry
from nexus_core.connectors.objects import SourceCheck, SourceDataset, SourceJob
from nexus_core.connectors.protocol import Capability, ConnectorSettings
from nexus_core.connectors.report import Report
from nexus_core.errors import MissingDriverError, PasswordNeededError, SourceError
from nexus_core.model.naming import canonical_namespace

_DEFAULT_PORT = 9092


class KafkaSettings(ConnectorSettings):
    """A Kafka cluster, its schema registry and its Connect workers."""

    port: int = Field(_DEFAULT_PORT, description="Port.")
    bootstrap_servers: str | None = Field(None, description="More brokers to begin with, HOST:PORT,…")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] | None = None
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    ssl_ca_location: Path | None = None
    registry_url: str | None = Field(None, description="URL of a schema registry with Confluent's API.")
    registry_user: str | None = None
    registry_password: SecretStr | None = None
    connect_url: str | None = Field(None, description="URLs of Kafka Connect, comma-separated.")
    connect_user: str | None = None
    connect_password: SecretStr | None = None
    topic_subjects: str | None = Field(None, description="TOPIC:SUBJECT,… for subjects named by their records.")
    internal_topics: bool = Field(
        False, description="Whether to read topics that Kafka and its tools keep for themselves."
    )
    consumer_groups: bool = Field(True, description="Whether to read consumer groups.")
    timeout_s: float = Field(20.0, gt=0, description="Seconds to wait for an answer.")

    @field_validator("registry_url", "connect_url")
    @classmethod
    def _plain(cls, urls: str | None) -> str | None:
        for url in _listed(urls):
            checked(url)
        return urls

    def brokers(self) -> tuple[str, ...]:
        """Give the brokers to begin with."""
        return tuple(_listed(self.bootstrap_servers)) or (f"{self.host}:{self.port}",)

    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Give brokers, registry and Connect workers; which further brokers there are, the cluster itself tells."""
        brokers = (broker.rpartition(":") if ":" in broker else (broker, "", "") for broker in self.brokers())
        found = [(host, int(port or _DEFAULT_PORT)) for host, _, port in brokers]
        return (*found, *(address(url) for url in (*_listed(self.registry_url), *_listed(self.connect_url))))


@dataclass(frozen=True, slots=True)
class _Session:
    """What is open while a harvest reads."""

    cluster: Cluster
    registry: Registry | None
    workers: tuple[connect.Workers, ...]


class KafkaConnector:
    """One Kafka cluster with what is told about its topics elsewhere."""

    kind: ClassVar[str] = "kafka"
    title: ClassVar[str] = "Kafka"
    dialect: ClassVar[str | None] = None
    driver: ClassVar[str | None] = "confluent_kafka"
    schemes: ClassVar[tuple[str, ...]] = ("kafka",)
    url_example: ClassVar[str] = "kafka://broker.example.com:9092?registry_url=https://registry.example.com"
    grants: ClassVar[str] = GRANTS
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.FIELD_DETAILS,
            Capability.COMMENTS,
            Capability.PROFILE,
            Capability.NESTED_FIELDS,
            Capability.TAGS,
            Capability.PROPERTIES,
            Capability.PIPELINES,
            Capability.CONSUMERS,
        }
    )
    settings_type: ClassVar[type[ConnectorSettings]] = KafkaSettings

    def __init__(self, settings: ConnectorSettings) -> None:
        try:
            self._driver = import_module("confluent_kafka")
            import_module("confluent_kafka.admin")
        except ImportError as error:
            raise MissingDriverError(self.kind, "kafka") from error
        self._settings = KafkaSettings.model_validate(settings)
        self.report = Report()
        self.watermark: str | None = None

    def __repr__(self) -> str:
        return f"KafkaConnector({self.namespace}, {self.scope})"

    @property
    def namespace(self) -> str:
        """`kafka://HOST:PORT` of the brokers to begin with, as OpenLineage's naming has it."""
        return canonical_namespace(f"kafka://{','.join(self._settings.brokers())}")

    @property
    def scope(self) -> str:
        """`*`: a cluster has no parts."""
        return "*"

    def test(self) -> SourceCheck:
        """Connect to all that is configured and look at rights."""
        try:
            with self._session() as session:
                count = session.cluster.broker_count()
                works = ["topics, configs, offsets, consumer groups", *_answering(session)]
                missing = tuple(missing_rights(session.cluster, self._settings.user or "ANONYMOUS"))
        except SourceError as error:
            return SourceCheck(self.namespace, problem=str(error))
        return SourceCheck(self.namespace, f"Kafka with {count} brokers", works=tuple(works), missing=missing)

    def datasets(self) -> Iterator[SourceDataset]:
        """Give topics; those that Kafka and its tools keep for themselves are skipped."""
        with self._session() as session:
            names = session.cluster.topic_names()
            for topic in session.cluster.topics({name: names[name] for name in names if self._ours(name)}):
                schema = session.registry.of_topic(topic.name) if session.registry else None
                self.report.read["TOPIC"] += 1
                yield topics.dataset(self.namespace, topic, schema)

    def jobs(self, since: str | None) -> Iterator[SourceJob]:  # noqa: ARG002 - there is no log of queries
        """Give connectors of Kafka Connect, then consumer groups that are not theirs."""
        with self._session() as session:
            names = session.cluster.topic_names()
            seen = set()
            for job in self._connectors(session, names):
                seen.add(job.name.name)
                yield self._counted(job)
            if self._settings.consumer_groups:
                for group in session.cluster.groups():
                    if topics.group_of_connector(group.name) not in seen:
                        yield self._counted(topics.consumer(self.namespace, group, names))

    def _connectors(self, session: _Session, names: dict[str, tuple[int, int]]) -> Iterator[SourceJob]:
        seen: set[str] = set()
        registry = session.registry
        around = Surroundings(
            self.namespace, names, (), lambda topic: registry.of_topic(topic).fields if registry else ()
        )
        for workers in session.workers:
            for job in workers.jobs(around):
                if job.name.name in seen:
                    self.report.failed.add(job.name.name, "another Connect cluster has a connector of that name")
                else:
                    seen.add(job.name.name)
                    yield job

    def _counted(self, job: SourceJob) -> SourceJob:
        self.report.read[job.kind.value] += 1
        return job

    def _ours(self, name: str) -> bool:
        internal = topics.is_internal(name) and not self._settings.internal_topics
        if internal:
            self.report.skipped.add(name, "a topic that Kafka or its tools keep for themselves")
        return not internal

    @contextmanager
    def _session(self) -> Iterator[_Session]:
        """Open clients for all that is configured, and close them however reading ends."""
        settings = self._settings
        with ExitStack() as stack:
            cluster = Cluster(self._driver, self._properties(), self.namespace, settings.timeout_s, self.report)
            login = Login(settings.registry_user, settings.registry_password)
            registries = [self._service("schema registry", url, login, stack) for url in _listed(settings.registry_url)]
            login = Login(settings.connect_user, settings.connect_password)
            workers = [self._service("Kafka Connect", url, login, stack) for url in _listed(settings.connect_url)]
            yield _Session(
                cluster,
                Registry(registries[0], _pairs(settings.topic_subjects), self.report) if registries else None,
                tuple(connect.Workers(each, self.report) for each in workers),
            )

    def _service(self, name: str, url: str, login: Login, stack: ExitStack) -> JsonService:
        host, port = address(url)
        advice = f"Check its URL and credentials ({name} of Kafka; docs/sources/kafka.md)."
        service = JsonService(f"{name} {host}:{port}", url, login, self._settings.timeout_s, advice)
        return stack.enter_context(service)

    def _properties(self) -> dict[str, Any]:
        """Give librdkafka's properties."""
        settings = self._settings
        protocol = settings.security_protocol or ("SASL_SSL" if settings.user else "PLAINTEXT")
        found: dict[str, Any] = {
            "bootstrap.servers": ",".join(settings.brokers()),
            "security.protocol": protocol,
            "socket.timeout.ms": int(settings.timeout_s * 1_000),
        }
        if protocol.startswith("SASL"):
            if settings.password is None:
                raise PasswordNeededError(self.namespace)
            found |= {"sasl.mechanism": settings.sasl_mechanism, "sasl.username": settings.user or ""}
            found |= {"sasl.password": settings.password.get_secret_value()}
        if settings.ssl_ca_location:
            found["ssl.ca.location"] = str(settings.ssl_ca_location)
        return found


def _answering(session: _Session) -> Iterator[str]:
    if session.registry:
        yield f"schemas of {session.registry.subject_count()} subjects"
    for workers in session.workers:
        yield f"connectors of Kafka Connect {workers.version()}"


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _pairs(text: str | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in _listed(text):
        topic, _, subject = pair.partition(":")
        found.setdefault(topic, []).append(subject)
    return found
