"""What the proxy's statement wall costs for a text that it has not seen before, in CPU time of one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from time import process_time

import postgast

from nexus_core.model.masked import Profile, SeenColumn, SeenRelation
from nexus_core.model.policy import CLEAR, NULL, Mask
from nexus_core.proxy.wall import judge, tree

ROUNDS, TURNS = 200, 15

POINT = "SELECT abalance FROM pgbench_accounts WHERE aid = 1"
REPORT = """
WITH monthly AS (
  SELECT date_trunc('month', o.created_at) AS month, c.country, sum(o.amount) AS total, count(DISTINCT c.id) AS n
  FROM public.orders o JOIN public.customers c ON c.id = o.customer_id
  WHERE o.created_at >= '2026-01-01' AND o.status IN ('paid', 'shipped') AND c.country <> 'XX'
  GROUP BY 1, 2 HAVING sum(o.amount) > 100
)
SELECT m.month, m.country, m.total, m.n, rank() OVER (PARTITION BY m.month ORDER BY m.total DESC) AS place,
       round(100.0 * m.total / sum(m.total) OVER (PARTITION BY m.month), 2) AS share
FROM monthly m LEFT JOIN public.regions r ON r.country = m.country AND r.active
ORDER BY m.month, place LIMIT 100
"""

_COLUMNS = {
    "customers": ("id", "country", "email"),
    "orders": ("id", "customer_id", "created_at", "status", "amount"),
    "regions": ("country", "active"),
    "pgbench_accounts": ("aid", "bid", "abalance", "filler"),
}


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    seen = tuple(
        SeenRelation("public", name, "ln_b__public", tuple(SeenColumn(each, "text", _mask(each)) for each in columns))
        for name, columns in _COLUMNS.items()
    )
    profile = Profile("b", "bench", 1, "ln_p_b", ("ln_b__public",), seen)
    for what, text in {"pgbench -S": POINT, "a report of ten lines": REPORT}.items():
        yield f"Judge {what}", _figure(judge, text, profile)
        yield f"of it: parse {what} to JSON", _figure(tree.statements, text.encode())
        yield f"of it: normalise {what}", _figure(tree.normalised, text)
        yield f"beside it: parse {what} by protocol buffers", _figure(postgast.parse, text)


def _mask(column: str) -> Mask:
    return NULL if column == "email" else CLEAR


def _figure(judged: Callable[..., object], *given: object) -> str:
    """Give the best of several turns, which a busy machine disturbs least."""
    work = partial(judged, *given)
    work()
    return f"{min(_turn(work) for _ in range(TURNS)) * 1e6:.0f} µs"


def _turn(work: Callable[[], object]) -> float:
    before = process_time()
    for _ in range(ROUNDS):
        work()
    return (process_time() - before) / ROUNDS
