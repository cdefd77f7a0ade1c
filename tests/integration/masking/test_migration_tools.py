"""Flyway and dbt change the source by the hooks that docs/masking-sources.md has, while an analyst reads."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.emulators import environment
from tests.integration.masking.test_commands import environment as variables
from tests.masking import leaks
from tests.masking_governed import Governed
from tests.masking_served import Served, reconciled
from tests.masking_served import served as serving
from tests.maven import jars

pytestmark = [pytest.mark.soak, pytest.mark.service, pytest.mark.timeout(1200)]

DATA = Path(__file__).parents[2] / "data"
HOOKS = (Path(__file__).parents[3] / "docs" / "masking-sources.md").read_text(encoding="utf-8").split("```sh\n")[1:]
BEFORE, AFTER, AROUND = (each.partition("```")[0] for each in HOOKS)
FLYWAY = (
    "org.flywaydb:flyway-core:11.20.0",
    "org.flywaydb:flyway-database-postgresql:11.20.0",
    "com.fasterxml.jackson.core:jackson-annotations:2.19.1",
    "com.fasterxml.jackson.core:jackson-core:2.19.1",
    "com.fasterxml.jackson.core:jackson-databind:2.19.1",
    "org.postgresql:postgresql:42.7.8",
)
PERSONAL = {
    "customer_facts": {"name", "email"},
    "customer_names": {"address"},
    "order_log": {"email", "name"},
    "customers_history": {"email"},
}
"""Columns of dbt's models that are PII."""

WORKING = (*PERSONAL, *(f"{each}__dbt_{suffix}" for each in PERSONAL for suffix in ("tmp", "backup")), "customers")


@pytest.fixture
async def served(governance: Governed) -> AsyncIterator[Served]:
    async with serving(governance, reconciled) as made:
        yield made


@dataclass
class Seen:
    """What an analyst got, query by query: rows, or why not."""

    outcomes: Counter[str] = field(default_factory=Counter)
    leaked: set[str] = field(default_factory=set)


@asynccontextmanager
async def reading(served: Served) -> AsyncIterator[Seen]:
    """Read all that is there or might be, over and over, as the analyst."""
    seen, done = Seen(), asyncio.Event()

    async def session() -> None:
        async with await served.connect("carl") as connection:
            while not done.is_set():
                for name in WORKING:
                    await _read(connection, name, seen)

    async def sessions() -> None:
        while not done.is_set():
            with contextlib.suppress(psycopg.OperationalError):
                await session()

    task = asyncio.create_task(sessions())
    try:
        yield seen
    finally:
        done.set()
        await task


async def _read(connection: psycopg.AsyncConnection, name: str, seen: Seen) -> None:
    try:
        cursor = await connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name)))
        said, outcome = str(await cursor.fetchall()), f"{name}: rows"
    except psycopg.DatabaseError as error:
        said, outcome = str(error), f"{name}: {error.sqlstate}"
        if isinstance(error, psycopg.OperationalError):
            raise
    finally:
        seen.outcomes[outcome] += 1
        seen.leaked |= leaks(said)


async def run(argv: list[str], env: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run, argv, env=env, cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )


async def test_flyway_changes_columns_while_an_analyst_reads(served: Served, tmp_path: Path) -> None:
    async with reading(served) as seen:
        done = await flyway(
            served, tmp_path, "ALTER TABLE customers ALTER COLUMN created_at TYPE timestamp, DROP phone"
        )
        assert done.returncode == 0, done.stderr
        await _until_read(served, ["customers"])
        failed = await flyway(served, tmp_path, "ALTER TABLE customers DROP card; SELECT 1/0")
        assert "division by zero" in failed.stderr
        await _until_read(served, ["customers"])
    print(seen.outcomes)
    assert not seen.leaked
    assert seen.outcomes["customers: rows"]
    (columns,) = served.governance.sample.rows(
        "SELECT array_agg(column_name::text) && ARRAY['phone'], array_agg(column_name::text) && ARRAY['card'] "
        "FROM information_schema.columns WHERE table_name = 'customers' AND table_schema = 'public'"
    )
    assert columns == (False, True)


async def flyway(served: Served, folder: Path, statements: str) -> subprocess.CompletedProcess[str]:
    """Migrate by one more version, with the callbacks."""
    migrations, callbacks = folder / "migrations", folder / "callbacks"
    migrations.mkdir(exist_ok=True)
    callbacks.mkdir(exist_ok=True)
    (migrations / f"V{len(list(migrations.iterdir())) + 1}__change.sql").write_text(statements)
    for name, text in (("beforeMigrate", BEFORE), ("afterMigrate", AFTER), ("afterMigrateError", AFTER)):
        (callbacks / f"{name}.sh").write_text(text)
    sample = served.governance.sample
    url = f"jdbc:postgresql://127.0.0.1:{sample.server.port}/{sample.database}"
    path = os.pathsep.join(map(str, await asyncio.to_thread(jars, *FLYWAY)))
    source = DATA / "jdbc" / "Migrate.java"
    argv = ["java", "-cp", path, str(source), url, "postgres", str(migrations), str(callbacks)]
    return await run(argv, _on_path(served), folder)


async def test_dbt_builds_while_an_analyst_reads(served: Served, tmp_path: Path) -> None:
    project = shutil.copytree(DATA / "dbt_shop", tmp_path / "project")
    sample = served.governance.sample
    first = await dbt(served, project)
    assert first.returncode == 0, first.stdout
    await served.governance.catalogue()
    await _classify(served)
    await _until_read(served, PERSONAL)
    sample.run("UPDATE customers SET email = 'CANARY-new' || email; INSERT INTO orders SELECT 500, 1, now(), 5, 'new'")
    async with reading(served) as seen:
        again = await dbt(served, project, SHOP_WIDE="yes")
        assert again.returncode == 0, again.stdout
        await _until_read(served, PERSONAL)
    print(seen.outcomes)
    assert not seen.leaked
    assert [name for name in PERSONAL if seen.outcomes[f"{name}: rows"]] == list(PERSONAL)
    assert not [name for name in seen.outcomes if "__dbt_" in name and name.endswith("rows")]
    assert sample.rows("SELECT count(*) FROM order_log WHERE name LIKE 'CANARY%'") == [(121,)]


async def dbt(served: Served, project: Path, **more: str) -> subprocess.CompletedProcess[str]:
    sample = served.governance.sample
    ours = {"SHOP_PORT": str(sample.server.port), "SHOP_DATABASE": sample.database, **more}
    bin_folder = await asyncio.to_thread(environment, "dbt")
    return await run(["sh", "-c", AROUND], {**_on_path(served, bin_folder / "bin"), **ours}, project)


async def _classify(served: Served) -> None:
    """Say of dbt's models, as of the rest of the sample, what is PII."""
    await served.governance.personal_data({f"public.{name}": columns for name, columns in PERSONAL.items()})


async def _until_read(served: Served, names: Iterable[str]) -> None:
    """Return once the analyst gets rows of all."""
    async with asyncio.timeout(120):
        for name in names:
            while not await _has_rows(served, name):  # noqa: ASYNC110 another process does it
                await asyncio.sleep(0.2)


async def _has_rows(served: Served, name: str) -> bool:
    try:
        async with await served.connect("carl") as connection:
            cursor = await connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name)))
            return bool(await cursor.fetchall())
    except psycopg.DatabaseError:
        return False


def _on_path(served: Served, *folders: Path) -> dict[str, str]:
    """Give the commands' environment with `nexus`, and programs of other folders, on the path."""
    found = (Path(sys.executable).parent, *folders)
    return {**variables(served.governance), "PATH": os.pathsep.join([*map(str, found), os.environ["PATH"]])}
