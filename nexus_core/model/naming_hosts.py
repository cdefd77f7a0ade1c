"""The part of a namespace that names servers: hosts, accounts, clusters, containers. Pure and idempotent."""

from __future__ import annotations

import ipaddress
import re

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

_HOST = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{1,9}))?")
_REDSHIFT_HOST = re.compile(
    r"(?P<cluster>[^.:]+)\.[^.:]+\.(?P<region>[^.:]+)\.redshift(?:-serverless)?\.amazonaws\.com(?:\.cn)?(?P<port>:[0-9]+)?"
)
_SNOWFLAKE_DOMAIN = re.compile(r"(?:\.snowflakecomputing\.(?:com|cn)(?::[0-9]+)?)+$")


def host(text: str, port: int | None = None, hidden_port: int | None = None) -> str:
    """Give the one spelling of `[user@]host[:port]`: lower case, one name for loopback, the default port as told."""
    without_user = text.rpartition("@")[2]
    match = _HOST.fullmatch(without_user)
    if match is None or not match["host"]:
        return without_user
    name = _address(match["host"].lower())
    written = int(match["port"]) if match["port"] else port
    # The lexically least alias stands for all of them, as in every alias class (lineage.md §2).
    name = "127.0.0.1" if name in LOOPBACK else name
    return name if written is None or written == hidden_port else f"{name}:{written}"


def _address(name: str) -> str:
    """Give an IPv6 address in its short form, and a host's full name without the dot that ends it."""
    if name.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(name[1:-1])}]"
        except ValueError:
            return name
    return name.rstrip(".") or name


def redshift_cluster(text: str) -> str:
    """Give `CLUSTER.REGION:PORT` of a cluster's or workgroup's host, as OpenLineage names it."""
    match = _REDSHIFT_HOST.fullmatch(text)
    return f"{match['cluster']}.{match['region']}{match['port'] or ''}" if match else text


def snowflake_account(text: str) -> str:
    """Give an account: `ORG-ACCOUNT` with hyphens, else `LOCATOR.REGION.CLOUD`.

    Where a locator's region is left out it is Snowflake's first, which OpenLineage's producers write `us-west-1.aws`.
    """
    account = _SNOWFLAKE_DOMAIN.sub("", text.rpartition("@")[2].lower().rstrip("."))
    first, *rest = account.split(".")
    if not first or ":" in account:
        return account
    if "-" in first:
        return first.replace("_", "-")
    return ".".join([first, *(rest or ["us-west-1"]), *(["aws"] if len(rest) < 2 else [])])


def container(text: str) -> str:
    """Give a bucket as written, or `CONTAINER@HOST` with the host in lower case."""
    name, at, server = text.rpartition("@")
    return f"{name}@{host(server, None, 443)}" if at else text
