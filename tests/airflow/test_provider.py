"""What Airflow reads of the provider."""

import json
from importlib.resources import files

import jsonschema
import pytest

pytestmark = [pytest.mark.airflow, pytest.mark.filterwarnings("ignore")]


def test_provider_info_has_airflows_form(airflow_home):
    from nexus_operators.provider import provider_info

    schema = json.loads((files("airflow") / "provider_info.schema.json").read_text())
    jsonschema.validate(provider_info(), schema)


def test_airflow_knows_connection_link_and_settings(airflow_home):
    from airflow.configuration import conf
    from airflow.providers_manager import ProvidersManager

    manager = ProvidersManager()
    assert manager.hooks["lineage_nexus"].hook_name == "LineageNexus"
    assert manager.field_behaviours["lineage_nexus"]["relabeling"]["password"] == "API token"
    assert "nexus_operators.link.LineageNexusLink" in manager.extra_links_class_names
    conf.load_providers_configuration()
    assert conf.get("lineage_nexus", "public_url", fallback=None) in (None, "")


def test_every_kind_has_a_table_and_an_installed_connector(airflow_home):
    from nexus_core.connectors.registry import installed
    from nexus_operators.connections import SETTINGS

    by_kind = {each.kind: each.connector for each in installed()}
    assert set(SETTINGS) == set(by_kind)
    for kind, table in SETTINGS.items():
        assert set(table.values()) <= set(by_kind[kind].settings_type.model_fields)


def test_a_connection_becomes_settings_and_what_is_empty_stays_out(airflow_home):
    from airflow.sdk import Connection

    from nexus_operators.connections import connector_settings

    full = Connection(
        conn_id="c", conn_type="postgres", host="db", port=5433, login="u", password="p", schema="shop",
        extra='{"sslmode": "require", "keepalives": 5}',
    )  # fmt: skip
    assert connector_settings("postgresql", full) == {
        "host": "db", "port": 5433, "user": "u", "password": "p", "database": "shop", "sslmode": "require",
    }  # fmt: skip
    assert connector_settings("postgresql", Connection(conn_id="c", conn_type="postgres", host="db")) == {"host": "db"}
