"""The list of every object that a harvest sees, in chunks (lineage.md §2)."""

from __future__ import annotations

import hashlib
from typing import Any

from nexus_core.model.canonical_json import canonical
from nexus_core.model.names import DatasetName, JobName

CHUNK_OBJECTS = 5_000


class Manifest:
    """Collects objects; a full chunk is taken away before more are added, so memory stays bounded."""

    def __init__(self) -> None:
        self.chunk_count = 0
        self._objects: dict[str, dict[str, Any]] = {}
        self._hash = hashlib.sha256()

    @property
    def full(self) -> bool:
        """Whether the chunk has reached its size."""
        return len(self._objects) >= CHUNK_OBJECTS

    @property
    def empty(self) -> bool:
        """Whether nothing waits to be taken."""
        return not self._objects

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of the `objects` of all chunks taken, each as RFC 8785 JSON."""
        return self._hash.hexdigest()

    def add(self, name: DatasetName | JobName, fingerprint: str) -> None:
        """Note an object as seen."""
        self._objects[name.name] = {"namespace": name.namespace, "name": name.name, "fingerprint": fingerprint}

    def forget(self, name: str) -> None:
        """Note that an object could not be sent, so that the next harvest sends it again."""
        if name in self._objects:
            self._objects[name]["fingerprint"] = None

    def take(self) -> dict[str, Any]:
        """Give the chunk's facet content and begin the next."""
        objects = list(self._objects.values())
        self._hash.update(canonical(objects))
        content = {"chunk": self.chunk_count, "objects": objects}
        self.chunk_count += 1
        self._objects = {}
        return content
