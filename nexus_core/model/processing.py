"""What an organisation does with personal data, and why: records of processing activities (GDPR, Article 30).

What nobody told is None and reported as missing; "none" written out means that there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nexus_core.model.names import DatasetName, FieldName


class LegalBasis(StrEnum):
    """Why processing is lawful (GDPR, Article 6(1))."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal-obligation"
    VITAL_INTERESTS = "vital-interests"
    PUBLIC_TASK = "public-task"
    LEGITIMATE_INTERESTS = "legitimate-interests"


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A column that tells whose a row is; columns of one `kind` (email, customer-id) hold the same values."""

    kind: str
    column: FieldName


@dataclass(frozen=True, slots=True)
class ProcessingActivity:
    """One record, with the datasets it is about and the columns that identify people in them."""

    id: str
    name: str
    controller: str | None = None
    contact: str | None = None
    purpose: str | None = None
    legal_basis: LegalBasis | None = None
    subject_categories: tuple[str, ...] = ()
    data_categories: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    transfers: str | None = None
    retention: str | None = None
    measures: str | None = None
    residency: str | None = None
    datasets: tuple[DatasetName, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


DEMANDED: tuple[tuple[str, str], ...] = (
    ("controller", "30(1)(a) name of the controller"),
    ("contact", "30(1)(a) contact of the controller or its data protection officer"),
    ("purpose", "30(1)(b) purposes of the processing"),
    ("subject_categories", "30(1)(c) categories of data subjects"),
    ("data_categories", "30(1)(c) categories of personal data"),
    ("recipients", "30(1)(d) categories of recipients"),
    ("transfers", "30(1)(e) transfers to third countries, with safeguards"),
    ("retention", "30(1)(f) time limits for erasure"),
    ("measures", "30(1)(g) technical and organisational measures"),
    ("legal_basis", "6(1) legal basis"),
    ("datasets", "datasets that hold the data"),
)
"""Fields that a record has to have, with what demands them."""


def missing(activity: ProcessingActivity) -> list[str]:
    """Name what a record lacks, in the order of Article 30."""
    return [title for name, title in DEMANDED if not getattr(activity, name)]
