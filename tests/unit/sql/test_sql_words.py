"""Words of procedure texts and what dynamic SQL folds to."""

from __future__ import annotations

import pytest

from nexus_core.sql.programs.texts import folded
from nexus_core.sql.reading.words import find, words_of


def test_strings_and_comments_are_whole() -> None:
    texts = [word.text for word in words_of("a := 'it''s; -- no' /* ; */ || $q$ ; $q$ -- ;\n;")]
    assert texts == ["a", ":=", "'it''s; -- no'", "||", "$q$ ; $q$", ";"]


@pytest.mark.parametrize("text", ["'abc", "/* abc", '"abc', "$x$ abc"])
def test_what_has_no_end_goes_to_the_end(text: str) -> None:
    assert len(words_of(text)) <= 1


def test_find_passes_over_brackets_and_case() -> None:
    words = words_of("(a then b) case when x then y end then")
    assert find(words, frozenset({"THEN"}), 0) == len(words) - 1


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("'select 1'", "select 1"),
        ("'a ' || q || $$ c$$", "a b c"),
        (
            "format('insert into %I.%I select %L', 'public', 'Big Table', v)",
            'insert into public."Big Table" select NULL',
        ),
        ("format('%s%%', q)", "b%"),
        ("'x = ' || quote_literal(v)", "x = NULL"),
        ("('a' || 'b')::text", "ab"),
        ("'a' || v", None),
        ("quote_ident(v)", None),
        ("format('%I', v)", None),
        ("format('%1$I', 'a')", None),
    ],
)
def test_folding(expression: str, text: str | None) -> None:
    assert folded(words_of(expression), {"q": "b"}) == text
