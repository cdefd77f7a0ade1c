"""What units came to, for those that say the same again under the same schemas and routines: a job's next run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nexus_core.model.edge import EvidenceKey, digest_of
from nexus_core.model.names import DatasetName
from nexus_core.worker.cache import Cache
from nexus_core.worker.datasets import Contents
from nexus_core.worker.sql_readings import Reading
from nexus_core.worker.units import Part, Unit

_KEPT = 8_192


@dataclass(frozen=True, slots=True)
class Given:
    """What a derivation asked for and was given, as fingerprints: schemas by dataset, texts by routine."""

    schemas: dict[DatasetName, str | None]
    routines: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a unit claims, as fingerprints of contents, how well its SQL was read, and what both rest on."""

    claims: Mapping[EvidenceKey, str]
    reading: Reading | None
    given: Given


class Remembered:
    """The last outcome of each thing that units say."""

    def __init__(self) -> None:
        self._outcomes: Cache[Outcome] = Cache(_KEPT)

    def of(self, unit: Unit, contents: Contents) -> Outcome | None:
        """Give what the same words came to last, if the ledger holds it; `given` may be another by now."""
        found = self._outcomes.get(_words(unit))
        return found if found and all(content in contents.stored for content in found.claims.values()) else None

    def note(self, unit: Unit, outcome: Outcome) -> None:
        """Remember an outcome."""
        self._outcomes.put(_words(unit), outcome)


def _words(unit: Unit) -> str:
    """Give the digest of all in a unit that its claims rest on."""
    job = [unit.job.namespace, unit.job.name] if unit.job else None
    return digest_of([unit.principal_class, job, [_part(part) for part in unit.parts]])


def _part(part: Part) -> list[object]:
    sql = part.sql
    text = [sql.text, sql.dialect, sql.default_database, sql.default_schema] if sql else None
    columns = [[*_name(name), facet.fingerprint] for name, facet in part.columns.items()]
    return [list(map(_name, part.inputs)), list(map(_name, part.outputs)), text, part.origin, columns]


def _name(name: DatasetName) -> list[str]:
    return [name.namespace, name.name]
