"""A load generator whose clients keep their connections, as a process of its own so that its CPU is known."""

from __future__ import annotations

import http.client
import multiprocessing
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import urlsplit

CLIENTS = 8


@dataclass(frozen=True, slots=True)
class Load:
    """What the generator saw: wall and own CPU seconds, each request's seconds, statuses other than 2xx.

    It began, once its process was there, at `began` of `time.perf_counter`, which is the same for all processes.
    """

    began: float
    wall_s: float
    cpu_s: float
    latencies_s: list[float]
    refused: int

    def percentile_ms(self, share: float) -> float:
        """Latency that this share of the requests stayed below."""
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def post(
    url: str,
    path: str,
    headers: Mapping[str, str],
    bodies: Sequence[bytes],
    a_second: float = float("inf"),
    in_row: int = 1,
) -> Load:
    """Send the bodies, each as one request, in eight threads, no more of them a second than `a_second`.

    So many neighbours as `in_row` are sent by one thread, each after the answer to the one before.
    """
    requests = [(path, body) for body in bodies]
    return _spawn(url, "POST", requests, dict(headers), a_second=a_second, in_row=in_row)


def get(url: str, paths: Sequence[str], headers: Mapping[str, str], clients: int = CLIENTS) -> Load:
    """Ask for the paths in as many threads as there are clients."""
    return _spawn(url, "GET", [(path, None) for path in paths], dict(headers), clients)


@contextmanager
def posting(
    url: str, path: str, headers: Mapping[str, str], bodies: Sequence[bytes], per_second: float
) -> Iterator[None]:
    """Send the bodies over and over meanwhile, one a request, at a steady rate as far as it is kept up with."""
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_post_steadily, args=(url, path, dict(headers), bodies, per_second), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _post_steadily(url: str, path: str, headers: dict[str, str], bodies: Sequence[bytes], per_second: float) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
    due = time.perf_counter()
    for body in cycle(bodies):
        connection.request("POST", path, body, headers)
        connection.getresponse().read()
        due = max(due + 1 / per_second, time.perf_counter() - 1)
        time.sleep(max(0.0, due - time.perf_counter()))


def _spawn(
    url: str,
    method: str,
    requests: Sequence[tuple[str, bytes | None]],
    headers: dict[str, str],
    clients: int = CLIENTS,
    a_second: float = float("inf"),
    in_row: int = 1,
) -> Load:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_run, (url, method, requests, headers, clients, a_second, in_row))


def _run(
    url: str,
    method: str,
    requests: Sequence[tuple[str, bytes | None]],
    headers: dict[str, str],
    clients: int,
    a_second: float,
    in_row: int,
) -> Load:
    latencies: list[float] = []
    refused: list[int] = []

    def client(share: Sequence[tuple[str, bytes | None]]) -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        for number, (path, body) in enumerate(share):
            time.sleep(max(wall + number * clients / a_second - time.perf_counter(), 0))
            began = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            latencies.append(time.perf_counter() - began)
            if answer.status // 100 != 2:
                refused.append(answer.status)

    rows = [requests[n : n + in_row] for n in range(0, len(requests), in_row)]
    shares = [[request for row in rows[n::clients] for request in row] for n in range(clients)]
    threads = [threading.Thread(target=client, args=(share,)) for share in shares]
    wall, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(wall, time.perf_counter() - wall, time.process_time() - cpu, latencies, len(refused))
