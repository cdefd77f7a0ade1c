"""What `--authority` means: grants as text, and the rights that they add up to (docs/tokens.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nexus_core.errors import InvalidInputError
from nexus_core.governance.scopes import is_scope_text, reach_of
from nexus_core.model.access import ADMIN_ROLE, EVERYTHING, Grant, Permission, Reach, Scope
from nexus_core.model.envelope import Authority

_EVERYTHING = "*"
ALL_BUT_RAW = frozenset(Permission) - {Permission.RAW_EVENTS}
_PERMISSIONS = {
    "producer": frozenset({Permission.INGEST}),
    "harvest": frozenset({Permission.INGEST, Permission.HARVEST}),
    "curator": frozenset({Permission.READ, Permission.INGEST, Permission.CURATE}),
    "backfill": frozenset({Permission.INGEST}),
    "alias": frozenset({Permission.INGEST}),
    "viewer": frozenset({Permission.READ}),
    "auditor": frozenset({Permission.READ, Permission.AUDIT}),
    "steward": frozenset({Permission.READ, Permission.CURATE, Permission.GOVERN}),
    "events-raw": frozenset({Permission.READ, Permission.RAW_EVENTS}),
    "scim": frozenset[Permission](),
    ADMIN_ROLE: ALL_BUT_RAW,
}
_WITH_ARGUMENT = {
    "producer": True,
    "harvest": True,
    "curator": False,
    "alias": False,
    "viewer": False,
    "auditor": False,
    "steward": False,
    "scim": True,
}  # True: it must be there
_PROVIDERS = ("oidc:", "saml:")
"""What the issuers of accounts begin with that identity providers vouch for."""

_OF_DATASETS = ("curator", "alias")
"""What takes a pattern of `NAMESPACE/NAME`, since events tell of what nobody has classified or put into a domain."""

_LIMITED = frozenset({"viewer", "auditor", "steward"})

GRANT_FORMS = (
    "producer:JOBS[:OUTPUTS], harvest:SOURCE, curator[:DATASETS], backfill, alias[:DATASETS], "
    "viewer[:NAMESPACES or SCOPE], auditor[:NAMESPACES or SCOPE], steward[:NAMESPACES or SCOPE], events-raw, "
    "scim:ISSUER, admin"
)


@dataclass(frozen=True, slots=True)
class Rights:
    """What grants add up to: what a caller may do and where, what its events may say, and whose people it manages."""

    grants: tuple[Grant, ...]
    authority: Authority
    issuers: tuple[str, ...] = ()


def rights_of(grants: Iterable[str]) -> Rights:
    """Add up grants; raises InvalidInputError naming the first that means nothing."""
    split = [_split(grant) for grant in grants]
    kinds = {kind for kind, _ in split}
    granted = tuple(_grant(kind, argument) for kind, argument in dict.fromkeys(split))
    issuers = tuple(argument for kind, argument in split if kind == "scim")
    return Rights(granted, EVERY_AUTHORITY if ADMIN_ROLE in kinds else _authority(split, kinds), issuers)


def _authority(split: list[tuple[str, str]], kinds: set[str]) -> Authority:
    producers = [argument.partition(":")[::2] for kind, argument in split if kind == "producer"]
    return Authority(
        jobs=tuple(jobs for jobs, _ in producers),
        outputs=tuple(outputs or _EVERYTHING for _, outputs in producers),
        harvest=tuple(argument for kind, argument in split if kind == "harvest"),
        curator=("curator", "") in split,
        backfill="backfill" in kinds,
        alias=("alias", "") in split,
        curates=tuple(argument for kind, argument in split if kind == "curator" and argument),
        aliases=tuple(argument for kind, argument in split if kind == "alias" and argument),
    )


EVERY_AUTHORITY = Authority(
    jobs=(_EVERYTHING,),
    outputs=(_EVERYTHING,),
    harvest=(_EVERYTHING,),
    curator=True,
    backfill=True,
    alias=True,
    admin=True,
)
"""The admin's."""


def _grant(kind: str, argument: str) -> Grant:
    origin = f"the token's authority {kind}" + (f":{argument}" if argument else "")
    role = ADMIN_ROLE if kind == ADMIN_ROLE else ""
    return Grant(_PERMISSIONS[kind], _scope(kind, argument), role, origin)


def _scope(kind: str, argument: str) -> Scope:
    if kind == "curator" and argument:
        return Scope((Reach(datasets=(argument,)),))
    if kind not in _LIMITED or not argument:
        return EVERYTHING
    return Scope((reach_of(argument, "$.authority") if is_scope_text(argument) else Reach(namespaces=(argument,)),))


def _split(grant: str) -> tuple[str, str]:
    kind, colon, argument = grant.partition(":")
    needed = _WITH_ARGUMENT.get(kind)
    if (
        kind not in _PERMISSIONS
        or (colon and needed is None)
        or bool(colon) > bool(argument)
        or (needed and not argument)
        or (kind == "scim" and not argument.startswith(_PROVIDERS))
        or (kind in _OF_DATASETS and argument and "/" not in argument)
    ):
        shown = grant if len(grant) <= 100 else grant[:100] + "…"
        raise InvalidInputError(f"`{shown}` is no authority; there are {GRANT_FORMS}", "$.authority")
    return kind, argument
