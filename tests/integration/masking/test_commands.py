"""The reconciler as a process, and the commands that wait for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nexus_core.masking.profiles import LEASE_SECONDS
from tests.masking import leaks
from tests.masking_governed import NULLED, SHOP, Governed

pytestmark = pytest.mark.service


def environment(governed: Governed) -> dict[str, str]:
    source = governed.settings.proxy.sources[SHOP]
    prefix = f"NEXUS_PROXY__SOURCES__{SHOP.upper()}__"
    ours = {"NEXUS_DATA_DIR": str(governed.settings.data_dir), "NEXUS_GRAPH__URI": "bolt://127.0.0.1:1"}
    return {**os.environ, **ours, f"{prefix}URL": source.url, f"{prefix}PASSWORD": str(source.password)}


def nexus(governed: Governed, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nexus_core", *arguments]
    return subprocess.run(command, env=environment(governed), capture_output=True, text=True, timeout=180)


@contextmanager
def reconciler(governed: Governed) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "nexus_core", "reconciler"]
    process = subprocess.Popen(command, env=environment(governed), stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


ENVIRONMENT = """
import subprocess
from alembic import context
from sqlalchemy import create_engine
engine = create_engine(context.config.get_main_option("sqlalchemy.url"))
"""
MIGRATION = """
from alembic import op
revision, down_revision = "1", None
def upgrade():
    op.execute("ALTER TABLE public.customers ALTER COLUMN created_at TYPE timestamp")
"""


def alembic(governed: Governed, folder: Path) -> subprocess.CompletedProcess[str]:
    """Migrate by Alembic as docs/masking-sources.md has it, with the commands that it runs by themselves."""
    written = Path(__file__).parents[3] / "docs" / "masking-sources.md"
    hook = written.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENVIRONMENT + hook)
    (folder / "versions" / "first.py").write_text(MIGRATION)
    url = governed.sample.admin_url.replace("postgresql://", "postgresql+psycopg://")
    (folder / "alembic.ini").write_text(f"[alembic]\nscript_location = {folder}\nsqlalchemy.url = {url}\n")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    command = [sys.executable, "-m", "alembic", "-c", str(folder / "alembic.ini"), "upgrade", "head"]
    calm = {**environment(governed), "PATH": path}
    return subprocess.run(command, env=calm, capture_output=True, text=True, timeout=300)


async def test_a_source_is_onboarded_reconciled_and_migrated_by_commands(governance: Governed, tmp_path: Path) -> None:
    await governance.policies(NULLED)
    carl = await governance.person("carl", "analyst")
    done = nexus(governance, "proxy", "onboard", SHOP, "--apply", "--admin-url", governance.sample.admin_url)
    assert done.returncode == 0, done.stderr
    assert nexus(governance, "proxy", "status", SHOP).returncode == 1
    with reconciler(governance) as process:
        deadline = time.monotonic() + 120
        while (await governance.profiles.answer(carl, SHOP)).profile is None:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)  # noqa: ASYNC251 nothing else is to be done meanwhile
        migrated = alembic(governance, tmp_path / "migrations")
        assert migrated.returncode == 0, migrated.stderr
        (changed,) = governance.sample.rows(
            "SELECT data_type FROM information_schema.columns WHERE table_name = 'customers' "
            "AND table_schema = 'public' AND column_name = 'created_at'"
        )
        assert changed == ("timestamp without time zone",)
        status = nexus(governance, "proxy", "status", SHOP).stdout
        assert "shop: " in status
        assert "absent: public.customer_totals" in status
        before = await governance.profiles.lease(SHOP)
        assert datetime.now(UTC) - before < timedelta(seconds=60)
    assert not leaks(str(await governance.read(carl, "SELECT * FROM customers")))
    after = await governance.profiles.lease(SHOP)
    time.sleep(0.5)  # noqa: ASYNC251
    assert await governance.profiles.lease(SHOP) == after, "nobody but the reconciler lets the lease go on"
    assert LEASE_SECONDS < 5
