"""What administrators do: a source is prepared, found unsafe, made safe, and left without a trace."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from nexus_core.masking.auditing import audit
from nexus_core.masking.onboarding import offboarding
from nexus_core.masking.sources import connected
from tests.masking import DEFINER_FUNCTION, Sample
from tests.masking_governed import NULLED, Governed, governed
from tests.services import POSTGRESQL_BIN

pytestmark = pytest.mark.service


def dump(sample: Sample) -> str:
    """All roles and schemas of the cluster, as pg_dumpall writes them, but for a key that differs each time."""
    command = [shutil.which("pg_dumpall", path=str(POSTGRESQL_BIN)) or "pg_dumpall", "-s", "-d", sample.admin_url]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith("\\"))


async def test_offboarding_leaves_no_trace(shop: Sample, tmp_path: Path) -> None:
    before = dump(shop)
    async with governed(shop, tmp_path) as governance:
        token = {"kind": "token", "key": f"file:{tmp_path / 'reconciler-password'}"}
        policy = {"name": "pii", "match": {"classes": ["PII"]}, "mask": token, "clear_for": ["steward"]}
        await governance.policies({"version": 1, "policies": [policy]})
        analyst = await governance.person("carl", "analyst")
        await governance.person("stella", "steward")
        await governance.settle()
        tokens = await governance.read(analyst, "SELECT email FROM customers")
        assert len({email for (email,) in tokens}) == len(tokens)
        assert {len(email) for (email,) in tokens} == {32}
        source = governance.source
    assert dump(shop) != before
    async with connected(source, shop.admin_url) as admin:
        for statement in await offboarding(admin, source.name, source.role):
            await admin.execute(statement)
    assert dump(shop) == before


UNSAFE = [
    DEFINER_FUNCTION,
    "GRANT SELECT ON hr.employees TO PUBLIC",
    "GRANT SELECT (email) ON public.customers TO PUBLIC",
    "GRANT INSERT ON public.orders TO PUBLIC",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
    "GRANT SELECT ON pg_catalog.pg_statistic TO PUBLIC",
    "GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO PUBLIC",
    "CREATE EXTENSION dblink",
    "GRANT {login} TO ln_reconciler_twin",
    "GRANT pg_read_all_data TO {login}",
    "ALTER ROLE {login} BYPASSRLS",
    "ALTER ROLE {login} SET standard_conforming_strings = off",
    "GRANT SELECT ON hr.employees TO {login}",
    "GRANT UPDATE (total) ON public.orders TO {login}",
    "ALTER SCHEMA hr OWNER TO {login}",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {login}",
]


async def test_what_lets_others_read_past_the_views_ends_serving(safe: Governed) -> None:
    """And the statements that the audit prints make it green again."""
    carl = await safe.account("carl")
    for unsafe in UNSAFE:
        profile = await safe.profile(carl)
        safe.sample.run(unsafe.format(login=profile.login_role))
        await safe.reconciler.round()
        assert (await safe.profiles.answer(carl, "shop")).profile is None, unsafe
        problems = await audit(safe.reconciler.connection, [profile])
        assert problems, unsafe
        for each in problems:
            safe.sample.run(each.statement.replace("TO …", "TO postgres"))
        await safe.settle()


@pytest.fixture
async def safe(governance: Governed) -> Governed:
    governance.sample.run("CREATE ROLE ln_reconciler_twin")
    await governance.policies(NULLED)
    await governance.person("carl", "analyst")
    await governance.settle()
    return governance
