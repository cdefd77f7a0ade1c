"""A start's demands on the machine, and how a refusal reads."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from nexus_core.cli.machine import only_start, promise_port, require_port, require_space, running_installation
from nexus_core.errors import ConfigurationError
from tests import services


def test_a_taken_port_names_its_holder_and_another_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"Port {port} is taken by .*--port \d+.*nexus doctor"):
            require_port("127.0.0.1", port)


def test_a_port_is_promised_to_one_start(tmp_path: Path) -> None:
    """Nobody listens yet when the second asks."""
    port = services.free_port()
    promise_port("127.0.0.1", port, tmp_path)
    with pytest.raises(ConfigurationError, match=rf"Port {port} is taken by another `nexus up`"):
        promise_port("127.0.0.1", port, tmp_path)


def test_a_foreign_address_cannot_be_listened_on() -> None:
    with pytest.raises(ConfigurationError, match="cannot be listened on"):
        require_port("192.0.2.1", 8000)


def test_a_full_disk_says_what_is_needed(tmp_path: Path) -> None:
    require_space(tmp_path / "not" / "there" / "yet", 1, "--data")
    with pytest.raises(ConfigurationError, match=r"is full: .* MiB are free, .* needed.*--data.*nexus doctor"):
        require_space(tmp_path, 2**60, "--data")


def test_a_data_folder_has_one_installation(tmp_path: Path) -> None:
    with only_start(tmp_path, "http://127.0.0.1:8000"):
        running = running_installation(tmp_path)
        assert running is not None
        assert running["url"] == "http://127.0.0.1:8000"
        sentence = rf"already runs on .*process {running['pid']}, http://127.0.0.1:8000"
        with pytest.raises(ConfigurationError, match=sentence), only_start(tmp_path, "http://127.0.0.1:8001"):
            pass
    assert running_installation(tmp_path) is None
