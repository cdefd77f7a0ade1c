"""Commands of the docs: read out of their pages, and made to run on what a test has."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PROGRAMS = (
    ".venv/bin/nexus", "airflow", "alembic", "cp", "curl", "dbt", "docker", "docker/prepare", "gcloud", "git", "helm",
    "kafka-acls.sh", "kubectl", "make", "nexus", "npm", "openssl", "pip", "pip-audit", "psql", "python",
)  # fmt: skip
"""What a line of code begins with that is a command; other lines are data, requests or a shell's own words."""

_FENCED = re.compile(r"^```(?:sh|bash|console|shell)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^ {4}\S.*\n?)+", re.MULTILINE)


@dataclass(frozen=True)
class Command:
    """One command: its page, and the words of its line without comments; `into` is the file that its output goes to."""

    page: str
    words: tuple[str, ...]
    into: str = ""

    def __str__(self) -> str:
        return shlex.join(self.words)

    def filled(self, places: Mapping[str, str]) -> Command:
        """The same with what stands for something put in its place."""
        words = []
        for word in self.words:
            for name, given in places.items():
                word = given if word == name else word.replace(name, given) if "…" in name else word
            words.append(word)
        return Command(self.page, tuple(words), self.into)


def commands(page: Path) -> Iterator[Command]:
    """Every command of a page, in its order."""
    name = str(page.relative_to(ROOT))
    for line in _lines(page.read_text()):
        words, into = _words(line)
        if words and words[0] in PROGRAMS:
            yield Command(name, words, into)


def _lines(text: str) -> Iterator[str]:
    """Lines of shells, in fences and indented, those that go on in one; what a shell is asked for at most once."""
    blocks = [(match.start(), match[1]) for match in _FENCED.finditer(text)]
    plain = re.sub(r"^```.*?^```", lambda found: "\n" * found[0].count("\n"), text, flags=re.MULTILINE | re.DOTALL)
    blocks += [(match.start(), textwrap.dedent(match[0])) for match in _INDENTED.finditer(plain)]
    for _, block in sorted(blocks):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            yield line.removeprefix("$ ")


def _words(line: str) -> tuple[tuple[str, ...], str]:
    """The words of a line up to a pipe or comment, and the file that its output goes to."""
    try:
        words = shlex.split(re.split(r"\s#\s|\s\|\s|;\s|\s{4,}", line)[0], comments=False)
    except ValueError:
        return (), ""
    if ">" in words:
        place = words.index(">")
        return tuple(words[:place]), words[place + 1]
    return tuple(words), ""
