from rich.console import Console

from nexus_core.cli.lineage_show import lineage_tree
from nexus_core.client.answers import Edge, Graph, Node

SPACE = "postgres://h:5432"


def node(name):
    return Node(f"dataset:{SPACE}:{name}", "dataset", SPACE, name, None)


def drawn(graph, *, upstream):
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(lineage_tree(graph, upstream=upstream))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_a_tree_names_jobs_and_opens_each_node_once():
    a, b, c = node("a"), node("b"), node("[red]c")
    hidden = Node("hidden:1", "hidden", None, None, None)
    edges = [(a, b, "load"), (b, c, None), (a, c, "copy"), (c, a, "loop"), (c, hidden, None)]
    graph = Graph((a, b, c, hidden), tuple(Edge(s.id, t.id, "DATASET", None, job) for s, t, job in edges), False)
    assert drawn(graph, upstream=False) == [
        "a in postgres://h:5432 goes to",
        "├── [red]c dataset by copy",
        "│   ├── a dataset by loop …",
        "│   └── something that you may not see dataset",
        "└── b dataset by load",
        "    └── [red]c dataset …",
    ]


def test_nothing_known_is_said():
    assert drawn(Graph((node("a"),), (), False), upstream=True)[1] == "└── nothing that is known"
