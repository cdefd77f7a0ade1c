"""How long reads of generated estates take: alone, together, during ingestion, of the past, and by size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from benchmarks.bulk import load
from benchmarks.estate import COLUMNS, LAYERS, Estate
from benchmarks.estate_reads import MEMORY, QUESTIONS, Question, ask, compare
from benchmarks.events import runs
from benchmarks.load import CLIENTS, Load, get, posting
from benchmarks.stack import Stack, running

SMALL = (50, 500)
LARGE = (50, 500, 5000)
REQUESTS = 50
SAMPLES = 25
TURNS = 4
EVENTS_A_SECOND = 5_000 / 60
INGESTED = 1000
"""Jobs whose events are sent while readers ask: new lineage for 24 s."""

DURING = (Question("dataset", "upstream", 20), Question("field", "both", 10))
HUB = f"what a hub's column feeds, depth {LAYERS - 1}, cut at 1,000 nodes"


def measure(widths: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows for estates of these widths, each loaded into a stack of its own, then side by side."""
    sizes: dict[Question, list[str]] = defaultdict(list)
    for width in widths:
        estate = Estate(width)
        title = f"{estate.table_count:,} datasets"
        with running(partial(load, estate), MEMORY[width]) as stack:
            for question in QUESTIONS:
                figure, short = _asked(estate, stack, question)
                sizes[question].append(f"{title} {short}")
                yield f"{title}: {question}", figure
            for past in (question for question in QUESTIONS if question.past):
                yield f"{title}: {past}, beside now", _beside_now(estate, stack, past)
            yield f"{title}: {HUB}", _hub(estate, stack)
            yield from _during_ingestion(estate, stack, title)
    for question, figures in sizes.items():
        yield f"by size: {question}", "; ".join(figures)


def _asked(estate: Estate, stack: Stack, question: Question) -> tuple[str, str]:
    """Give the figures of one question, in full and in short."""
    wrong, size = compare(estate, stack, question, question.starts(estate, SAMPLES))
    paths = _paths(estate, question)
    get(stack.url, paths * 3, stack.headers)  # Java compiles what it has seen often
    alone, cpu_ms = _timed(stack, paths, 1)
    together, _ = _timed(stack, paths * 2, CLIENTS)
    full = (
        f"{size:.0f} nodes, {SAMPLES - len(wrong)} of {SAMPLES} equal to a search; {cpu_ms:.0f} ms CPU; "
        f"alone {_percentiles(alone)}; {CLIENTS} readers {_percentiles(together)}"
    )
    return full, f"p95 {alone.percentile_ms(0.95):.0f} ms, {cpu_ms:.0f} ms CPU"


def _beside_now(estate: Estate, stack: Stack, past: Question) -> str:
    """Take turns between a question of the past and the same one of now."""
    asked = [_paths(estate, question) for question in (replace(past, past=False), past)]
    turns = [[_timed(stack, paths, 1) for paths in asked] for _ in range(TURNS)]
    now, then = zip(*turns, strict=True)
    cpu = sum(cpu for _, cpu in then) / sum(cpu for _, cpu in now)
    median = sum(load.percentile_ms(0.5) for load, _ in then) / sum(load.percentile_ms(0.5) for load, _ in now)
    return f"{cpu:.2f} times the CPU, {median:.2f} times the median time, in {TURNS} turns"


def _hub(estate: Estate, stack: Stack) -> str:
    question = Question("field", "downstream", LAYERS - 1)
    hub = (LAYERS * estate.width + LAYERS // 2) * COLUMNS
    answer = ask(stack, question.path(estate, hub))
    alone = get(stack.url, [question.path(estate, hub)] * 10, stack.headers, 1)
    return (
        f"{estate.width:,} neighbours: {_percentiles(alone)}; {len(answer['nodes'])} nodes, "
        f"truncated {answer['truncated']}"
    )


def _during_ingestion(estate: Estate, stack: Stack, title: str) -> Iterator[tuple[str, str]]:
    with posting(stack.url, "/api/v1/lineage", stack.headers, runs(INGESTED), EVENTS_A_SECOND):
        for question in DURING:
            together, _ = _timed(stack, _paths(estate, question) * TURNS, CLIENTS)
            yield (
                f"{title}: {question}, {CLIENTS} readers while {EVENTS_A_SECOND:.0f} events/s come in",
                _percentiles(together),
            )


def _paths(estate: Estate, question: Question) -> list[str]:
    return [question.path(estate, start) for start in question.starts(estate, REQUESTS)]


def _timed(stack: Stack, paths: Sequence[str], clients: int) -> tuple[Load, float]:
    """Give what readers saw, and the CPU of all processes for a request in ms."""
    used = stack.cpu_seconds()
    load = get(stack.url, paths, stack.headers, clients)
    if load.refused:
        raise RuntimeError(f"{load.refused} requests were refused")
    return load, (stack.cpu_seconds() - used) / len(paths) * 1000


def _percentiles(load: Load) -> str:
    return f"p50 {load.percentile_ms(0.5):.0f} ms, p95 {load.percentile_ms(0.95):.0f} ms"
