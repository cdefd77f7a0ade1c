"""Which datasets and fields the statements of query logs read, and who ran them: one round's rows by unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from nexus_core.model.edge import node_key
from nexus_core.model.masked import LOGIN_PREFIX
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical_field
from nexus_core.store.usage import UsageRow
from nexus_core.worker.derive import FieldsOf, Read
from nexus_core.worker.units import Unit

_DAY_MICROSECONDS = 86_400_000_000
_STAR = "*"


class Usages:
    """Collects the usage that a round's units tell; of a unit the last derivation holds.

    What the masking proxy's roles read is left out: the proxy itself tells it, with the person's name.
    """

    def __init__(self) -> None:
        self.by_unit: dict[str, list[UsageRow]] = {}

    def note(self, unit: Unit, reads: Sequence[Read], fields_of: FieldsOf) -> None:
        """Take in what the parts of a unit read, if it is told who ran them."""
        if not any(read.part.uses for read in reads):
            return
        counts: Counter[tuple[str, str, str]] = Counter()
        for read in reads:
            fields = set(_fields(read, fields_of))
            for account, count in read.part.uses.items():
                if account.startswith(LOGIN_PREFIX):
                    continue
                counts.update({(node_key(dataset.id), field, account): count for dataset, field in fields})
        day = unit.valid_at // _DAY_MICROSECONDS
        self.by_unit[unit.key] = [UsageRow(unit.key, *of, day, count) for of, count in sorted(counts.items())]


def _fields(read: Read, fields_of: FieldsOf) -> Iterator[tuple[DatasetName, str]]:
    """Give every dataset that a part reads, with "", and every field of it that is known."""
    if read.lineage is None:
        return
    for dotted in read.lineage.inputs:
        if dataset := read.names.table(dotted):
            yield dataset, ""
    spellings: dict[DatasetName, Mapping[str, str]] = {}
    for column in read.lineage.columns:
        for source in column.inputs:
            known = read.names.table(source.table) if source.table and source.column != _STAR else None
            if known is not None:
                if known not in spellings:
                    spellings[known] = {name.lower(): name for name, _ in fields_of(known) or ()}
                spelled = spellings[known].get(source.column.lower(), source.column)
                yield known, canonical_field(known.namespace, spelled)
