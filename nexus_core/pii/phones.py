"""Phone numbers as people write them, by Google's libphonenumber."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "PL", "NL", "BR", "SE", "JP", "IN")
"""Whose national forms are known; a number that begins with `+` is of any country."""
_FORM = re.compile(r"(?=.*[ ()./-]|\+|0\d{8,10}$)\+?[\d ()./-]{7,24}(?: ?(?:x|ext\.?|#) ?\d{1,6})?", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_LEAST_DIGITS = 7


def is_phone(value: str) -> bool:
    """Whether it is a valid number, in groups as its country writes them, or as one that begins with `0` or `+`.

    Costs some milliseconds for a value that has the form of one.
    """
    digits = sum(letter.isdigit() for letter in value)
    if digits < _LEAST_DIGITS or not _FORM.fullmatch(value) or _DATE.fullmatch(value):
        return False
    return any(_found()(value, region) for region in REGIONS)


@cache
def _found() -> Callable[[str, str], bool]:
    """Load the library when it is first needed: its tables take a quarter of a second."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    def found(value: str, region: str) -> bool:
        matches = PhoneNumberMatcher(value, region, leniency=Leniency.STRICT_GROUPING)
        return any(match.start == 0 and match.end == len(value) for match in matches)

    return found
