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


def test_each_kind_has_a_connection_type_with_its_settings_as_fields(airflow_home):
    from airflow.providers_manager import ProvidersManager

    from nexus_operators.connections import OWN_TYPE, SETTINGS

    manager = ProvidersManager()
    for kind in SETTINGS:
        hook = manager.hooks[f"{OWN_TYPE}{kind}"]
        assert hook is not None, kind
        assert hook.connection_type == f"{OWN_TYPE}{kind}"
        assert "extra" in manager.field_behaviours[f"{OWN_TYPE}{kind}"]["hidden_fields"]
    widgets = manager.connection_form_widgets
    assert widgets["extra__lineage_nexus_postgresql__sslmode"].field["schema"]["enum"][0] == "disable"
    assert widgets["extra__lineage_nexus_postgresql__usage"].field["schema"]["type"] == ["boolean", "null"]


def test_connection_types_are_those_of_the_connectors(airflow_home):
    """Run `python tools/connection_types.py` where this fails."""
    from tools.connection_types import FILE, connection_types

    assert json.loads(FILE.read_text(encoding="utf-8")) == connection_types()


def test_a_connection_of_our_own_type_gives_every_setting(airflow_home):
    from airflow.sdk import Connection

    from nexus_operators.connections import connector_settings

    own = Connection(
        conn_id="c", conn_type="lineage_nexus_postgresql", host="db", login="u", password="p", schema="shop",
        extra='{"sslmode": "require", "query_log_days": 3, "log_path": ""}',
    )  # fmt: skip
    assert connector_settings("postgresql", own) == {
        "host": "db", "user": "u", "password": "p", "database": "shop", "sslmode": "require", "query_log_days": 3,
    }  # fmt: skip


def test_a_source_hook_tries_its_connection(airflow_home, monkeypatch):
    from nexus_operators import sources
    from nexus_operators.connections import hook_name
    from nexus_operators.sources import SourceHook

    monkeypatch.setenv("AIRFLOW_CONN_GONE", '{"conn_type": "lineage_nexus_postgresql", "host": "127.0.0.1", "port": 1}')
    hook = getattr(sources, hook_name("postgresql"))("gone")
    assert isinstance(hook, SourceHook)
    works, told = hook.test_connection()
    assert not works
    assert told.startswith("postgres://127.0.0.1:1/postgres: ")


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
