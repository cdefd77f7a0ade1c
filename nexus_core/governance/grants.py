"""What `--authority` means: grants as text, and the rights that they add up to (docs/tokens.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nexus_core.errors import InvalidInputError
from nexus_core.model.access import Permission, Scope
from nexus_core.model.envelope import Authority

_EVERYTHING = "*"
_ALL_BUT_RAW = frozenset(Permission) - {Permission.RAW_EVENTS}
_PERMISSIONS = {
    "producer": {Permission.INGEST},
    "harvest": {Permission.INGEST, Permission.HARVEST},
    "curator": {Permission.READ, Permission.INGEST, Permission.CURATE},
    "backfill": {Permission.INGEST},
    "alias": {Permission.INGEST},
    "viewer": {Permission.READ},
    "auditor": {Permission.READ, Permission.AUDIT},
    "events-raw": {Permission.READ, Permission.RAW_EVENTS},
    "admin": _ALL_BUT_RAW,
}
_WITH_ARGUMENT = {"producer": True, "harvest": True, "viewer": False, "auditor": False}  # True: it must be there

GRANT_FORMS = (
    "producer:JOBS[:OUTPUTS], harvest:SOURCE, curator, backfill, alias, viewer[:NAMESPACES], "
    "auditor[:NAMESPACES], events-raw, admin"
)


@dataclass(frozen=True, slots=True)
class Rights:
    """What grants add up to."""

    permissions: frozenset[Permission]
    scope: Scope
    authority: Authority


def rights_of(grants: Iterable[str]) -> Rights:
    """Add up grants; raises InvalidInputError naming the first that means nothing."""
    split = [_split(grant) for grant in grants]
    kinds = {kind for kind, _ in split}
    producers = [argument.partition(":")[::2] for kind, argument in split if kind == "producer"]
    harvests = tuple(argument for kind, argument in split if kind == "harvest")
    if "admin" in kinds:
        return Rights(_permissions(kinds), Scope((_EVERYTHING,)), _ADMIN)
    return Rights(
        _permissions(kinds),
        Scope(tuple(dict.fromkeys(_seen(kind, argument) for kind, argument in split if kind in _READERS))),
        Authority(
            jobs=tuple(jobs for jobs, _ in producers),
            outputs=tuple(outputs or _EVERYTHING for _, outputs in producers),
            harvest=harvests,
            curator="curator" in kinds,
            backfill="backfill" in kinds,
            alias="alias" in kinds,
        ),
    )


_ADMIN = Authority(
    jobs=(_EVERYTHING,),
    outputs=(_EVERYTHING,),
    harvest=(_EVERYTHING,),
    curator=True,
    backfill=True,
    alias=True,
    admin=True,
)
_READERS = frozenset(kind for kind, permissions in _PERMISSIONS.items() if Permission.READ in permissions)


def _permissions(kinds: set[str]) -> frozenset[Permission]:
    return frozenset(permission for kind in kinds for permission in _PERMISSIONS[kind])


def _seen(kind: str, argument: str) -> str:
    return argument if kind in ("viewer", "auditor") and argument else _EVERYTHING


def _split(grant: str) -> tuple[str, str]:
    kind, colon, argument = grant.partition(":")
    needed = _WITH_ARGUMENT.get(kind)
    if (
        kind not in _PERMISSIONS
        or (colon and needed is None)
        or bool(colon) > bool(argument)
        or (needed and not argument)
    ):
        shown = grant if len(grant) <= 100 else grant[:100] + "…"
        raise InvalidInputError(f"`{shown}` is no authority; there are {GRANT_FORMS}", "$.authority")
    return kind, argument
