"""A load generator whose clients keep their connections, as a process of its own so that its CPU is known."""

from __future__ import annotations

import http.client
import multiprocessing
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

CLIENTS = 8


@dataclass(frozen=True, slots=True)
class Load:
    """What the generator saw: wall and own CPU seconds, each request's seconds, statuses other than 2xx."""

    wall_s: float
    cpu_s: float
    latencies_s: list[float]
    refused: int

    def percentile_ms(self, share: float) -> float:
        """Latency that this share of the requests stayed below."""
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def post(
    url: str, path: str, headers: Mapping[str, str], bodies: Sequence[bytes], a_second: float = float("inf")
) -> Load:
    """Send the bodies, each as one request, in eight threads, no more of them a second than `a_second`."""
    return _spawn(url, "POST", [(path, body) for body in bodies], dict(headers), a_second=a_second)


def get(url: str, paths: Sequence[str], headers: Mapping[str, str], clients: int = CLIENTS) -> Load:
    """Ask for the paths in as many threads as there are clients."""
    return _spawn(url, "GET", [(path, None) for path in paths], dict(headers), clients)


def _spawn(
    url: str,
    method: str,
    requests: Sequence[tuple[str, bytes | None]],
    headers: dict[str, str],
    clients: int = CLIENTS,
    a_second: float = float("inf"),
) -> Load:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_run, (url, method, requests, headers, clients, a_second))


def _run(
    url: str,
    method: str,
    requests: Sequence[tuple[str, bytes | None]],
    headers: dict[str, str],
    clients: int,
    a_second: float,
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

    threads = [threading.Thread(target=client, args=(requests[n::clients],)) for n in range(clients)]
    wall, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(time.perf_counter() - wall, time.process_time() - cpu, latencies, len(refused))
