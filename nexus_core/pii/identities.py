"""Numbers that states give to persons, by their check digits and built-in dates (python-stdnum)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module

_SSN = re.compile(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")
_CHARS = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./+-]{7,23}")
_KINDS = (
    *("at.vnr", "be.nn", "br.cpf", "ch.ssn", "cl.rut", "cz.rc", "de.idnr", "dk.cpr", "es.nie", "es.nif", "fi.hetu"),
    *("fr.nir", "gb.nhs", "hr.oib", "ie.pps", "in_.aadhaar", "in_.pan", "it.codicefiscale", "kr.rrn", "mx.curp"),
    *("nl.bsn", "no.fodselsnummer", "pl.pesel", "ro.cnp", "se.personnummer", "za.idnr"),
)
"""Modules of python-stdnum, but for those that other things pass, such as payment cards Portugal's."""


def is_ssn(value: str) -> bool:
    """Whether it is a social security number of the USA by form: it has no check digit."""
    return bool(_SSN.fullmatch(value))


def checks() -> Sequence[Callable[[str], bool]]:
    """Give a check for each kind of number: values of one column are of one kind, and another kind's by chance."""
    return _all_checks()


@cache
def _all_checks() -> tuple[Callable[[str], bool], ...]:
    return (is_ssn, *(_check(import_module(f"stdnum.{kind}").is_valid) for kind in _KINDS))


def _check(is_valid: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda value: bool(_CHARS.fullmatch(value)) and is_valid(value)
