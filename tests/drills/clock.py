"""A wall clock that goes wrong, for one process alone."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

from tests import services


class Clock:
    """What a process started with `environment` takes for the time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file, library = folder / "clock", folder / "clock.so"
        self._file.write_bytes(bytes(8))
        compiler = services.program("cc", "apt install gcc")
        source = Path(__file__).with_name("clock.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True, timeout=60)
        self.environment = {"LD_PRELOAD": str(library), "DRILL_CLOCK": str(self._file)}

    def wrong_by(self, seconds: int) -> None:
        """Let it step; negative is back into the past."""
        with self._file.open("r+b") as file:  # in place: the processes have mapped it
            file.write(struct.pack("q", seconds))
