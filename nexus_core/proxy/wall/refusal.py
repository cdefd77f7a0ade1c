"""How a part of the wall says no."""

from __future__ import annotations

from nexus_core.proxy.wall.verdict import INSUFFICIENT_PRIVILEGE


class Refusal(Exception):  # noqa: N818 a verdict, not an error
    """A statement is not permitted; `location` is the byte of the text that it is about, or -1."""

    def __init__(
        self, reason: str, hint: str = "", *, sqlstate: str = INSUFFICIENT_PRIVILEGE, location: int = -1
    ) -> None:
        super().__init__(reason)
        self.reason, self.hint, self.sqlstate, self.location = reason, hint, sqlstate, location
