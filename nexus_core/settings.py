"""Settings of one process: built once at its entry point from `NEXUS_*` variables and handed down.

No setting alters the graph: what does (aliases, default schemas, rules) is an event in the log.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from nexus_core.errors import ConfigurationError

_SERVICE_LINK = re.compile(r"_(SERVICE_(HOST|PORT.*)|PORT(_\d+_.*)?)$")

_NAMED = re.compile(r"^(NEXUS_(?:SSO__(?:OIDC|SAML)|PROXY__SOURCES)__)[A-Z0-9_]+?(__[A-Z0-9_]+)$")
"""Settings of named things: what stands for NAME in `known_variables`."""

_OF_CHECKS = ("NEXUS_TEST_", "NEXUS_CHECK_")  # read by tests and outside checks, whose child processes inherit them


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ApiSettings(_Group):
    """Where the API listens, and its limits."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, description="Port to listen on.")
    public_url: str | None = Field(None, description="URL that users see, if a proxy stands before the API.")
    event_max_bytes: int = Field(16 * 2**20, description="Most bytes of one decoded ingestion request.")
    pending_max_events: int = Field(200_000, description="Accepted, unmerged events from which ingestion answers 503.")
    session_hours: int = Field(12, description="Hours after which a browser session ends.")
    harvest_overdue_hours: float = Field(
        26.0,
        gt=0,
        description="Hours after its last whole harvest from which a source counts as overdue in `/metrics`.",
    )
    assertion_keys: Path | None = Field(
        None, description="Folder of public keys `ISSUER.pem` whose assertions name Airflow users (docs/airflow.md)."
    )


class StoreSettings(_Group):
    """The SQL store and, embedded, the event log."""

    url: str | None = Field(
        None, description="`postgresql://USER:PASSWORD@HOST/DATABASE`; absent: SQLite in the data folder."
    )


class EventLogSettings(_Group):
    """Where accepted events lie: in the SQL store, or in a topic of Kafka that the store indexes."""

    kind: Literal["sql", "kafka"] = Field("sql", description="`sql`: in the store; `kafka`: in a topic of Kafka.")
    bootstrap_servers: str | None = Field(None, description="Kafka's brokers to begin with, `HOST:PORT,…`.")
    topic: str = Field("lineage-nexus-events", description="Kafka's topic; made at the first start if it is absent.")
    options: dict[str, str] = Field(
        {}, description="Kafka client properties of security and network, as JSON; secrets as `env:NAME`, `file:PATH`."
    )
    replication_factor: int = Field(3, ge=1, description="Least replicas of the topic on Kafka's brokers.")
    min_insync_replicas: int = Field(2, ge=1, description="Least replicas that must hold an event before its answer.")
    timeout_s: float = Field(10.0, gt=0, description="Seconds after which Kafka counts as unavailable.")


class GraphSettings(_Group):
    """Neo4j: given by URI, or embedded as a child process of `nexus up`."""

    uri: str | None = Field(None, description="Bolt URI of a Neo4j; absent: the embedded one.")
    user: str = Field("neo4j", description="Neo4j user.")
    password: SecretStr | None = Field(None, description="Neo4j password; embedded: made at first start.")
    heap_mb: int = Field(384, description="Java heap of the embedded Neo4j, in MiB.")
    jars_url: str | None = Field(
        None, description="Maven repository of the embedded Neo4j; absent: mirror of ~/.m2/settings.xml, or Central."
    )
    page_cache_mb: int = Field(128, description="Page cache of the embedded Neo4j, in MiB.")
    query_timeout_s: float = Field(30.0, description="Seconds after which any graph query is stopped.")


class SecretsSettings(_Group):
    """The key that seals what must not lie in clear."""

    key: SecretStr | None = Field(
        None, description="32 bytes, base64; embedded: file `secrets-key` in the data folder."
    )
    keys_url: str | None = Field(
        None, description="Database of the keys of events, apart from the store; embedded: file `event-keys.db`."
    )


class SpoolSettings(_Group):
    """The durable spool between Airflow's tasks and the API."""

    path: Path | None = Field(None, description="Folder of the spool, on a persistent file system.")
    ephemeral: bool = Field(False, description="The folder is lost with the pod: ship before the task ends.")
    max_bytes: int = Field(2**30, description="Size from which the spool refuses events.")
    url: str | None = Field(None, description="URL of the LineageNexus API that the forwarder ships to.")
    token: str | None = Field(None, description="Reference to the API token: `env:NAME` or `file:PATH`.")


class WorkerSettings(_Group):
    """The worker that merges events into the graph."""

    batch_events: int = Field(256, description="Most events merged in one round.")
    parse_seconds: float = Field(30.0, description="Wall time after which a parse is stopped and tried again.")
    parse_memory_mb: int = Field(1024, description="Memory of a parse process, in MiB.")
    parse_processes: int = Field(
        0, ge=0, le=64, description="Most parse processes at once; 0: as many as there are cores, at most 4."
    )
    usage_days: int = Field(
        90, ge=0, description="Days for which it is kept which account read which columns; 0: it is not kept."
    )


class RetentionSettings(_Group):
    """What `nexus compact` proposes to forget, and what is shown as stale; decisions in the log make it so."""

    history_days: int | None = Field(
        None, ge=1, description="Days of history that `nexus compact` keeps; absent: all of it."
    )
    stale_runs: int = Field(
        10, ge=1, description="Runs of a job without one of its outputs after which the output is shown as stale."
    )
    stale_days: int = Field(30, ge=1, description="Days between an output's last run and later ones with that effect.")
    belief_days: int | None = Field(
        None, ge=1, description="Days of former beliefs (`known_at`) that it keeps; absent: as of history, never more."
    )


class AuditSettings(_Group):
    """The audit log's signer; what is signed is checked with `nexus audit verify`."""

    key: Path | None = Field(
        None, description="File of the signer's Ed25519 key, PEM; embedded: `audit-key` in the data folder."
    )
    previous_key: Path | None = Field(
        None, description="File of the key before `key`, which hands over to it when the signer starts, PEM."
    )
    name: str = Field("lineage-nexus", pattern=r"^[^\s+]+$", description="Name that checkpoints carry.")
    checkpoint_seconds: float = Field(60.0, gt=0, description="Seconds after which what is new is signed.")
    witnesses: tuple[str, ...] = Field(
        (), description="Where checkpoints go, outside of the platform's trust: `file:PATH` or `https://…`, as JSON."
    )
    time_stamps: str | None = Field(None, description="URL of an authority that stamps checkpoints by RFC 3161.")
    time_stamp_roots: Path | None = Field(None, description="Certificates that its stamps must lead to, PEM.")
    time_stamp_seconds: float = Field(3600.0, gt=0, description="Seconds between two time stamps, at least.")
    retention_url: str | None = Field(
        None, description="The store's URL as the role that may delete sealed parts; absent: as always."
    )


class OidcSettings(_Group):
    """An OpenID Connect provider; NAME in its variables is a name of one's choice, which is part of its addresses."""

    issuer: str = Field(description="The provider's issuer, an https URL below which its discovery document lies.")
    client_id: str = Field(description="The client that LineageNexus is there.")
    client_secret: str | None = Field(
        None, description="Reference to the client's secret: `env:NAME` or `file:PATH`; absent: a public client."
    )
    title: str = Field("", description="What the sign-in page calls it; absent: its name.")
    scopes: str = Field("openid profile email", description="Scopes that are asked for.")
    name_claim: str = Field("preferred_username", description="Claim with the name that is shown.")
    groups_claim: str = Field("groups", description="Claim with the groups of who signs in.")
    groups_prefix: str = Field("", description="Put before its groups' names, to tell them from another's.")
    step_up_acr: str = Field(
        "",
        description="Claim `acr` of the sign-in that it takes to govern; absent: any does.",
    )


class SamlSettings(_Group):
    """A SAML 2.0 identity provider; NAME in its variables is a name of one's choice, part of its addresses."""

    metadata: str = Field(description="The provider's metadata: `file:PATH` or an https URL.")
    entity_id: str | None = Field(None, description="What LineageNexus is called there; absent: its metadata's URL.")
    key: str | None = Field(
        None, description="Reference to a private key in PEM that signs our requests: `env:NAME` or `file:PATH`."
    )
    certificate: str | None = Field(None, description="Reference to that key's certificate in PEM.")
    title: str = Field("", description="What the sign-in page calls it; absent: its name.")
    name_attribute: str = Field("username", description="Attribute with the name that is shown; absent: the NameID.")
    email_attribute: str = Field("email", description="Attribute with the e-mail address.")
    groups_attribute: str = Field("groups", description="Attribute with the groups of who signs in.")
    groups_prefix: str = Field("", description="Put before its groups' names, to tell them from another's.")


class MetricsSettings(_Group):
    """Where processes other than the API show their figures and that they live; the API does so at its own port."""

    host: str = Field("127.0.0.1", description="Address at which a process other than the API shows its figures.")
    port: int | None = Field(
        None, description="Port of its `/metrics` and `/health/live`; absent: it shows none. Each process has its own."
    )


class TracesSettings(_Group):
    """Where traces go; an endpoint needs the extra `otel`."""

    endpoint: str | None = Field(
        None, description="OTLP over HTTP, such as `http://otel-collector:4318`; absent: no traces are made."
    )
    ratio: float = Field(0.1, ge=0, le=1, description="Share of events and requests that are traced.")


class SsoSettings(_Group):
    """Identity providers that people sign in by (docs/sso.md)."""

    oidc: dict[str, OidcSettings] = Field({}, description="OpenID Connect providers, each by a name.")
    saml: dict[str, SamlSettings] = Field({}, description="SAML 2.0 identity providers, each by a name.")
    session_minutes: int = Field(
        60, ge=1, description="How long sessions by a provider last whose groups only sign-ins tell."
    )
    step_up_minutes: int = Field(
        10, ge=1, description="How long a sign-in with a provider's STEP_UP_ACR lets one govern."
    )


class ProxySourceSettings(_Group):
    """A PostgreSQL database that the masking proxy serves; NAME in its variables is what clients call it."""

    url: str = Field(description="`postgresql://USER@HOST:PORT/DATABASE`; USER is the reconciler's role there.")
    password: str | None = Field(
        None, description="Reference to the reconciler's password: `env:NAME` or `file:PATH`; proxies need none."
    )
    namespace: str | None = Field(
        None, description="Its namespace in the catalogue, if the host goes by another name there."
    )


class ProxySettings(_Group):
    """The masking proxy and the sources that it serves (docs/proxy.md)."""

    key: str | None = Field(
        None,
        description="Reference to the key that seals passwords of profiles, 32 bytes in base64; embedded: file "
        "`proxy-key`.",
    )
    sources: dict[str, ProxySourceSettings] = Field({}, description="Sources that are served, each by a name.")
    host: str = Field("127.0.0.1", description="Address that the proxy listens on.")
    port: int = Field(6432, description="Port that it listens on.")
    processes: int = Field(1, ge=1, le=256, description="Processes that share the port; limits hold for each.")
    tls_certificate: Path | None = Field(
        None, description="File of the certificate, PEM; embedded: `proxy-certificate.pem` in the data folder."
    )
    tls_key: Path | None = Field(None, description="File of the certificate's key, PEM.")
    tls_required: bool = Field(True, description="Refuse who connects without TLS.")
    sessions_max: int = Field(500, ge=1, description="Most sessions.")
    sessions_per_user: int = Field(20, ge=1, description="Most sessions of one person.")
    statement_bytes: int = Field(2**20, ge=1024, description="Most bytes of a statement.")
    statement_seconds: float = Field(3600.0, gt=0, description="Seconds after which a statement is cancelled.")
    idle_seconds: float = Field(3600.0, gt=0, description="Seconds after which an idle session ends.")
    idle_transaction_seconds: float = Field(
        600.0, gt=0, description="Seconds after which a session that is idle in a transaction ends."
    )
    session_hours: float = Field(12.0, gt=0, description="Hours after which a session ends, once it is idle.")
    login_seconds: float = Field(30.0, gt=0, description="Seconds within which a client must have logged in.")
    drain_seconds: float = Field(30.0, ge=0, description="Seconds that transactions have to end when the proxy stops.")


class EgressSettings(_Group):
    """Where our own HTTP clients and the connectors may go."""

    allow_hosts: tuple[str, ...] = Field((), description="Hosts or CIDR ranges allowed beside public addresses.")


class Settings(BaseSettings):
    """All settings. Raises ConfigurationError by `load`, naming each unknown or wrong variable."""

    model_config = SettingsConfigDict(env_prefix="NEXUS_", env_nested_delimiter="__", frozen=True, extra="forbid")

    data_dir: Path = Field(Path(".nexus"), description="Folder of everything embedded: store, log, Neo4j, keys, logs.")
    cache_dir: Path = Field(
        Path("~/.cache/lineage-nexus"), description="Folder of downloads, shared by all data folders."
    )
    log_level: str = Field("INFO", description="Least level that is logged.")
    api: ApiSettings = ApiSettings()
    store: StoreSettings = StoreSettings()
    eventlog: EventLogSettings = EventLogSettings()
    graph: GraphSettings = GraphSettings()
    secrets: SecretsSettings = SecretsSettings()
    spool: SpoolSettings = SpoolSettings()
    worker: WorkerSettings = WorkerSettings()
    retention: RetentionSettings = RetentionSettings()
    audit: AuditSettings = AuditSettings()
    metrics: MetricsSettings = MetricsSettings()
    traces: TracesSettings = TracesSettings()
    sso: SsoSettings = SsoSettings()
    proxy: ProxySettings = ProxySettings()
    egress: EgressSettings = EgressSettings()

    @classmethod
    def load(cls, **given: Any) -> Settings:
        """Read the environment, refusing `NEXUS_*` names that mean nothing (pydantic ignores them silently)."""
        _refuse_unknown(os.environ)
        try:
            return cls(**given)
        except ValidationError as error:
            first = error.errors()[0]
            name = "NEXUS_" + "__".join(str(part) for part in first["loc"]).upper()
            raise ConfigurationError(
                f"{name}: {first['msg']}", "See `nexus settings` for names and meanings"
            ) from error

    @property
    def store_url(self) -> str:
        """SQLAlchemy's async URL of the store."""
        return self.store.url or f"sqlite+aiosqlite:///{self.data_dir.expanduser().absolute() / 'nexus.db'}"


def known_variables() -> dict[str, tuple[str, Any]]:
    """Give every variable with its meaning and default; those of named things have NAME in the name's place."""
    known: dict[str, tuple[str, Any]] = {}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, _Group):
            known |= _variables(f"NEXUS_{name}", type(field.default))
        else:
            known[f"NEXUS_{name}".upper()] = (field.description or "", field.default)
    return known


def _variables(prefix: str, group: type[_Group]) -> dict[str, tuple[str, Any]]:
    found: dict[str, tuple[str, Any]] = {}
    for name, field in group.model_fields.items():
        named = _named_group(field.annotation)
        if named is not None:
            found |= _variables(f"{prefix}__{name}__NAME", named)
        else:
            default = None if field.is_required() else field.default
            found[f"{prefix}__{name}".upper()] = (field.description or "", default)
    return found


def _named_group(annotation: Any) -> type[_Group] | None:
    """Give the group of a setting that is a group by name."""
    given = get_args(annotation)
    if get_origin(annotation) is dict and isinstance(given[1], type) and issubclass(given[1], _Group):
        return given[1]
    return None


def _refuse_unknown(environ: os._Environ[str] | dict[str, str]) -> None:
    known = known_variables()
    for name in environ:
        ours = name.startswith("NEXUS_") and not name.startswith(_OF_CHECKS) and not _SERVICE_LINK.search(name)
        if ours and _NAMED.sub(r"\1NAME\2", name) not in known:
            raise ConfigurationError(f"{name} is no setting", "Remove it, or see `nexus settings` for the names")
