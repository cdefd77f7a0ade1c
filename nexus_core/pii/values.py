"""What sampled values show: formats with check digits where they have any. No value leaves this module."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence

from nexus_core.model.personal import PersonalData as Data

LEAST_VALUES = 5

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
_PHONE = re.compile(r"(?=.*[ ()./-]|\+)\+?[\d ()./-]{8,24}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_SSN = re.compile(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")


def is_email(value: str) -> bool:
    """Whether it has the form of RFC 5322's plain addresses."""
    return bool(_EMAIL.fullmatch(value))


def is_phone(value: str) -> bool:
    """Whether it has 8 to 15 digits (E.164), set apart as people write them, and is no date."""
    digits = sum(letter.isdigit() for letter in value)
    return 8 <= digits <= 15 and bool(_PHONE.fullmatch(value)) and not _DATE.fullmatch(value) and not is_ip(value)


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


def is_ssn(value: str) -> bool:
    """Whether it is a social security number of the USA by form."""
    return bool(_SSN.fullmatch(value))


Check = Callable[[str], bool]

CHECKS: Mapping[Data, tuple[float, Check]] = {
    Data.EMAIL: (0.95, is_email),
    Data.BANK_ACCOUNT: (0.95, is_iban),
    Data.PAYMENT_CARD: (0.9, is_card),
    Data.IP_ADDRESS: (0.8, is_ip),
    Data.NATIONAL_ID: (0.75, is_ssn),
    Data.PHONE: (0.6, is_phone),
}
"""How sure a column is whose every value passes a check."""

STRICT = frozenset({Data.EMAIL, Data.PAYMENT_CARD, Data.IP_ADDRESS})
"""What a column does not hold if no value of it passes."""


def shares(values: Sequence[str], checks: Mapping[Data, tuple[float, Check]] = CHECKS) -> dict[Data, float]:
    """Give which share of the values passes each check; nothing for fewer than five values."""
    given = [text for value in values if (text := value.strip())]
    if len(given) < LEAST_VALUES:
        return {}
    return {data: sum(map(check, given)) / len(given) for data, (_, check) in checks.items()}
