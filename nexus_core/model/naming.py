"""Canonical names: one dataset has one id, however producers spell it.

Follows OpenLineage's naming rules (spec/Naming.md): `scheme://host:port` and a dotted name. On top of them: one
scheme for all its spellings, the default port written out, hosts in lower case, lists of hosts in order, one name for
the loopback host, no user in a namespace, and names in the case in which a platform stores unquoted identifiers, where
it compares them without regard to case (model.platforms). All pure and idempotent; unknown platforms are left as they
are. Aliases that stewards accept come on top and are events (model.aliases).
"""

from __future__ import annotations

import re
from functools import lru_cache

from nexus_core.model import naming_hosts as hosts
from nexus_core.model.names import DatasetName
from nexus_core.model.naming_tables import bigquery_table, dotted_name, glue_table, key, path, stage_name
from nexus_core.model.platforms import PLATFORMS, SCHEMES, UNKNOWN, Form, Platform

_NAMESPACE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<hosts>[^/]*)(?P<rest>.*)", re.DOTALL)
_ARN = re.compile(r"arn:[^:]*:(?P<service>[^:]+):.*", re.DOTALL | re.IGNORECASE)
_WITHOUT_HOST = frozenset({"bigquery", "file"})


@lru_cache(maxsize=16_384)
def canonical(dataset: DatasetName) -> DatasetName:
    """Give the one name of a dataset."""
    namespace = canonical_namespace(dataset.namespace)
    found = DatasetName(namespace, _name(platform(namespace), dataset.name))
    return dataset if found == dataset else found


@lru_cache(maxsize=4_096)
def canonical_namespace(namespace: str) -> str:
    """Give the one spelling of a namespace: `postgresql://LOCALHOST` is `postgres://127.0.0.1:5432`."""
    name = platform(namespace)
    if name not in PLATFORMS:
        return namespace
    if name == "glue":
        return namespace.lower()
    match = _NAMESPACE.fullmatch(namespace)
    if match is None:
        return name if name in _WITHOUT_HOST and namespace.rstrip(":/").lower() == name else namespace
    authority = _authority(name, match["hosts"])
    rest = "" if name == "snowflake" else match["rest"].rstrip("/")
    if name in _WITHOUT_HOST and not rest and authority in ("", *hosts.LOOPBACK):
        return name
    return f"{name}://{authority}{rest}"


def canonical_field(namespace: str, field: str) -> str:
    """Give the one spelling of a field of a dataset in `namespace`; SQL Server keeps the case written."""
    rules = rules_of(namespace)
    return rules.fold(field) if rules.fold and rules.folds_fields else field


@lru_cache(maxsize=4096)
def platform(namespace: str) -> str:
    """Give the platform that a namespace names: its scheme, an ARN's service, else its text up to the first colon."""
    if match := _ARN.fullmatch(namespace):
        return match["service"].lower()
    return _scheme(namespace.partition("://")[0].partition(":")[0])


@lru_cache(maxsize=4096)
def rules_of(namespace: str) -> Platform:
    """Give the naming rules of a namespace's platform."""
    return PLATFORMS.get(platform(namespace), UNKNOWN)


def _scheme(text: str) -> str:
    """Give the scheme that stands for a spelling; `mysql+pymysql` names a driver, which is nobody's identity."""
    lower = text.lower()
    bare = lower if lower in SCHEMES else lower.partition("+")[0]
    known = SCHEMES.get(bare, bare)
    return known if known in PLATFORMS else SCHEMES.get(lower, lower)


def _authority(name: str, text: str) -> str:
    rules = PLATFORMS[name]
    if name == "snowflake":
        return hosts.snowflake_account(text)
    if rules.form is Form.KEY:
        return hosts.container(text)
    found = (hosts.host(part, rules.port, rules.hidden_port) for part in text.partition(";")[0].split(","))
    if name == "redshift":
        found = (hosts.redshift_cluster(host) for host in found)
    return ",".join(sorted(set(found)))


def _name(name: str, text: str) -> str:
    rules = PLATFORMS.get(name, UNKNOWN)
    if name == "glue":
        return glue_table(text)
    if name == "bigquery":
        return bigquery_table(text)
    if name == "snowflake" and text.startswith("@"):
        return stage_name(text, rules)
    if rules.form is Form.DOTTED:
        return dotted_name(text, rules)
    if rules.form is Form.KEY:
        return key(text)
    return path(text) if rules.form is Form.PATH else text
