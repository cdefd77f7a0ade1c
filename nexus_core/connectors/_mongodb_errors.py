"""From pymongo's errors to ours (manual, "Error Codes")."""

from __future__ import annotations

from nexus_core.errors import PasswordNeededError, SourceError, SourceUnavailableError

DENIED = 13
_CREDENTIALS = {11, 18, 31, 334}
_TIMED_OUT = {50, 202, 262}
_GONE = {6, 7, 89, 91, 133, 189, 9001, 10058, 10107, 11600, 11602, 13388, 13435, 13436}
_COMES_BACK = (
    "AutoReconnect",
    "ConnectionFailure",
    "ServerSelectionTimeoutError",
    "NetworkTimeout",
    "ExecutionTimeout",
)
_UNKNOWN_ACCOUNT = "requires authentication"
_ADVICE = "Check account, password, auth_source and roles; docs/sources/mongodb.md"


def is_denied(error: Exception) -> bool:
    """Whether the server refused one thing for want of a right."""
    return getattr(error, "code", None) == DENIED and _UNKNOWN_ACCOUNT not in sentence(error)


def ends_all(error: Exception) -> bool:
    """Whether the rest of a source cannot be read either: it is gone, or does not know the account."""
    code = getattr(error, "code", None)
    if code in _TIMED_OUT:
        return False
    return code in _CREDENTIALS or _UNKNOWN_ACCOUNT in sentence(error) or translated(error, "").transient


def sentence(error: Exception) -> str:
    """Give the first line of a driver's error, without the server's whole answer behind it."""
    details = getattr(error, "details", None) or {}
    said = details.get("errmsg") if isinstance(details, dict) else None
    return (said or str(error)).split("\n", 1)[0].split(", full error", 1)[0].split(", Timeout: ", 1)[0].rstrip(".")


def translated(error: Exception, source: str) -> SourceError:
    """Give our error for the driver's."""
    reason, code = sentence(error), getattr(error, "code", None)
    if _UNKNOWN_ACCOUNT in reason:
        return PasswordNeededError(source)
    if code in _CREDENTIALS | {DENIED}:
        return SourceError(source, reason, _ADVICE)
    if code in _TIMED_OUT:
        return SourceUnavailableError(source, reason, "A read took too long: raise statement_timeout_s, or retry.")
    names = {each.__name__ for each in type(error).__mro__}
    if code in _GONE or not names.isdisjoint(_COMES_BACK):
        return SourceUnavailableError(source, reason, "Check that the server runs and is reachable from here.")
    if "InvalidBSON" in names:
        return SourceError(source, f"it sent what is no BSON ({reason})", "Check the collection with `validate`.")
    return SourceError(source, reason, "Check the settings; docs/sources/mongodb.md")
