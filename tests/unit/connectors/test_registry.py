from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest
from openlineage.client.naming.dataset import Postgres

from nexus_core.connectors import installed, open_connector
from nexus_core.connectors.registry import GROUP
from nexus_core.errors import ConfigurationError, ForbiddenError


def test_a_connector_that_does_not_import_is_broken_with_its_cause() -> None:
    (found,) = installed([EntryPoint("odd", "nexus_core.connectors.odd:OddConnector", GROUP)])
    assert found.connector is None
    assert found.problem == "ModuleNotFoundError: No module named 'nexus_core.connectors.odd'"


def test_url_and_options() -> None:
    connector = open_connector("postgresql://u:p%40ss@db.example.com/shop?schemas=b,a", port=5433)
    assert (connector.namespace, connector.scope) == ("postgres://db.example.com:5433", "shop.a.*,shop.b.*")
    assert "p@ss" not in repr(connector)


@pytest.mark.parametrize(
    ("url", "namespace", "scope"),
    [
        ("postgresql://DB.example.com", "postgres://db.example.com:5432", "*"),
        ("postgresql", "postgres://localhost:5432", "*"),
        ("postgres:///shop?host=/run/postgresql", "postgres://localhost:5432", "shop.*"),
        ("postgresql://[::1]:6000/shop", "postgres://[::1]:6000", "shop.*"),
    ],
)
def test_names_of_sources(url: str, namespace: str, scope: str) -> None:
    connector = open_connector(url)
    assert (connector.namespace, connector.scope) == (namespace, scope)


def test_namespace_is_openlineages() -> None:
    named = Postgres("db.example.com", "5432", "shop", "core", "orders")
    assert open_connector("postgresql://db.example.com").namespace == named.get_namespace()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("oracle://h/d", "No connector reads oracle"),
        ("postgresql://u:s3cret@h:port/d", "cannot be read"),
        ("postgresql://u:s3cret@h/d?colour=s3cret", "colour"),
        ("postgresql://u:s3cret@h/d?sslmode=s3cret", "sslmode"),
        ("shop", "No connector reads shop"),
        ("", "No connector reads such a URL"),
    ],
)
def test_says_what_is_wrong_with_a_url_without_its_secrets(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as raised:
        open_connector(url)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1", "0.0.0.0"])
def test_private_hosts_need_leave_where_hosts_are_checked(host: str) -> None:
    with pytest.raises(ForbiddenError):
        open_connector(f"postgresql://{host}/d", allow_hosts=())
    assert open_connector(f"postgresql://{host}/d", allow_hosts=("0.0.0.0/0", "::/0"))


def test_sockets_and_lists_of_hosts_are_refused_where_hosts_are_checked() -> None:
    for host in ("/run/postgresql", "a,b"):
        with pytest.raises(ForbiddenError):
            open_connector("postgresql:///d", host=host, allow_hosts=("0.0.0.0/0",))
