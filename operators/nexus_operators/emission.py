"""Where the events of a harvest go: the spool of Airflow's own OpenLineage, else the API by HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import orjson

from nexus_core.harvest import Emit, HarvestState
from nexus_core.spool.transport import SpoolTransport
from nexus_operators.airflow_internals import openlineage_transports
from nexus_operators.hook import LineageNexusHook


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to the API: `emit` sends, `state` asks where the last harvest of a source and scope ended.

    A spool cannot ask: then every harvest sends all objects, and those unchanged change nothing.
    """

    emit: Emit
    state: Callable[[str, str], HarvestState | None]


@contextmanager
def open_channel(nexus_conn_id: str) -> Iterator[Channel]:
    """Choose the spool if Airflow's OpenLineage has one, so that a site sets one transport; else the connection."""
    spools = [transport for transport in openlineage_transports() if isinstance(transport, SpoolTransport)]
    if spools:
        yield spooling(spools[0])
    else:
        with LineageNexusHook(nexus_conn_id).get_conn() as client:
            yield Channel(client.emit, client.harvest_state)


def spooling(transport: SpoolTransport) -> Channel:
    """Send to a spool; raises as `SpoolTransport.send`."""
    return Channel(lambda events: transport.send([orjson.dumps(event) for event in events]), lambda *_: None)
