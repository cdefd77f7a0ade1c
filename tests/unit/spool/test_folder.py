"""The spool's folder on a real file system."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.spool.filesystem import _filesystem, volatile_filesystem
from nexus_core.spool.folder import SpoolFolder

WRITER = """
import sys
from pathlib import Path
from nexus_core.spool.folder import SpoolFolder
spool = SpoolFolder(Path(sys.argv[1]), ephemeral=True)
while True:
    print(*spool.put(b'{"a": "' + b"x" * 100_000 + b'"}'), flush=True)
"""


@pytest.fixture
def spool(tmp_path):
    return SpoolFolder(tmp_path / "spool", ephemeral=True)


@given(events=st.lists(st.binary(max_size=200), max_size=8))
@settings(max_examples=20, deadline=None)
def test_gives_back_what_was_put_in_order_of_arrival(tmp_path_factory, events):
    spool = SpoolFolder(tmp_path_factory.mktemp("order") / "spool", ephemeral=True)
    names = [name for event in events for name in spool.put(event)]
    names += spool.put(*events) if events else []
    assert spool.pending() == names
    assert [spool.read(name) for name in names] == events + events


def test_only_its_owner_may_read_it(spool):
    (name,) = spool.put(b"{}")
    assert spool.path.stat().st_mode & 0o777 == 0o700
    assert (spool.path / "new" / name).stat().st_mode & 0o777 == 0o600


def test_refuses_a_folder_open_to_others(tmp_path):
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(ConfigurationError, match="chmod 700"):
        SpoolFolder(tmp_path / "open", ephemeral=True)


def test_a_full_spool_refuses_and_says_why(tmp_path):
    spool = SpoolFolder(tmp_path / "spool", max_bytes=10, ephemeral=True)
    spool.put(b"12345678")
    with pytest.raises(UnavailableError, match="8 bytes wait in it, its limit is 10"):
        spool.put(b"123")
    assert len(spool.pending()) == 1


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no tmpfs to try")
def test_refuses_memory_unless_told_that_it_is_ephemeral():
    path = Path(f"/dev/shm/nexus-spool-test-{os.getpid()}")
    try:
        with pytest.raises(ConfigurationError, match="tmpfs, which is lost with the container"):
            SpoolFolder(path)
        SpoolFolder(path, ephemeral=True)
    finally:
        subprocess.run(["rm", "-rf", path], check=True)


def test_the_innermost_mount_tells_the_file_system():
    mounts = "\n".join(
        (
            "1 0 0:1 / / rw - overlay overlay rw",
            "2 1 8:1 / /data rw shared:1 - ext4 /dev/sda1 rw",
            "3 2 0:9 / /data/my\\040spool rw - tmpfs tmpfs rw",
        )
    )
    assert _filesystem(Path("/var"), mounts) == "overlay"
    assert _filesystem(Path("/data/x"), mounts) == "ext4"
    assert _filesystem(Path("/data/my spool/new"), mounts) == "tmpfs"
    assert volatile_filesystem(Path("/proc")) is None


def test_rejected_events_keep_their_reason(spool):
    (name,) = spool.put(b"{}")
    spool.reject(name, b'{"status": 422}')
    assert spool.pending() == []
    assert spool.rejection(name) == b'{"status": 422}'
    assert spool.state().rejected_count == 1


def test_state_counts_what_waits(spool):
    assert spool.state().oldest_at is None
    spool.put(b"123")
    spool.put(b"4567")
    state = spool.state()
    assert (state.pending_count, state.pending_bytes, state.rejected_count) == (2, 7, 0)
    assert state.oldest_at.tzinfo is not None


def test_one_forwarder_at_a_time(spool):
    with spool.exclusive(), pytest.raises(UnavailableError, match="another forwarder"), spool.exclusive(wait_s=0.1):
        pass
    with spool.exclusive():
        pass


def test_killed_writers_lose_nothing_that_was_acknowledged(tmp_path):
    for turn in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path / "spool"], stdout=subprocess.PIPE, text=True)
        seen = [writer.stdout.readline() for _ in range(5 + turn)]
        writer.send_signal(signal.SIGKILL)
        acknowledged = {
            line.strip() for line in (*seen, *writer.communicate()[0].splitlines(True)) if line.endswith("\n")
        }
        spool = SpoolFolder(tmp_path / "spool", ephemeral=True)
        assert acknowledged <= set(spool.pending())
        assert all(len(spool.read(name)) == 100_009 for name in spool.pending())


def test_files_of_dead_writers_are_cleared_after_an_hour(spool):
    left, fresh = spool.path / "writing" / "left.json", spool.path / "writing" / "fresh.json"
    left.write_bytes(b"{")
    fresh.write_bytes(b"{")
    os.utime(left, (0, 0))
    with spool.exclusive():
        assert not left.exists()
        assert fresh.exists()
