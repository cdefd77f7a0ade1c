"""What Snowflake's errors mean for a harvest, by its error numbers (documentation, "Error messages") and SQLSTATE."""

from __future__ import annotations

import re
from typing import Any

from nexus_core.errors import SourceError, SourceUnavailableError

_DENIED = {2003, 2043, 3001, 3030}  # does not exist or not authorized; insufficient privileges
_UNSUPPORTED = {1003, 2040, 2141}  # an edition or region without such objects refuses them as unknown syntax
_NO_WAREHOUSE = {606}
_STOPPED = {604, 630}  # cancelled; reached its time-out
_NOISE = re.compile(
    r"^[0-9-]{6} \([0-9A-Z]{5}\): (?:[0-9a-f-]{36}: )?(?:[0-9]{6} \([0-9A-Z]{5}\): )?|(?<!\s)\s*+\(request_id=[^()]*+\)"
)
_UNREACHED = re.compile(r"HTTP request failed|timed out|os error|status 5\d\d", re.IGNORECASE)
_CONFIGURATION = {7, 251_005, 251_007}  # the driver's own: a parameter is missing or wrong
_DOCS = "docs/sources/snowflake.md"


def refuses(error: Any) -> bool:
    """Whether the source denies an object, or does not know its kind, rather than failing."""
    return error.errno in _DENIED | _UNSUPPORTED


def translated(source: str, error: Any) -> SourceError:
    """Give the error of ours; transient unless the account or the request is what has to change."""
    reason = _NOISE.sub("", str(error)).strip().split("\n", 1)[0].removesuffix(".") or type(error).__name__
    if error.errno in _NO_WAREHOUSE:
        return SourceError(source, reason, f"Give `warehouse`, and USAGE on it to the role; {_DOCS}")
    if error.errno in _DENIED:
        return SourceError(source, reason, f"Grant the role what {_DOCS} lists, or give another role.")
    if error.errno in _STOPPED:
        return SourceUnavailableError(source, reason, "Try again, with a higher statement_timeout_s.")
    if _is_login(error, reason):
        return SourceError(source, reason, f"Check account, user, role, and key, password or token; {_DOCS}")
    return SourceUnavailableError(source, reason, "Check that the account's host is reachable from here.")


def _is_login(error: Any, reason: str) -> bool:
    """Whether the account or its credentials are refused; the driver gives 250001 to all that ends a login."""
    refused = error.errno in _CONFIGURATION | {250_001} or 390_000 <= (error.errno or 0) < 400_000
    return refused and not _UNREACHED.search(reason)
