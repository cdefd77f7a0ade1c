"""`nexus harvest URL --dry-run`: what would be read, and which rights are missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from nexus_core.connectors import Connector
    from nexus_core.connectors.report import Report
    from nexus_core.harvest.preview import Preview


def dry_run(connector: Connector) -> None:
    """Print what a first harvest would read; ends with status 1 if the source cannot be read at all."""
    from nexus_core.harvest.preview import preview

    found = preview(connector, connector.test())
    if found.check.problem:
        typer.echo(f"nexus: {found.check.problem}", err=True)
        raise typer.Exit(1)
    for line in _lines(found):
        typer.echo(line)


def _lines(found: Preview) -> Iterator[str]:
    yield f"{found.source}  {found.check.server or ''}".rstrip()
    yield f"A harvest of {found.scope} would read:"
    for kind, count in sorted(found.counts.items()):
        more = ", …" if count > len(found.names[kind]) else ""
        yield f"  {count:>7} {kind.lower():<18} {', '.join(found.names[kind])}{more}"
    if not found.counts:
        yield "        nothing"
    yield from (f"works: {each}" for each in found.check.works)
    yield from _missing(found)
    yield from _left_out(found.report)
    yield "Nothing was sent."


def _missing(found: Preview) -> Iterator[str]:
    for each in found.check.missing:
        yield f"missing: {each.missing}, which costs {each.costs}. Run:"
        yield from (f"    {line}" for line in each.statement.splitlines())
    if not found.check.missing:
        yield "No right is missing."


def _left_out(report: Report) -> Iterator[str]:
    for outcome, tally in (("skipped", report.skipped), ("denied", report.denied), ("failed", report.failed)):
        if tally.count:
            yield f"{outcome}: {tally.count}"
            yield from (f"    {sample}" for sample in tally.samples[:5])
