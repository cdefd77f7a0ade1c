"""Reports for stewards: the catalogue, adherence to policies, quality."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from nexus_core.catalogue.policy_columns import policy_columns
from nexus_core.governance.policies.keeping import active_set
from nexus_core.model.access import CLASSES, Caller
from nexus_core.model.aliases import Aliases
from nexus_core.model.moments import moment
from nexus_core.model.quality import Finding
from nexus_core.quality.reading import find_checks
from nexus_core.reports.document import Report, Section, Table
from nexus_core.store.catalogue_export import all_assets
from nexus_core.store.database import Store, reading

_PAGE = 500
_LISTED_MOST = 20_000


async def make_catalogue(store: Store, caller: Caller) -> Report:
    """Make the list of all datasets that the caller sees."""
    rows: list[tuple[str | None, ...]] = []
    async with reading(store) as connection:
        async for asset in all_assets(connection, caller.scope):
            labels = (", ".join(asset.labels.get(kind, ())) for kind in ("owner", "tag", "domain", "certification"))
            told = (asset.namespace, asset.name, asset.kind, asset.class_name, *labels)
            rows.append((*told, str(asset.field_count), asset.description or ""))
    header = (
        "Namespace",
        "Name",
        "Kind",
        "Class",
        "Owners",
        "Tags",
        "Domain",
        "Certification",
        "Fields",
        "Description",
    )
    notes = ("A class that is not known is shown as unknown.",)
    return _report(
        "catalogue", "Catalogue", caller, Section("Datasets", notes, Table(header, sorted(rows, key=_names)))
    )


async def make_adherence(store: Store, main: Store, caller: Caller) -> Report:
    """Make the report of which sensitive fields a policy in force matches."""
    policies = (await active_set(main)).policies
    sensitive: Counter[str] = Counter()
    open_fields: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    async for column in policy_columns(store, main):
        if column.class_name in (None, CLASSES[0]) or not caller.scope.sees(column.dataset, column.attributes):
            continue
        sensitive[column.dataset.namespace] += 1
        if not any(policy.match.holds(column) for policy in policies):
            open_fields[column.dataset.namespace].append((column.dataset.name, column.field, column.class_name or ""))
    shares = [
        (space, str(count), str(count - len(open_fields[space])), f"{1 - len(open_fields[space]) / count:.1%}")
        for space, count in sorted(sensitive.items())
    ]
    listed = [(space, *each) for space, of in sorted(open_fields.items()) for each in sorted(of)]
    cut = (f"Only the first {_LISTED_MOST} are listed.",) if len(listed) > _LISTED_MOST else ()
    return _report(
        "adherence",
        "Adherence to masking policies",
        caller,
        Section("By namespace", (), Table(("Namespace", "Fields above Public", "Matched", "Share"), shares)),
        Section(
            "Fields that no policy matches",
            ("To everybody they are refused where data is masked at read.", *cut),
            Table(("Namespace", "Dataset", "Field", "Class"), listed[:_LISTED_MOST]),
        ),
    )


async def make_quality(store: Store, aliases: Aliases, caller: Caller) -> Report:
    """Make the list of checks with their latest results."""
    rows: list[Finding] = []
    after: tuple[int, str] | None = None
    while True:
        page, after = await find_checks(store, aliases, caller.scope, None, after, _PAGE)
        rows += page
        if after is None or len(rows) >= _LISTED_MOST:
            break
    header = ("Namespace", "Dataset", "Field", "Check", "Tool", "Severity", "Result", "At")
    failing = Table(header, _check_rows(each for each in rows if not each.passed))
    passing = Table(header, _check_rows(each for each in rows if each.passed))
    cut = (f"Only the latest {_LISTED_MOST} checks are listed.",) if after is not None else ()
    return _report(
        "quality", "Data quality", caller, Section("Failing", cut, failing), Section("Passing", cut, passing)
    )


def _check_rows(rows: Iterable[Finding]) -> Sequence[tuple[str | None, ...]]:
    told = (
        (
            each.namespace,
            each.name,
            each.field,
            each.title or each.assertion,
            each.tool,
            each.severity,
            "passed" if each.passed else "failed",
            moment(each.at).isoformat(timespec="seconds"),
        )
        for each in rows
    )
    return sorted(told)


def _report(kind: str, title: str, caller: Caller, *sections: Section) -> Report:
    return Report(kind, title, datetime.now(UTC), caller.name, sections)


def _names(row: tuple[str | None, ...]) -> tuple[str, str]:
    return row[0] or "", row[1] or ""
