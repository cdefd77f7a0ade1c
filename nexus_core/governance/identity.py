"""Who a request comes from, once its credential is proven."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nexus_core.model.access import Caller, Permission
from nexus_core.model.envelope import Authority

_GOVERNING = frozenset({Permission.GOVERN, Permission.ADMIN})


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller, and what its events may say; `csrf` is there for a browser session only.

    `issuers` are the identity providers whose people it manages by SCIM. `step_up` is the address of the stronger
    sign-in without which its session changes nothing that is governed.
    """

    caller: Caller
    authority: Authority
    csrf: str | None = None
    issuers: tuple[str, ...] = ()
    step_up: str | None = None

    def changing(self) -> Identity:
        """Give who asks for a change: without what needs a stronger sign-in than the session has."""
        if self.step_up is None:
            return self
        grants = tuple(replace(grant, permissions=grant.permissions - _GOVERNING) for grant in self.caller.grants)
        authority = replace(self.authority, curator=False, admin=False, curates=())
        return replace(self, caller=replace(self.caller, grants=grants), authority=authority)
