"""`nexus lineage show`: what a dataset, field or job comes from and where it goes, as a tree."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import lineage
from nexus_core.cli.moments import MOMENT_HELP, optional_moment

if TYPE_CHECKING:
    from rich.tree import Tree

    from nexus_core.client.answers import Edge, Graph, Node

Direction = Literal["upstream", "downstream", "both"]


@lineage.command("show")
def lineage_show(
    namespace: Annotated[str, typer.Argument(help="Namespace, such as postgres://host:5432.")],
    name: Annotated[str, typer.Argument(help="Name, such as shop.public.orders.")],
    field: Annotated[str | None, typer.Option(help="One field (column) of the dataset.")] = None,
    job: Annotated[bool, typer.Option("--job", help="The name is a job's.")] = False,
    direction: Annotated[Direction, typer.Option(help="Which way to go.")] = "both",
    depth: Annotated[int, typer.Option(min=1, max=50, help="Most hops.")] = 5,
    indirect: Annotated[bool, typer.Option(help="Follow filters, joins, groupings and sorts too.")] = False,
    as_of: Annotated[str | None, typer.Option(help=f"What held then: {MOMENT_HELP}")] = None,
    known_at: Annotated[str | None, typer.Option(help="As was known then.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print nodes and edges as JSON.")] = False,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Show the lineage of a dataset, of one of its fields, or of a job."""
    from nexus_core.client import NexusClient

    asked: dict[str, str | int | bool] = {"direction": direction, "depth": depth, "indirect": indirect}
    asked |= {"field": field} if field else {}
    asked |= {"kind": "job"} if job else {}
    asked |= optional_moment("--as-of", "as_of", as_of) | optional_moment("--known-at", "known_at", known_at)
    with NexusClient(api, api_token(token_file)) as client:
        found = client.graph(namespace, name, **asked)
    if as_json:
        _print_json(found)
    else:
        _print_trees(found, direction)


def _print_json(found: Graph) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n")


def _print_trees(found: Graph, direction: Direction) -> None:
    from rich.console import Console

    console = Console()
    for side in ("upstream", "downstream") if direction == "both" else (direction,):
        console.print(lineage_tree(found, upstream=side == "upstream"))
    if found.truncated:
        console.print("There is more than the limit let through.")


def lineage_tree(found: Graph, *, upstream: bool) -> Tree:
    """Draw one side of an answer; what stands above already is not opened again."""
    from rich.markup import escape
    from rich.tree import Tree

    nodes = {node.id: node for node in found.nodes}
    root = found.nodes[0]
    steps: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for edge in found.edges:
        start, end = (edge.target, edge.source) if upstream else (edge.source, edge.target)
        steps[start][end].add(_why(edge))
    tree = Tree(f"[bold]{escape(_title(root, ''))}[/bold] {'comes from' if upstream else 'goes to'}")
    seen, waiting = {root.id}, [(root.id, tree)]
    while waiting:
        node_id, branch = waiting.pop()
        for other, why in sorted(steps[node_id].items()):
            again = other in seen
            text = f"{escape(_title(nodes[other], root.namespace or ''))} [dim]{escape(', '.join(sorted(why)))}[/dim]"
            child = branch.add(text + (" …" if again else ""))
            if not again:
                seen.add(other)
                waiting.append((other, child))
    if not tree.children:
        tree.add("nothing that is known")
    return tree


def _title(node: Node, namespace: str) -> str:
    if node.name is None:
        return "something that you may not see"
    name = node.name if node.field is None else f"{node.name}.{node.field}"
    return name if node.namespace == namespace else f"{name} in {node.namespace}"


def _why(edge: Edge) -> str:
    kind = (edge.subtype or edge.kind).lower()
    return f"{kind} by {edge.job}" if edge.job else kind
