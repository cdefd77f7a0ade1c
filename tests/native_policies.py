"""A table with policies, as each engine's catalogue has it."""

from __future__ import annotations

from collections.abc import Mapping

from nexus_core.masking.native.engines import Engine
from nexus_core.masking.native.tables import Told
from nexus_core.model.names import DatasetName
from nexus_core.model.policy import Column, Mask, MaskKind, Match, Policy, PolicySet, RowFilter

FIELDS: Mapping[str, str | None] = {
    "id": "Public",
    "email": "PII",
    "pay": "Confidential",
    "age": "Confidential",
    "born": "Confidential",
    "phone": "Confidential",
    "region": "Public",
    "secret": None,
}
TYPES: Mapping[Engine, tuple[str, ...]] = {
    Engine.SNOWFLAKE: (
        *("NUMBER(10,0)", "VARCHAR(100)", "NUMBER(12,2)", "NUMBER(3,0)"),
        *("DATE", "VARCHAR", "VARCHAR", "VARIANT"),
    ),
    Engine.BIGQUERY: ("INT64", "STRING(100)", "NUMERIC(12, 2)", "INT64", "DATE", "STRING", "STRING", "STRING"),
    Engine.SQLSERVER: (
        *("int", "nvarchar(80)", "decimal(12,2)", "tinyint"),
        *("date", "nvarchar(40)", "nvarchar(max)", "int"),
    ),
    Engine.MYSQL: (
        *("int(11)", "varchar(80)", "decimal(12,2)", "tinyint(3) unsigned"),
        *("date", "varchar(40)", "varchar(20)", "text"),
    ),
}
NAMES = {
    Engine.SNOWFLAKE: "SHOP.CORE.orders",
    Engine.BIGQUERY: "demo.core.orders",
    Engine.SQLSERVER: "shop.dbo.orders",
    Engine.MYSQL: "shop.orders",
}


def policy(name: str, field: str, kind: MaskKind, *roles: str, **parameters: str) -> Policy:
    return Policy(name, Match(fields=(field,)), Mask(kind, tuple(sorted(parameters.items()))), frozenset(roles))


POLICIES = PolicySet(
    (
        policy("email", "email", MaskKind.PARTIAL, "steward", shape="email"),
        policy("pay", "pay", MaskKind.ROUND, "hr", digits="-3"),
        policy("age", "age", MaskKind.BUCKET, "steward", size="10.0"),
        policy("born", "born", MaskKind.TRUNCATE, "steward", to="year"),
        policy("phone", "phone", MaskKind.PARTIAL, "steward", shape="phone"),
        policy("phone-2", "phone", MaskKind.NULL, "steward", "hr"),
    ),
    (RowFilter("eu", ("*orders",), "region IN ('EU', 'UK') AND NOT pay < 10", frozenset({"steward"})),),
)


def told(kind: Engine, fields: Mapping[str, str | None] = FIELDS, name: str | None = None) -> Told:
    dataset = DatasetName(kind, name or NAMES[kind])
    types: dict[str, str | None] = dict(zip(fields, TYPES[kind], strict=False))
    return Told(dataset, "table", [Column(dataset, each, of) for each, of in fields.items()], types)
