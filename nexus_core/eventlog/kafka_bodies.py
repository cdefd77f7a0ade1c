"""Bodies of events that were read from Kafka and may be asked for soon."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from nexus_core.eventlog.kafka_record import Body


class Bodies:
    """Keeps bodies by event id up to a size in bytes; those unused for longest go first."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._bytes = max_bytes, 0
        self._kept: OrderedDict[str, Body] = OrderedDict()

    @property
    def size(self) -> int:
        """Bytes of all that is kept."""
        return self._bytes

    def put(self, event_id: str, body: Body) -> None:
        """Keep a body."""
        self.drop([event_id])
        self._kept[event_id] = body
        self._bytes += body.size
        while self._bytes > self._max_bytes and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].size

    def get(self, event_id: str) -> Body | None:
        """Give a body if it is kept."""
        if (body := self._kept.get(event_id)) is not None:
            self._kept.move_to_end(event_id)
        return body

    def drop(self, event_ids: Iterable[str]) -> None:
        """Forget bodies."""
        for event_id in event_ids:
            if (body := self._kept.pop(event_id, None)) is not None:
                self._bytes -= body.size
