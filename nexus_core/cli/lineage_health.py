"""`nexus lineage health`: where lineage has gaps."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import lineage


@lineage.command("health")
def lineage_health(
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Show how much has lineage, which SQL was not understood, and which names nobody described."""
    from nexus_core.client import NexusClient

    with NexusClient(api, api_token(token_file)) as client:
        found = client.lineage_health()
    if as_json:
        import orjson

        sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    for line in health_lines(found):
        typer.echo(line)


def health_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Write an answer of `GET /lineage/health` for people."""
    yield "Columns and datasets with upstream lineage, with any lineage, and all:"
    for each in found["coverage"]:
        yield f"  {each['namespace']}"
        for what in ("fields", "datasets"):
            fed, lineage_, all_ = (each[f"{what}_with_upstream"], each[f"{what}_with_lineage"], each[what])
            yield f"    {what:<9}{_share(fed, all_)} upstream, {_share(lineage_, all_)} any, of {all_}"
    yield from _sql(found["sql"])
    yield f"Names that nothing describes: {found['orphan_count']}"
    yield from (f"  {each['name']} in {each['namespace']}" for each in found["orphans"])
    yield f"Stale outputs: {found['stale_count']}" + (" (`nexus retirements stale`)" if found["stale_count"] else "")
    yield from (
        f"  {each['name']} in {each['namespace']}, by {each['job_name']}: not in {each['run_count']} runs"
        for each in found["stale"]
    )
    proposals = ", ".join(f"{count} {reason}" for reason, count in sorted(found["proposals"].items()))
    yield f"Names that look alike: {proposals or 'none'}" + (" (`nexus names proposals`)" if proposals else "")


def _sql(found: list[Mapping[str, Any]] | None) -> Iterator[str]:
    if found is None:
        return
    yield "Jobs whose SQL was understood completely:"
    for each in found:
        yield f"  {each['dialect'] or 'dialect not told'}: {_share(each['complete'], each['jobs'])} of {each['jobs']}"
        for problem in each["problems"]:
            sample = problem["samples"][0]
            yield f"    {problem['jobs']} × {problem['code']}, such as {sample['job_name']}: {sample['message']}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"
