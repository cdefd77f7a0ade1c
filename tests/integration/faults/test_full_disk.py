"""A disk that is full refuses in plain words, loses nothing that was acknowledged, and needs no restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nexus_core.errors import UnavailableError
from nexus_core.spool.folder import SpoolFolder
from tests.drills.disk import fill, small_disk
from tests.drills.estate import estate
from tests.drills.full_disk import refuses_and_recovers
from tests.drills.processes import Neo4j

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]


def test_a_full_disk_under_the_sqlite_log(tmp_path: Path, mortal_neo4j: Neo4j) -> None:
    with (
        small_disk(tmp_path / "data", 24) as disk,
        estate(tmp_path, mortal_neo4j, workers=1) as drilled,
    ):
        refuses_and_recovers(drilled, disk)


def test_a_full_disk_under_the_spool(tmp_path: Path) -> None:
    with small_disk(tmp_path / "spool", 8) as disk:
        spool = SpoolFolder(disk / "spool")
        ballast = fill(disk, leave_bytes=200_000)
        acknowledged: dict[str, int] = {}
        with pytest.raises(UnavailableError, match="No space left"):
            acknowledged.update((spool.put(_event(number))[0], number) for number in range(100))
        assert acknowledged
        ballast.unlink()
        acknowledged |= {name: 100 + index for index, name in enumerate(spool.put(_event(100), _event(101)))}
        assert {
            name: json.loads((spool.path / "new" / name).read_bytes())["n"] for name in spool.pending()
        } == acknowledged


def _event(number: int) -> bytes:
    return json.dumps({"n": number, "pad": "x" * 20_000}).encode()
