"""What the words of a name say: rules as data.

The head of a column's name is its last word, so each pattern must end there: `email_template_id` is an id, and
`email_verified` a state. A score is the share of such columns that we would expect to hold what is proposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nexus_core.model.personal import PersonalData as Data

_TAIL = r"(?: (?:number|line|text|value|hash|hashed|masked|raw|primary|secondary|main|\d+))*$"
_ROLE = (
    r"(?:person|customer|client|patient|employee|contact|owner|manager|guest|holder|signatory|physician|doctor|"
    r"nurse|teacher|guardian|parent|driver|reviewer|requester|assignee|recipient|consignee|beneficiary|policyholder|"
    r"agent|approver|candidate|subscriber|debtor|creditor|author|student|passenger|member|spouse|child|buyer|"
    r"signature|caller|reporter|sender|applicant|tenant|resident|participant|attendee|donor|account)s?"
)

_PATTERNS: tuple[tuple[Data, float, str], ...] = (
    (Data.EMAIL, 0.9, r"email(?: address)?"),
    (Data.PHONE, 0.9, r"(?:phone|mobile|fax|cell phone)"),
    (Data.PHONE, 0.7, r"(?:contact|callback|caller|called|calling) number"),
    (Data.PERSON_NAME, 0.9, r"(?:first|last|given|family|middle|maiden|full|real|legal|birth) name|surname|name last"),
    (Data.PERSON_NAME, 0.75, rf"{_ROLE} (?:display )?name|{_ROLE} name and surname"),
    (Data.PERSON_NAME, 0.6, r"display name|middle initial|next kin|(?:signed|approved|reviewed) by|moderator"),
    (Data.USER_NAME, 0.7, r"user name|login|nick ?name|screen name|(?:twitter|instagram|social) handle|handle"),
    (Data.USER_NAME, 0.65, r"(?:linkedin|facebook|twitter|xing|github)(?: url| profile| id)?|skype(?: id| name)?"),
    (Data.BIRTH, 0.9, r"(?:date )?birth(?: date| year| place)?|date birth|year birth|place birth"),
    (Data.BIRTH, 0.6, r"age(?: group| range| bracket)?"),
    (Data.GENDER, 0.85, r"gender|sex|salutation"),
    (Data.CIVIL_STATUS, 0.8, r"(?:marital|civil) status"),
    (Data.ADDRESS, 0.8, r"postal code|house number|street(?: name| address)?"),
    (
        Data.ADDRESS,
        0.85,
        r"(?:shipping|billing|home|permanent|mailing|postal|delivery|recipient|customer|store|work|street) address",
    ),
    (Data.ADDRESS, 0.6, r"address"),
    (Data.LOCATION, 0.55, r"latitude|longitude|geo ?location|(?:current|last|home) location"),
    (Data.NATIONAL_ID, 0.9, r"ssn|social security|national insurance|passport|(?:national|identity|id) card|nin"),
    (Data.NATIONAL_ID, 0.75, r"(?:tax|national) (?:id|number)|tin"),
    (Data.NATIONAL_ID, 0.75, r"drivers? license|medical record|(?:health |social )?insurance (?:id|number)"),
    (Data.BANK_ACCOUNT, 0.9, r"iban|bank account"),
    (Data.BANK_ACCOUNT, 0.55, r"account number"),
    (Data.PAYMENT_CARD, 0.9, r"(?:credit )?card number|credit card|pan|cvv|cvc|card last 4|card last4"),
    (Data.INCOME, 0.8, r"salary|wage|income|(?:bonus|payout|commission|pension)(?: amount)?"),
    (Data.IP_ADDRESS, 0.75, r"ip(?: address)?|remote address"),
    (Data.DEVICE_ID, 0.7, r"(?:device|cookie|visitor|advertising) (?:id|fingerprint)|idfa|gaid|imei|imsi|iccid"),
    (Data.DEVICE_ID, 0.65, r"(?:license|number) plate"),
    (Data.CREDENTIAL, 0.9, r"password(?: hash| salt| digest)?|passphrase|(?:api|private|secret|access) key"),
    (
        Data.CREDENTIAL,
        0.8,
        r"(?:api|reset|auth|access|refresh|session|bearer|device|login) token|security answer|secret",
    ),
    (Data.HEALTH, 0.85, r"diagnos[ie]s|allerg(?:y|ies)|medications?|disabilit(?:y|ies)|blood type|icd ?\d*(?: code)?"),
    (Data.HEALTH, 0.75, r"pregnant|smoker|(?:medical|existing|health) conditions?|dietary requirements?|icd 10 code"),
    (Data.HEALTH, 0.4, r"weight(?: kg| lb)?|height(?: cm| in)?"),
    (Data.BELIEF, 0.85, r"religion|ethnicity|ethnic (?:origin|group)|race|sexual orientation"),
    (Data.BELIEF, 0.75, r"nationality|citizenship|political (?:party|opinions?)|(?:trade )?union member(?:ship)?"),
)

# A word of these before the head says whose the thing is: a machine's, a firm's or a text's.
_OF_MACHINES = re.compile(
    r"\b(?:ip|mac|memory|start|base|bus|gateway|subnet|network|i2c|i 2|register|device|virtual|web|url|return|tower|"
    r"family|host|server|port|email)\b(?= (?:\w+ )*address)"
)
_OF_FIRMS = re.compile(r"\b(?:vendor|supplier|company|firm|merchant|organi[sz]ation|employer|agency|bank)\b")
_OF_THINGS = re.compile(r"\b(?:battery|vehicle|machine|account type|card type|domain|user agent|file|table|column)\b")

_PERSONS = re.compile(rf"\b(?:{_ROLE}|people|users?|leads?|players?|visitors?|hr|crm|cards?)\b")
_HAPPENINGS = re.compile(r"\b(?:events?|sessions?|visits?|rides?|trips?|logins?)\b")
_MACHINES = re.compile(
    r"\b(?:infra|servers?|hosts?|sensors?|iot|devices?|readings?|meta|tables?|schema|ledger|system)\b"
)


@dataclass(frozen=True, slots=True)
class Said:
    """What words say, and how sure that is, from 0 to 1."""

    data: Data
    score: float


_COMPILED = [(data, score, re.compile(rf"(?:^| )(?:{text}){_TAIL}")) for data, score, text in _PATTERNS]


def said_by(words: str, table: str) -> Iterator[Said]:
    """Give what the words of a column's name say, beside those of its table's name."""
    for data, score, pattern in _COMPILED:
        if pattern.search(words) and not _is_of_another(data, words):
            yield Said(data, _beside(data, score, words, table))
    if re.search(r"(?:^)name$", words) and _PERSONS.search(table):
        yield Said(Data.PERSON_NAME, 0.6)


def _is_of_another(data: Data, words: str) -> bool:
    if data is Data.ADDRESS:
        return bool(_OF_MACHINES.search(words))
    if data in (Data.NATIONAL_ID, Data.PERSON_NAME, Data.BANK_ACCOUNT):
        return bool(_OF_FIRMS.search(words)) and "bank account" not in words and "iban" not in words
    return bool(_OF_THINGS.search(words))


def _beside(data: Data, score: float, words: str, table: str) -> float:
    """Weigh a score by the table: a person's address is one sooner than a machine's."""
    if _MACHINES.search(table) and data in (Data.PERSON_NAME, Data.ADDRESS, Data.IP_ADDRESS, Data.LOCATION):
        return score * 0.4
    if _MACHINES.search(table) and data in (Data.BANK_ACCOUNT, Data.BIRTH, Data.GENDER):
        return score * 0.7
    if data is Data.LOCATION and not (_PERSONS.search(table) or _HAPPENINGS.search(table) or "home" in words):
        return score * 0.6
    if data in (Data.ADDRESS, Data.HEALTH, Data.BIRTH) and _PERSONS.search(table):
        return min(0.95, score + 0.2)
    return score
