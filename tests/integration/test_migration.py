import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from nexus_core.settings import Settings
from nexus_core.store.catalogue_tables import FULL_TEXT_TABLES
from nexus_core.store.database import open_store
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
