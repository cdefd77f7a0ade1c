import pytest

from nexus_core.catalogue.words import index_text, parts, searched


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shop.core.dim_customer", ["shop", "core", "dim", "customer"]),
        ("dimCustomerV2", ["dim", "customer", "v2"]),
        ("HTTPServerLog", ["http", "server", "log"]),
        ("größeÜber", ["größeüber"]),
        ("…", []),
    ],
)
def test_names_fall_into_parts(name, expected):
    assert parts(name) == expected


def test_a_name_with_humps_is_found_whole_and_by_its_parts():
    assert index_text(["orders", "dimCustomer"]) == "orders dimCustomer dim customer"


def test_only_words_are_searched():
    assert searched('Orders.* "x" AND -y NEAR(') == ["orders", "x", "and", "y", "near"]
    assert len(searched("a " * 100)) == 12
