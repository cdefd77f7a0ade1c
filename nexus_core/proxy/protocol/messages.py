"""What a server says beside rows: errors, notices, parameters, that it is ready."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from nexus_core.errors import InvalidInputError
from nexus_core.proxy.protocol.frames import LENGTH, frame, take_raw, take_text, text

AUTHENTICATED = frame(b"R", struct.pack("!i", 0))

INSUFFICIENT_PRIVILEGE = "42501"
PROTOCOL_VIOLATION = "08P01"
INVALID_AUTHORIZATION = "28000"
INVALID_PASSWORD = "28P01"  # noqa: S105 a code
TOO_MANY_CONNECTIONS = "53300"
ADMIN_SHUTDOWN = "57P01"
CANNOT_CONNECT_NOW = "57P03"
IDLE_TOO_LONG = "57P05"
IDLE_IN_TRANSACTION = "25P03"
CONNECTION_FAILURE = "08006"
SYSTEM_ERROR = "58000"
UNKNOWN_DATABASE = "3D000"
TOO_LARGE = "54000"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an ErrorResponse or a NoticeResponse tells; `position` is a character of the statement, counted from 1."""

    severity: str
    code: str
    message: str
    detail: str = ""
    hint: str = ""
    position: int = 0

    @property
    def error(self) -> bytes:
        """The ErrorResponse."""
        return frame(b"E", self._fields)

    @property
    def notice(self) -> bytes:
        """The NoticeResponse."""
        return frame(b"N", self._fields)

    @property
    def _fields(self) -> bytes:
        pairs = (
            (b"S", self.severity),
            (b"V", self.severity),
            (b"C", self.code),
            (b"M", self.message),
            (b"D", self.detail),
            (b"H", self.hint),
            (b"P", str(self.position) if self.position else ""),
        )
        return b"".join(kind + text(value.replace("\0", "")) for kind, value in pairs if value) + b"\0"


def error(code: str, message: str, hint: str = "", detail: str = "") -> Complaint:
    """Give a failure of one statement."""
    return Complaint("ERROR", code, message, detail, hint)


def fatal(code: str, message: str, hint: str = "") -> Complaint:
    """Give a failure that ends the session."""
    return Complaint("FATAL", code, message, "", hint)


def notice(message: str, detail: str = "", hint: str = "") -> Complaint:
    """Give what a client should know of its statement."""
    return Complaint("NOTICE", "00000", message, detail, hint)


def complaint_code(body: bytes) -> str:
    """Give the SQLSTATE of an ErrorResponse, as far as its body is there; "" if it is not."""
    at = 0
    try:
        while at < len(body) and body[at] != 0:
            value, after = take_raw(body, at + 1)
            if body[at] == ord("C"):
                return value.decode("ascii", "replace")
            at = after
    except InvalidInputError:
        pass
    return ""


def ends_session(body: bytes) -> bool:
    """Whether an ErrorResponse tells that the session is over."""
    return b"\0VFATAL\0" in body or b"\0VPANIC\0" in body


def complaint_of(body: bytes) -> Complaint:
    """Read an ErrorResponse; what is no UTF-8 in it is replaced. Raises InvalidInputError."""
    found: dict[int, str] = {}
    at = 0
    while at < len(body) and body[at] != 0:
        value, after = take_raw(body, at + 1)
        found[body[at]] = value.decode(errors="replace")
        at = after
    severity, code, message, detail, hint = (found.get(ord(kind), "") for kind in "VCMDH")
    return Complaint(severity, code, message, detail, hint)


def parameter(name: str, value: str) -> bytes:
    """Tell a ParameterStatus."""
    return frame(b"S", text(name) + text(value))


def parameter_of(body: bytes) -> tuple[str, str]:
    """Read a ParameterStatus. Raises InvalidInputError."""
    name, at = take_text(body, 0)
    value, _ = take_text(body, at)
    return name, value


def key_data(process: int, secret: int) -> bytes:
    """Tell the numbers by which the session's statements can be cancelled."""
    return frame(b"K", struct.pack("!ii", process, secret))


def key_of(body: bytes) -> tuple[int, int]:
    """Read BackendKeyData. Raises InvalidInputError."""
    if len(body) != 8:
        raise InvalidInputError("the key data is not of protocol 3.0")
    return LENGTH(body)[0], LENGTH(body, 4)[0]


def ready(status: bytes = b"I") -> bytes:
    """Tell ReadyForQuery: idle, in a transaction (T), or in a failed one (E)."""
    return frame(b"Z", status)


def sasl(mechanisms: Sequence[str]) -> bytes:
    """Ask for SASL by one of some mechanisms."""
    return frame(b"R", struct.pack("!i", 10) + b"".join(text(each) for each in mechanisms) + b"\0")


def sasl_continue(data: bytes) -> bytes:
    """Go on with SASL."""
    return frame(b"R", struct.pack("!i", 11) + data)


def sasl_final(data: bytes) -> bytes:
    """End SASL."""
    return frame(b"R", struct.pack("!i", 12) + data)


@lru_cache(maxsize=256)
def rows_of(body: bytes) -> int:
    """Give the count that a CommandComplete tells, such as 5 of `SELECT 5`; 0 for a command without one."""
    last = body.rstrip(b"\0").rpartition(b" ")[2]
    return int(last) if last.isdigit() else 0
