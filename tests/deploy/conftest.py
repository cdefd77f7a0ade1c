"""Programs that check what is deployed, in an environment of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import emulators


@pytest.fixture(scope="session")
def checkers() -> Path:
    """The folder of hadolint, kubernetes-validate and a Python with compose-spec."""
    return emulators.environment("deploy") / "bin"
