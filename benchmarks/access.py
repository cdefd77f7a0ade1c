"""What a scope costs: the same questions by who sees everything and by who sees all of it by patterns, in turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import urlencode

import httpx

from benchmarks.bulk import load
from benchmarks.estate import Estate
from benchmarks.estate_reads import MEMORY, Question
from benchmarks.events import runs
from benchmarks.load import get, post
from benchmarks.stack import Stack, running

WIDTH = 50
JOBS = 500
TURNS = 6
REQUESTS = 40
SCOPES = {
    "patterns of namespaces": ["viewer:*?", "viewer:postgres:*"],
    "patterns of datasets": ["viewer:dataset=*?/*"],
}
QUESTIONS = (Question("dataset", "upstream", 10), Question("dataset", "upstream", 20), Question("field", "both", 10))
WORDS = ("", "t1", "layer3", "bench t2")


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    estate = Estate(WIDTH)
    with running(partial(load, estate), MEMORY[WIDTH]) as stack:
        post(stack.url, "/api/v1/lineage", stack.headers, runs(JOBS))
        stack.wait_merged()
        tokens = {scope: _headers(stack, grants) for scope, grants in SCOPES.items()}
        asked = {str(question): _paths(estate, question) for question in QUESTIONS}
        asked["search, first page with facets"] = [f"/api/v1/datasets?{urlencode({'q': word})}" for word in WORDS] * 10
        for what, paths in asked.items():
            for scope, headers in tokens.items():
                yield f"{what}, {scope}", _beside(stack, paths, headers)


def _headers(stack: Stack, grants: list[str]) -> dict[str, str]:
    body = {"name": "bench", "authority": grants}
    made = httpx.post(f"{stack.url}/api/v1/tokens", json=body, headers=stack.headers).raise_for_status()
    return {"Authorization": f"Bearer {made.json()['token']}"}


def _paths(estate: Estate, question: Question) -> list[str]:
    return [question.path(estate, start) for start in question.starts(estate, REQUESTS)]


def _beside(stack: Stack, paths: list[str], limited: dict[str, str]) -> str:
    """Take turns; the first of each is not counted."""
    sides = (stack.headers, limited)
    for headers in sides:
        get(stack.url, paths * 2, headers, 1)
    turns = [[_timed(stack, paths, headers) for headers in sides] for _ in range(TURNS)]
    everything, scoped = zip(*turns, strict=True)
    cpu = sum(cpu for cpu, _ in scoped) / sum(cpu for cpu, _ in everything)
    median = sum(ms for _, ms in scoped) / sum(ms for _, ms in everything)
    ms = sum(ms for _, ms in everything) / TURNS
    return f"{cpu:.2f} times the CPU, {median:.2f} times the median time ({ms:.0f} ms), in {TURNS} turns"


def _timed(stack: Stack, paths: Sequence[str], headers: dict[str, str]) -> tuple[float, float]:
    """Give the CPU of all processes for a request, and the median time, both in ms."""
    used = stack.cpu_seconds()
    answered = get(stack.url, paths, headers, 1)
    if answered.refused:
        raise RuntimeError(f"{answered.refused} requests were refused")
    return (stack.cpu_seconds() - used) / len(paths) * 1000, answered.percentile_ms(0.5)
