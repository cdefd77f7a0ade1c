"""An estate whose statements empty tables, and move rows between them and files (docs/impact.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nexus_core.model.impact import Change, ChangeKind
from tests.changed_estate import Generated, Made, dataset, generated

_POSTGRES = (
    "TRUNCATE regions",
    "TRUNCATE TABLE products, ONLY regions RESTART IDENTITY",
    "COPY regions FROM '{regions}' WITH (FORMAT csv)",
    "COPY regions (region_id, title, population, code) FROM '{regions}' CSV",
    "COPY regions (region_id, population) FROM '{numbers}' WITH (FORMAT csv) WHERE code IS NULL",
    "COPY regions TO '/dev/null'",
    "COPY shop.regions (title, code) TO '/dev/null' WITH (FORMAT csv)",
    "COPY (SELECT r.region_id, p.weight FROM regions r JOIN products p ON p.code = r.code) TO '/dev/null'",
)
_MYSQL = (
    "TRUNCATE regions",
    "TRUNCATE TABLE products",
    "LOAD DATA INFILE '{regions}' INTO TABLE regions FIELDS TERMINATED BY ','",
    "LOAD DATA INFILE '{regions}' REPLACE INTO TABLE regions FIELDS TERMINATED BY ',' (region_id, title, @p, code)",
    (
        "LOAD DATA INFILE '{numbers}' INTO TABLE shop.regions CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' "
        "(region_id, @p) SET population = @p * 2, title = upper(code)"
    ),
)


_NAMED = frozenset({"regions", "products"})


def with_transfers(dialect: str, folder: Path) -> Generated:
    """Give an estate of base tables with such statements; `folder` is to hold files which the server may read."""
    files = {"regions": "5,five,50,x\n", "numbers": "6,60\n"}
    for name, text in files.items():
        (folder / name).write_text(text)
    placed = {name: folder / name for name in files}
    texts = [text.format(**placed) for text in (_POSTGRES if dialect == "postgres" else _MYSQL)]
    made = tuple(Made("", sql, _NAMED, (), "" if " TO '" in sql else "regions") for sql in texts)
    return Generated(dialect, generated(0, dialect, 0, 0, 0, 0).tables, {}, (), made, (), ())


def changes_under_transfers() -> Iterator[Change]:
    """Give changes after which some of them fail, and others do not."""
    for field in ("title", "population", "code"):
        yield Change(ChangeKind.RENAME_FIELD, dataset("regions"), field, f"{field}_new")
        yield Change(ChangeKind.DROP_FIELD, dataset("regions"), field)
    yield Change(ChangeKind.RENAME_FIELD, dataset("products"), "weight", "heaviness")
    yield Change(ChangeKind.ADD_FIELD, dataset("regions"), "extra", "text")
    yield Change(ChangeKind.RETYPE_FIELD, dataset("regions"), "population", "text")
    yield Change(ChangeKind.SET_NOT_NULL, dataset("regions"), "code")
    yield Change(ChangeKind.RENAME_DATASET, dataset("regions"), to="areas")
    for table in ("regions", "products"):
        yield Change(ChangeKind.DROP_DATASET, dataset(table))
