"""The outside check of the fixed contracts, where it lies beside the project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECK = ROOT.parent / "shared" / "contract" / "check.py"

if CHECK.exists():

    @pytest.mark.service
    @pytest.mark.parametrize("what", ["sql", "serve"])
    def test_the_contracts_hold(what: str) -> None:
        nexus = Path(sys.executable).parent / "nexus"
        done = subprocess.run([sys.executable, CHECK, nexus, what], capture_output=True, text=True, timeout=280)
        assert done.returncode == 0, done.stdout + done.stderr
