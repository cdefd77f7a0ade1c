"""Every `nexus …` command that the docs name exists, with its options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from nexus_core.cli import app

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
NEXUS = typer.main.get_command(app)
_INLINE = re.compile(r"`([^`\n]*\bnexus [^`\n]*)`")

_CALL = re.compile(r"(?:^|-- |/|exec \w+ |[A-Z_]+=\S+ |[;&|(] ?)nexus ([a-z-].*)")


def blocks(text: str) -> Iterator[str]:
    """Lines of code: of fenced blocks, and those that are indented."""
    for fenced in re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from fenced.splitlines()
    yield from re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE)


def commands(text: str) -> Iterator[str]:
    """What follows the word `nexus`, up to what is of the shell."""
    found = [*_INLINE.findall(text), *blocks(text.replace("\\\n", " "))]
    for line in found:
        for match in _CALL.finditer(line):
            yield re.split(r"\s+#|[|;&>…]|\s\[|\s\(", match[1])[0].strip()


def resolve(line: str) -> tuple[Any, list[str]]:
    """The command that a line names, and the words after it."""
    words, command = words_of(line), NEXUS
    while words and (inner := getattr(command, "commands", {}).get(words[0])):
        command, words = inner, words[1:]
    return command, words


def words_of(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def problem(line: str) -> str | None:
    first = words_of(line)[0]
    alternatives = first.split("|")
    command, words = resolve(" ".join([alternatives[0], *words_of(line)[1:]]))
    if command is NEXUS:
        return f"there is no `nexus {line}`"
    if hasattr(command, "commands") and words and re.fullmatch(r"[a-z-]+", words[0]):
        return f"`nexus {line}`: {command.name} has no {words[0]}"
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)]
    missing = [word for word in unknown if word not in known | {"--help"}]
    return f"`nexus {line}` has no {', '.join(missing)}" if missing else None


@pytest.mark.parametrize("path", [path for path in DOCS if path.exists()], ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_exist(path: Path) -> None:
    found = [problem(line) for line in commands(path.read_text()) if line]
    assert [each for each in found if each] == []
