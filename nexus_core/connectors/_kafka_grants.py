"""The rights that reading a Kafka cluster takes, and which of them are missing."""

from __future__ import annotations

from collections.abc import Iterator

from nexus_core.connectors._kafka_cluster import Cluster
from nexus_core.connectors.objects import GrantAdvice

_COMMAND = "kafka-acls.sh --bootstrap-server … --add --allow-principal User:{user} --operation {operation} {on}"
_NEEDED = (
    ("Describe", "--cluster"),
    ("Describe", "--topic '*'"),
    ("DescribeConfigs", "--topic '*'"),
    ("Describe", "--group '*'"),
)
GRANTS = "\n".join(_COMMAND.format(user="nexus", operation=operation, on=on) for operation, on in _NEEDED)


def missing_rights(cluster: Cluster, user: str) -> Iterator[GrantAdvice]:
    """Tell which rights a user lacks; with the one on the cluster, brokers tell of all groups."""
    of_cluster, of_topics = cluster.rights()
    if "DESCRIBE" not in of_cluster:
        yield _advice("Describe on the cluster", "consumer groups that no right of their own shows", user, 0)
    if "DESCRIBE" not in of_topics and "DESCRIBE" not in of_cluster:
        yield _advice("Describe on topics", "topics, which are invisible without it", user, 1)
    elif of_topics and "DESCRIBE_CONFIGS" not in of_topics:
        yield _advice("DescribeConfigs on topics", "what topics are configured to keep", user, 2)


def _advice(missing: str, costs: str, user: str, needed: int) -> GrantAdvice:
    operation, on = _NEEDED[needed]
    return GrantAdvice(missing, costs, _COMMAND.format(user=user, operation=operation, on=on))
