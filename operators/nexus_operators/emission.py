"""Where the events of a harvest go: the spool of Airflow's own OpenLineage, else the API by HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson

from nexus_core.errors import RefusedEventsError, UnavailableError
from nexus_core.harvest import Emit
from nexus_core.spool.delivery import Delivery, Verdict
from nexus_core.spool.transport import SpoolTransport
from nexus_operators.airflow_internals import openlineage_transports
from nexus_operators.hook import LineageNexusHook


@contextmanager
def emission(nexus_conn_id: str) -> Iterator[Emit]:
    """Choose the spool if Airflow's OpenLineage has one, so that a site sets one transport; else the connection."""
    spools = [transport for transport in openlineage_transports() if isinstance(transport, SpoolTransport)]
    if spools:
        yield spooling(spools[0])
    else:
        with LineageNexusHook(nexus_conn_id).delivery() as delivery:
            yield delivering(delivery)


def spooling(transport: SpoolTransport) -> Emit:
    """Emit to a spool; raises as `SpoolTransport.send`."""
    return lambda events: transport.send([orjson.dumps(event) for event in events])


def delivering(delivery: Delivery) -> Emit:
    """Emit to the API. Raises UnavailableError unless each event is accepted or refused for good."""

    def emit(events: Sequence[dict[str, Any]]) -> None:
        outcomes = delivery.send([orjson.dumps(event) for event in events])
        for outcome in outcomes:
            if outcome.verdict is Verdict.LATER:
                detail = outcome.reason.get("detail") or outcome.reason.get("title")
                raise UnavailableError("The LineageNexus API", f"{outcome.status or 'no answer'}: {detail}")
        refused = {
            index: str(outcome.reason.get("detail", outcome.status))
            for index, outcome in enumerate(outcomes)
            if outcome.verdict is Verdict.REFUSED
        }
        if refused:
            raise RefusedEventsError(refused)

    return emit
