"""What ends evidence beside its own versions: the end of its output or job, and a steward's word that it is stale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from nexus_core.model.aliases import Aliases
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.retirement import output_key
from nexus_core.model.timeline import Fact
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import Changes, EvidenceRow
from nexus_core.store.lifecycle_rows import StatementRow
from nexus_core.worker.aliases import member_keys
from nexus_core.worker.existence import Existence
from nexus_core.worker.lifecycle_existence import said


class Ends:
    """The ends of evidence, those of this round included."""

    def __init__(self, ledger: Snapshot, changes: Changes, aliases: Aliases) -> None:
        self._ledger, self._changes, self._aliases = ledger, changes, aliases
        self._existence = Existence(ledger, changes)
        self._closed: dict[str, list[StatementRow]] = {}

    async def load(self, rows: Iterable[EvidenceRow]) -> None:
        """Fetch what ends evidence."""
        told = list(rows)
        await self._existence.load(key for row in told for keys in self._subjects(row) for key in keys)
        keys = {key for row in told if (key := _key(row)) and key not in self._closed}
        found: dict[str, dict[tuple[str, ...], StatementRow]] = defaultdict(dict)
        for one in (*await self._ledger.lifecycle.closures(keys), *self._changes.statements):
            if one.subject_key in keys:
                found[one.subject_key][one[:3]] = one
        self._closed |= {key: list(found[key].values()) for key in keys}

    def of(self, row: EvidenceRow) -> Iterator[Fact[tuple[str, ...]]]:
        """Give the ends of loaded evidence as facts: it claims nothing from then on."""
        for keys in self._subjects(row):
            yield from self._existence.ends(keys)
        for one in said(self._closed.get(_key(row), ())):
            yield Fact(one.at, (), one.event_id, one.since, one.until)

    def _subjects(self, row: EvidenceRow) -> Iterator[list[str]]:
        """Give the keys of all names of its output, and of its job."""
        if row.output_namespace is not None and row.output_name is not None:
            yield member_keys(self._aliases, DatasetName(row.output_namespace, row.output_name))
        if row.job_key:
            yield [row.job_key]


def _key(row: EvidenceRow) -> str:
    if row.job_namespace is None or row.job_name is None or row.output_namespace is None or row.output_name is None:
        return ""
    output = DatasetName(row.output_namespace, row.output_name)
    return output_key(JobName(row.job_namespace, row.job_name), output)
