"""Filled sources by kind of connector, each in a module of that name: what contract suite and golden harvests read.

A module has `filled(fixture)`, a context manager that gives the source's URL; `fixture` gives a session's service by
the name of its pytest fixture.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parents[1] / "golden" / "harvest"

Fixture = Callable[[str], Any]


class Sources:
    """URLs of filled sources by kind; each is started when it is first asked for, and once."""

    def __init__(self, fixture: Fixture, stack: ExitStack) -> None:
        self._fixture, self._stack = fixture, stack
        self._urls: dict[str, str] = {}

    def __getitem__(self, kind: str) -> str:
        if kind not in self._urls:
            module = import_module(f"tests.sources.{kind}")
            self._urls[kind] = self._stack.enter_context(module.filled(self._fixture))
        return self._urls[kind]
