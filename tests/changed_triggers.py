"""An estate whose triggers stand while a change is made, and the statements that run them (docs/impact.md)."""

from __future__ import annotations

from collections.abc import Iterator

from nexus_core.model.impact import Change, ChangeKind
from tests.changed_estate import Generated, Made, dataset, generated

_TRIGGERS = {
    "added": ("AFTER INSERT", "orders", "INSERT INTO kept (one, two) VALUES (NEW.order_id, NEW.amount)"),
    "paid": ("BEFORE UPDATE", "payments", "INSERT INTO kept (one) SELECT region_id FROM regions WHERE code = '1'"),
    "removed": ("BEFORE DELETE", "items", "UPDATE regions SET population = OLD.qty WHERE region_id = OLD.item_id"),
}
_OF_STATUS = ("AFTER UPDATE OF status", "orders", "INSERT INTO kept (one) VALUES (OLD.customer_id)")
_WRITERS = {
    "orders": (
        "INSERT INTO orders (order_id, status) VALUES (7, 'new')",
        "INSERT INTO orders (order_id) SELECT product_id FROM products",
        "UPDATE orders SET status = 'old'",
        "UPDATE orders SET paid = false WHERE order_id = 1",
        "DELETE FROM orders WHERE order_id = 1",
    ),
    "payments": (
        "UPDATE payments SET method = 'cash' WHERE payment_id = 2",
        "INSERT INTO payments (payment_id) VALUES (9)",
    ),
    "items": ("DELETE FROM items WHERE item_id = 2", "UPDATE items SET note = 'x'"),
}
_MERGE = (
    "MERGE INTO orders o USING products p ON o.order_id = p.product_id + 100 "
    "WHEN NOT MATCHED THEN INSERT (order_id) VALUES (p.product_id)"
)
_PROCEDURES = {
    "postgres": "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM items; PERFORM 1; END $$",
    "mysql": "CREATE PROCEDURE p() BEGIN DELETE FROM items; SELECT 1; END",
}


def with_triggers(dialect: str) -> Generated:
    """Give an estate of base tables with triggers on them; each statement meets rows."""
    tables = generated(0, dialect, 0, 0, 0, 0).tables
    texts = [(table, sql) for table, of in _WRITERS.items() for sql in of]
    texts += [("orders", _MERGE)] if dialect == "postgres" else []
    made = [Made("", sql, frozenset({table, "products"}), (), table) for table, sql in texts]
    of_procedure = Made("", _PROCEDURES[dialect], frozenset({"items"}), (), "items", "CALL p()")
    kept = {"kept": {"one": "bigint", "two": "numeric(10,2)"}}
    return Generated(dialect, tables, kept, (), tuple(made), (of_procedure,), tuple(_standing(dialect)))


def changes_under_triggers(dialect: str) -> Iterator[Change]:
    """Give changes after which some triggers fail, and others do not."""
    for table, field in (("orders", "amount"), ("kept", "two"), ("regions", "code"), ("regions", "population")):
        yield Change(ChangeKind.RENAME_FIELD, dataset(table), field, f"{field}_new")
    yield Change(ChangeKind.DROP_FIELD, dataset("orders"), "customer_id")
    yield Change(ChangeKind.DROP_FIELD, dataset("products"), "weight")
    yield Change(ChangeKind.DROP_DATASET, dataset("kept"))
    if dialect == "postgres":
        yield Change(ChangeKind.RETYPE_FIELD, dataset("orders"), "amount", "text")


def _standing(dialect: str) -> Iterator[Made]:
    triggers = _TRIGGERS | ({"marked": _OF_STATUS} if dialect == "postgres" else {})
    for name, (when, table, body) in triggers.items():
        made = _plpgsql if dialect == "postgres" else _mysql
        yield Made("", made(name, when, table, body), frozenset({table, "regions"}), (), "kept")


def _plpgsql(name: str, when: str, table: str, body: str) -> str:
    returned = "OLD" if "DELETE" in when else "NEW"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN {returned}; END $$;\n"
        f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def _mysql(name: str, when: str, table: str, body: str) -> str:
    return f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW {body}"
