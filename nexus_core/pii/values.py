"""What sampled values show: formats with check digits where they have any. No value leaves this module."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from nexus_core.model.personal import PersonalData as Data
from nexus_core.pii import identities
from nexus_core.pii.phones import is_phone

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

LEAST_VALUES = 5
VALUES_MAX = 100
"""Values of a column that are looked at; more would say the same."""

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


def is_email(value: str) -> bool:
    """Whether it has the form of RFC 5322's plain addresses."""
    return bool(_EMAIL.fullmatch(value))


def is_mailbox(value: str) -> bool:
    """Whether it is an address under a public suffix (publicsuffix.org), as persons have; not `me@db.local`."""
    return is_email(value) and _suffixes().privatesuffix(value.rpartition("@")[2].lower()) is not None


@cache
def _suffixes() -> PublicSuffixList:
    """Load the list that came with the library; nothing is fetched."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False)


def is_iban(value: str) -> bool:
    """Whether it is an IBAN by form and check digits (ISO 13616)."""
    text = value.replace(" ", "")
    if not _IBAN.fullmatch(text):
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


def is_card(value: str) -> bool:
    """Whether it is a card number by issuer, length and check digit (ISO/IEC 7812)."""
    text = value.replace(" ", "").replace("-", "")
    if not text.isdecimal() or not 13 <= len(text) <= 19 or text[0] not in "23456":
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(text))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def is_ip(value: str) -> bool:
    """Whether it is an address of IPv4 or IPv6."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


Check = Callable[[str], bool]

CHECKS: Mapping[Data, tuple[float, Callable[[], Sequence[Check]]]] = {
    Data.EMAIL: (0.95, lambda: (is_mailbox,)),
    Data.BANK_ACCOUNT: (0.95, lambda: (is_iban,)),
    Data.PAYMENT_CARD: (0.9, lambda: (is_card,)),
    Data.IP_ADDRESS: (0.8, lambda: (is_ip,)),
    Data.NATIONAL_ID: (0.75, identities.checks),
    Data.PHONE: (0.85, lambda: (is_phone,)),
}
"""How sure a column is whose every value passes one of the checks, always the same."""

FORMS: Mapping[Data, Check] = {Data.EMAIL: is_email, Data.PAYMENT_CARD: is_card, Data.IP_ADDRESS: is_ip}
"""What a column does not hold if no value of it has the form."""


def shares(values: Sequence[str]) -> dict[Data, float]:
    """Give which share of the values passes the best check of each kind; nothing for fewer than five values."""
    given = _given(values)
    if len(given) < LEAST_VALUES:
        return {}
    return {data: max(_share(given, check) for check in checks()) for data, (_, checks) in CHECKS.items()}


def missing(values: Sequence[str]) -> set[Data]:
    """Give the kinds of which no value has the form."""
    given = _given(values)
    return {data for data, form in FORMS.items() if len(given) >= LEAST_VALUES and not any(map(form, given))}


def _given(values: Sequence[str]) -> list[str]:
    return [text for value in values if (text := value.strip())][:VALUES_MAX]


def _share(given: Sequence[str], check: Check) -> float:
    """Give a share; it is told by the first values where none of them passes."""
    if not any(map(check, given[:LEAST_VALUES])):
        return 0.0
    return sum(map(check, given)) / len(given)
