"""What configs of Kafka Connect connectors say of lineage, and that they give no secret away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexus_core.connectors._kafka_databases import of_jdbc
from nexus_core.connectors._kafka_flows import Surroundings
from nexus_core.connectors._kafka_kinds import flows
from nexus_core.connectors._kafka_redaction import HIDDEN, shown
from nexus_core.connectors._kafka_transforms import Record, applied
from nexus_core.connectors.objects import SourceField
from nexus_core.model.naming import canonical

CONFIGS = json.loads((Path(__file__).parents[2] / "golden" / "harvest" / "kafka" / "connectors.json").read_text())
SMT = "org.apache.kafka.connect.transforms."


def plain(*names: str) -> tuple[SourceField, ...]:
    return tuple(SourceField(name, "string") for name in names)


def told(config: Mapping[str, str], active: tuple[str, ...] = (), **topics: tuple[SourceField, ...]) -> dict[str, str]:
    """Ends of all links, as `TARGET.FIELD` → `SOURCE.FIELD`, and of flows without links."""
    around = Surroundings("kafka://k:9092", topics, active, lambda topic: topics.get(topic, ()))
    found = {}
    for flow in flows(config, around)[0]:
        found[flow.target.name if flow.target else "?"] = flow.source.name if flow.source else "?"
        assert flow.target is None or canonical(flow.target) == flow.target
        assert flow.source is None or canonical(flow.source) == flow.source
        for link in flow.links:
            assert flow.target is not None
            found[f"{flow.target.name}.{link.field}"] = f"{link.source.name}.{link.source_field}"
    return found


def transformed(topic: str, *fields: str, **config: str) -> Record:
    given = {"transforms": "a"} | {f"transforms.a.{name.replace('__', '.')}": value for name, value in config.items()}
    return applied(given, Record(topic, {each: each for each in fields}))


def test_routers_rename_whole_topics_as_java_does() -> None:
    routed = transformed("db.shop.orders", type=SMT + "RegexRouter", regex=r"db\.(\w+)\.(.*)", replacement="$1_${2}")
    assert routed.topic == "shop_orders"
    assert transformed("other", type=SMT + "RegexRouter", regex="db.*", replacement="x").topic == "other"
    assert transformed("a", type=SMT + "RegexRouter", regex="(", replacement="x").topic is None
    assert transformed("a", type=SMT + "TimestampRouter").topic is None


def test_fields_are_renamed_dropped_masked_and_flattened() -> None:
    renamed = transformed("t", "a", "b", "c", type=SMT + "ReplaceField$Value", renames="a:x", exclude="c")
    assert renamed.fields == {"x": "a", "b": "b"}
    assert transformed("t", "a", "b", type=SMT + "MaskField$Value", fields="a").fields == {"b": "b"}
    flat = transformed("t", "a", "a.b", "a.b.c", type=SMT + "Flatten$Value", delimiter="_")
    assert flat.fields == {"a_b_c": "a.b.c"}
    after = transformed("t", "after", "after.id", "before.id", type="io.debezium.transforms.ExtractNewRecordState")
    assert after.fields == {"id": "after.id"}
    assert transformed("t", "a", "a.b", type=SMT + "ExtractField$Value", field="a").fields == {"b": "a.b"}
    assert transformed("t", "a", "_key.a", type=SMT + "ReplaceField$Key", renames="a:x").fields == {"a": "a"}


def test_what_is_unknown_stays_unknown() -> None:
    assert transformed("t", "a", type="com.acme.Secret") == Record(None, None)


def test_a_predicate_on_the_topic_decides() -> None:
    config = {
        "predicates": "p",
        "predicates.p.type": SMT + "predicates.TopicNameMatches",
        "predicates.p.pattern": "shop.*",
        "transforms": "a",
        "transforms.a.type": SMT + "RegexRouter",
        "transforms.a.regex": "(.*)",
        "transforms.a.replacement": "new.$1",
        "transforms.a.predicate": "p",
    }
    assert applied(config, Record("shop.x", {})).topic == "new.shop.x"
    assert applied(config, Record("web.x", {})).topic == "web.x"
    assert applied(config | {"transforms.a.negate": "true"}, Record("web.x", {})).topic == "new.web.x"
    other = config | {"predicates.p.type": SMT + "predicates.RecordIsTombstone"}
    assert applied(other, Record("shop.x", {})).topic is None


def test_debezium_reads_the_tables_that_its_topics_name() -> None:
    config = {
        "connector.class": "io.debezium.connector.mysql.MySqlConnector",
        "database.hostname": "DB",
        "topic.prefix": "p",
        "table.include.list": r"shop\..*",
    }
    topics = {"p.shop.orders": plain("after"), "p.other.x": (), "p": (), "web": ()}
    assert told(config, **topics) == {"p.shop.orders": "shop.orders"}


@pytest.mark.parametrize(
    ("url", "table", "expected"),
    [
        ("jdbc:mysql://h/shop?password=x", "orders", ("mysql://h:3306", "shop.orders")),
        ("jdbc:postgresql://h:5433/shop?currentSchema=core", "orders", ("postgres://h:5433", "shop.core.orders")),
        ("jdbc:postgresql://h/shop", "raw.orders", ("postgres://h:5432", "shop.raw.orders")),
        ("jdbc:sqlserver://h;databaseName=Shop;password=x", "Orders", ("sqlserver://h:1433", "shop.dbo.orders")),
        ("jdbc:oracle:thin:@//h:1521/ORCL", "CORE.ORDERS", ("oracle://h:1521", "ORCL.CORE.ORDERS")),
        ("jdbc:oracle:thin:@h:1521:ORCL", "CORE.ORDERS", ("oracle://h:1521", "ORCL.CORE.ORDERS")),
    ],
)
def test_jdbc_urls_name_tables(url: str, table: str, expected: tuple[str, str]) -> None:
    database = of_jdbc(url)
    assert database
    name = database.table(table)
    assert name
    assert (name.namespace, name.name) == expected


@pytest.mark.parametrize("url", ["", "jdbc:", "jdbc:acme://h/x", "jdbc:postgresql://a,b/x", "jdbc:oracle:oci:@x"])
def test_other_jdbc_urls_name_nothing(url: str) -> None:
    assert of_jdbc(url) is None


def test_a_query_names_a_table_only_if_it_is_the_only_one() -> None:
    config = {
        "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
        "connection.url": "jdbc:postgresql://h/shop",
        "topic.prefix": "q",
    }
    assert told(config | {"query": "SELECT a, b FROM core.orders WHERE a > 1"}, q=()) == {"q": "shop.core.orders"}
    assert told(config | {"query": "SELECT a FROM x JOIN y ON x.a = y.a"}, q=()) == {"q": "?"}


def test_snowflake_keeps_records_whole_unless_told_otherwise() -> None:
    config = dict(CONFIGS["orders-snowflake"]) | {"topics": "orders", "transforms": ""}
    fields = plain("id")
    assert told(config, orders=fields)["RAW.SHOP.ORDERS.ID"] == "orders.id"
    config["snowflake.enable.schematization"] = "false"
    assert told(config, orders=fields)["RAW.SHOP.ORDERS.RECORD_CONTENT"] == "orders.id"
    assert told(config | {"topics": "my-orders"}, **{"my-orders": fields}) == {"?": "my-orders"}


def test_debezium_s_own_sink_opens_envelopes() -> None:
    config = {
        "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
        "topics": "p.shop.orders",
        "connection.url": "jdbc:postgresql://h/dwh",
        "primary.key.mode": "record_key",
    }
    fields = (
        SourceField("after", "Value", fields=plain("id", "total")),
        SourceField("_key", "Key", fields=plain("id")),
    )
    assert told(config, **{"p.shop.orders": fields}) == {
        "dwh.public.p_shop_orders": "p.shop.orders",
        "dwh.public.p_shop_orders.id": "p.shop.orders._key.id",
        "dwh.public.p_shop_orders.total": "p.shop.orders.after.total",
    }


def test_no_secret_is_shown() -> None:
    for config in CONFIGS.values():
        assert "s3cret-canary" not in shown(config)
        assert config["connector.class"] in shown(config)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("connection.uri", "mongodb+srv://me:s3cret@c.example.com/db?x=s3cret", "mongodb+srv://c.example.com/db"),
        ("connection.url", "jdbc:mysql://h:3306/shop?user=a&password=s3cret", "jdbc:mysql://h:3306/shop"),
        ("connection.url", "jdbc:oracle:thin:me/s3cret@h:1521/x", HIDDEN),
        ("database.hostname", "//me:s3cret@h", HIDDEN),
        ("transforms.x.secret", "s3cret", HIDDEN),
    ],
)
def test_addresses_lose_what_is_secret(name: str, value: str, expected: str) -> None:
    assert json.loads(shown({name: value})) == {name: expected}


@settings(max_examples=20)
@given(config=st.dictionaries(st.sampled_from(sorted({key for each in CONFIGS.values() for key in each})), st.text()))
@pytest.mark.parametrize("kind", sorted({each["connector.class"] for each in CONFIGS.values()}))
def test_any_config_is_understood_or_not(kind: str, config: dict[str, str]) -> None:
    told({**config, "connector.class": kind}, **{"shop.x": plain("a")})
    shown(config)
