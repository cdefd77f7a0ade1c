"""Kinds of personal data that a column may hold, and proposals that it does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PersonalData(StrEnum):
    """What a column may tell of a person (GDPR, articles 4, 9 and 87)."""

    EMAIL = "email"
    PHONE = "phone"
    PERSON_NAME = "person_name"
    USER_NAME = "user_name"
    BIRTH = "birth"
    GENDER = "gender"
    CIVIL_STATUS = "civil_status"
    ADDRESS = "address"
    LOCATION = "location"
    NATIONAL_ID = "national_id"
    BANK_ACCOUNT = "bank_account"
    PAYMENT_CARD = "payment_card"
    INCOME = "income"
    IP_ADDRESS = "ip_address"
    DEVICE_ID = "device_id"
    CREDENTIAL = "credential"
    HEALTH = "health"
    BELIEF = "belief"


@dataclass(frozen=True, slots=True)
class Proposal:
    """That a field may hold personal data; `score` from 0 to 1, `reason` without any value."""

    field: str
    data: PersonalData
    score: float
    reason: str
