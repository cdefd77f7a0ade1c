from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from nexus_core.settings import Settings
from nexus_core.store.catalogue_tables import FULL_TEXT_TABLES
from nexus_core.store.database import Store, open_store
from nexus_core.store.migration import migrate
from nexus_core.store.tables import metadata


def is_described(name, kind, parents):
    """SQLAlchemy has no words for SQLite's full-text tables, nor for those that SQLite keeps behind them."""
    return kind != "table" or not name.startswith(FULL_TEXT_TABLES)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_migrations_make_the_tables_that_the_code_expects(kind, tmp_path, request):
    url = Settings(data_dir=tmp_path).store_url
    if kind == "postgresql":
        server = request.getfixturevalue("postgresql")
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE migrations")
        url = server.url("migrations")
    await migrate(url)
    await migrate(url)
    store = open_store(url)
    async with store.connect() as connection:
        difference = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"include_name": is_described}), metadata
            )
        )
    await store.dispose()
    assert difference == []


FIRST_PROMISED = "0018"
"""From this migration on the version before works on the tables of the next: they only add."""


async def test_migrations_only_add(tmp_path):
    """No table or column goes or changes, and who does not know a new column can still insert: docs/upgrading.md."""
    url = Settings(data_dir=tmp_path).store_url
    scripts = ScriptDirectory(str(MIGRATIONS))
    later = [each.revision for each in scripts.iterate_revisions("heads", FIRST_PROMISED)][::-1]
    store = open_store(url)
    await migrate(url, FIRST_PROMISED)
    before = await columns(store)
    for revision in later:
        await migrate(url, revision)
        after = await columns(store)
        assert before.items() <= after.items(), (revision, before.items() - after.items())
        known = {table for table, _ in before}
        needed = [name for name, (_, null, default) in after.items() if not null and default is None]
        assert [name for name in needed if name not in before and name[0] in known] == [], revision
        before = after
    await store.dispose()


MIGRATIONS = Path(__file__).parents[2] / "nexus_core" / "store" / "migrations"


async def columns(store: Store) -> dict[tuple[str, str], tuple[str, bool, str | None]]:
    """Give type, whether it may be null, and default of each column."""
    async with store.connect() as connection:
        inspected = await connection.run_sync(
            lambda sync: {table: inspect(sync).get_columns(table) for table in inspect(sync).get_table_names()}
        )
    return {
        (table, each["name"]): (str(each["type"]), bool(each["nullable"]), each["default"])
        for table, found in inspected.items()
        for each in found
    }
