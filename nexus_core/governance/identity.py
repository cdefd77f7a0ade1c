"""Who a request comes from, once its credential is proven."""

from __future__ import annotations

from dataclasses import dataclass

from nexus_core.model.access import Caller
from nexus_core.model.envelope import Authority


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller, and what its events may say; `csrf` is there for a browser session only.

    `issuers` are the identity providers whose people it manages by SCIM.
    """

    caller: Caller
    authority: Authority
    csrf: str | None = None
    issuers: tuple[str, ...] = ()
