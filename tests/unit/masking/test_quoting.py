"""SQL that PostgreSQL printed, with relations under other names and parameters as texts."""

from __future__ import annotations

import pytest

from nexus_core.masking.quoting import bound, name, renamed, short, text

SHADOWS = {("public", "a"): ("ln_1__public", "a"), ("x.y", 'q"t'): ("ln_1__x.y", 'q"t')}


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT a.id FROM public.a a", 'SELECT a.id FROM "ln_1__public"."a" a'),
        ("FROM public.a, public.b", 'FROM "ln_1__public"."a", public.b'),
        ('FROM "x.y"."q""t"', 'FROM "ln_1__x.y"."q""t"'),
        ("SELECT 'public.a', E'\\'public.a'", "SELECT 'public.a', E'\\'public.a'"),
        ("SELECT public.a(1)", "SELECT public.a(1)"),
        ("SELECT db.public.a", "SELECT db.public.a"),
        ("SELECT public.a.id", "SELECT public.a.id"),
        ('SELECT "public.a"', 'SELECT "public.a"'),
    ],
)
def test_relations_are_renamed_where_they_are_relations(sql: str, found: str) -> None:
    assert renamed(sql, lambda schema, relation: SHADOWS.get((schema, relation))) == found


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("region = :region", "region = 'E''U'"),
        ("region = ':region'", "region = ':region'"),
        ("total::text = :region", "total::text = 'E''U'"),
        ('":region" = 1', '":region" = 1'),
    ],
)
def test_parameters_become_texts(sql: str, found: str) -> None:
    assert bound(sql, lambda _name: text("E'U")) == found


def test_long_names_differ_by_their_hash() -> None:
    one, other = short("ä" * 60 + "1"), short("ä" * 60 + "2")
    assert one != other
    assert max(len(one.encode()), len(other.encode())) <= 63
    assert name('a"b') == '"a""b"'
