from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.model.personal import PersonalData
from nexus_core.pii import Column, propose
from nexus_core.pii.identities import is_ssn
from nexus_core.pii.phones import is_phone
from nexus_core.pii.values import is_card, is_email, is_iban, is_ip
from nexus_core.pii.words import words_of, words_of_comment

SECRET = "anna.canary@example.org"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("custEMailAddr_1", "customer email address 1"),
        ("EMAIL_ADDRESS", "email address"),
        ("private_email", "private email"),
        ("dateOfBirth", "date birth"),
        ("Straße", "street"),
        ("Kreditkarten-Nr.", "kreditkarten number"),
        ("名前", ""),
        ("", ""),
    ],
)
def test_words(name: str, words: str) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("Name of the patient. May be empty.", "patient name"),
        ("E-mail address (work)", "email address"),
        ("Whether the phone is verified", ""),
        ("Number of e-mails", ""),
    ],
)
def test_comments_name_things(comment: str, words: str) -> None:
    assert words_of_comment(comment) == words


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (is_email, "a.b+c@mail.example.org", "user@host"),
        (is_phone, "+49 30 901820", "2026-01-01"),
        (is_phone, "(212) 555-0199", "203.0.113.7"),
        (is_phone, "030/90 18 20 10", "1234567890"),
        (is_iban, "DE89 3704 0044 0532 0130 00", "DE89370400440532013001"),
        (is_card, "4111-1111-1111-1111", "4111111111111112"),
        (is_ip, "2001:db8::17", "10.0.1"),
        (is_ssn, "078-05-1120", "000-12-3456"),
    ],
)
def test_values(check: object, good: str, bad: str) -> None:
    assert check(good)  # type: ignore[operator]
    assert not check(bad)  # type: ignore[operator]


def test_no_value_is_shown() -> None:
    column = Column("c1", "text", None, (SECRET,) * 10)
    (found,) = propose("raw.t", [column])
    assert found.data is PersonalData.EMAIL
    assert found.reason == "100% of 10 sampled values have its form"
    assert SECRET not in f"{found!r} {column!r}"


def test_values_that_are_none_speak_against_a_name() -> None:
    assert [*propose("raw.t", [Column("email", "text")])]
    assert not [*propose("raw.t", [Column("email", "text", None, ("yes", "no") * 5)])]
    assert [*propose("raw.t", [Column("email_hash", "text", None, ("ab12", "cd34") * 5)])]


def test_a_few_values_prove_nothing() -> None:
    assert not [*propose("raw.t", [Column("c", "text", None, (SECRET,) * 4)])]


def test_nested_fields_are_read_by_their_last_part() -> None:
    (found,) = propose("shop.orders", [Column("payload.billing.email", "string")])
    assert found.field == "payload.billing.email"


@given(st.text(max_size=300), st.text(max_size=300), st.lists(st.text(max_size=50), max_size=20))
def test_any_text_is_taken(name: str, comment: str, values: list[str]) -> None:
    for found in propose(name, [Column(name, comment, comment, values)]):
        assert 0.5 <= found.score <= 1


def test_time_grows_with_length_only() -> None:
    began = time.perf_counter()
    for piece in ("email ", "a@", "name name ", "1-", "of the ", "_", "address line "):
        list(propose(piece * 2_000, [Column(piece * 2_000, "text", piece * 2_000, (piece * 100,) * 50)]))
    assert time.perf_counter() - began < 10
