"""The forms of a report: nothing in it is run, and nothing unknown looks known."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import orjson
import pytest

from nexus_core.model.names import DatasetName
from nexus_core.model.processing import DEMANDED, LegalBasis, ProcessingActivity, missing
from nexus_core.reports.article30 import article_30
from nexus_core.reports.csv_form import safe_cell, to_csv
from nexus_core.reports.document import Report
from nexus_core.reports.json_form import to_json
from nexus_core.reports.pdf_form import to_pdf

NOW = datetime(2026, 11, 29, tzinfo=UTC)
ORDERS = DatasetName("postgres://db:5432", "shop.public.orders")
STRAY = DatasetName("postgres://db:5432", "shop.public.stray")
NEWSLETTER = ProcessingActivity(
    "newsletter",
    "Newsletter <b>& more</b> 中",
    controller="=cmd|' /C calc'!A0",
    legal_basis=LegalBasis.CONSENT,
    datasets=(ORDERS,),
)


@pytest.fixture
def report() -> Report:
    return article_30([NEWSLETTER], {ORDERS: [("email", "PII")], STRAY: [("ssn", "PII")]}, NOW, "Anna")


def test_what_is_missing_is_named_and_nothing_is_guessed(report: Report) -> None:
    lacks = missing(NEWSLETTER)
    assert len(lacks) == len(DEMANDED) - 3
    assert lacks[0].startswith("30(1)(a) contact")
    (section,) = (each for each in report.sections if each.title == NEWSLETTER.name)
    assert section.table is not None
    assert ("Purpose", None) in section.table.rows
    assert (f"Dataset {ORDERS.name} in {ORDERS.namespace}", "email (PII)") in section.table.rows


def test_personal_data_that_no_activity_names(report: Report) -> None:
    table = report.sections[-1].table
    assert table is not None
    assert table.rows == [(STRAY.namespace, STRAY.name, "ssn (PII)")]


def test_csv_holds_no_formula(report: Report) -> None:
    rows = list(csv.reader(io.StringIO(to_csv(report).decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row]
    assert "'=cmd|' /C calc'!A0" in cells
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert "unknown" in cells


@pytest.mark.parametrize("start", list("=+-@\t\r"))
def test_starts_of_formulas(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


def test_json_says_null_for_what_is_unknown(report: Report) -> None:
    found = orjson.loads(to_json(report))
    assert found["sections"][1]["table"]["rows"][2] == ["Purpose", None]


def test_pdf_is_one_and_the_same_for_the_same_report(report: Report) -> None:
    made = to_pdf(report)
    assert made.startswith(b"%PDF-")
    assert made == to_pdf(report)


def test_a_table_longer_than_a_page_with_a_cell_longer_than_one() -> None:
    fields = [(f"field_{number}", "PII") for number in range(3000)]
    long = article_30([], {ORDERS: fields}, NOW, "Anna")
    assert to_pdf(long).count(b"/Type /Page\n") > 1
