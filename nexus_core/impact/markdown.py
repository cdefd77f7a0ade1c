"""An answer of `POST /api/v1/impact` as Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nexus_core.model.impact import Verdict

_SHOWN_MOST = 50
_TITLES = {
    Verdict.BREAKS: "Breaks",
    Verdict.UNKNOWN: "Not known",
    Verdict.CHANGES: "Changes silently",
}
_AROUND = 60  # characters


def summary(answer: Mapping[str, Any]) -> str:
    """Give the numbers, then a table for each verdict but `safe`, worst first; at most 50 rows each."""
    assets: Sequence[Mapping[str, Any]] = answer["assets"]
    return "\n".join([*_head(answer, assets), *(line for verdict in _TITLES for line in _table(verdict, assets))])


def _head(answer: Mapping[str, Any], assets: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    counts = {verdict: sum(each["verdict"] == verdict for each in assets) for verdict in Verdict}
    yield "## Impact of this change"
    yield ""
    yield ", ".join(f"**{count}** {_WORDS[verdict]}" for verdict, count in counts.items()) + "."
    if answer["hidden"]:
        yield "More lies downstream that this token may not see."
    if answer["truncated"]:
        yield "Not all that lies downstream was followed: there is too much of it."


_WORDS = {
    Verdict.BREAKS: "break",
    Verdict.UNKNOWN: "not known",
    Verdict.CHANGES: "change silently",
    Verdict.SAFE: "safe",
}


def _table(verdict: Verdict, assets: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    found = [each for each in assets if each["verdict"] == verdict]
    if not found:
        return
    yield from ("", f"### {_TITLES[verdict]}", "", "| asset | why | where | owners | reads in 90 days |")
    yield "|---|---|---|---|---|"
    for each in found[:_SHOWN_MOST]:
        owners = ", ".join(each["owners"])
        cells = (_code(each["id"]), each["reason"]["message"], _place(each), owners, str(each["use_count"]))
        yield f"| {' | '.join(map(_cell, cells))} |"
    if len(found) > _SHOWN_MOST:
        yield f"\n… and {len(found) - _SHOWN_MOST} more."
    yield from _patches(found)


def _patches(assets: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for each in [one for one in assets if one["patch"]][:_SHOWN_MOST]:
        yield from ("", f"{_code(each['id'])} does as before with:", "", "```sql", each["patch"], "```")


def _place(asset: Mapping[str, Any]) -> str:
    """Give the part of the statement that the verdict is about, with a little around it."""
    text, start, end = asset["statement"], asset["start"], asset["end"]
    if text is None or start is None:
        return ""
    before, after = max(0, start - _AROUND), min(len(text), end + _AROUND)
    return _code(" ".join(text[before:after].split()))


def _code(text: str) -> str:
    return f"`{text.replace('`', '')}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
