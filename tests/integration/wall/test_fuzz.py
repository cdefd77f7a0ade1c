"""Statements that are put together at random, and broken, against a source with canaries: no leak, nothing raised."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexus_core.proxy.wall import Permitted, Refused, judge
from tests.attacks import listed, over_targets
from tests.masking import leaks
from tests.walls import Walls

_TEXTS = [attack.text for name in ("values", "oracles") for attack in over_targets(name)]
_TEXTS += [attack.text for attack in listed("definer")]
_PIECES = [
    "'", '"', "$$", "--", "/*", "*/", ";", "(", ")", ",", ".", "::", "\\", "E'", "U&'", 'U&"', "public.", "hr.", "pg_catalog.",
    "customers", "employees", "email", "salary", "*", "ONLY", "UNION ALL TABLE", "public.email_of(1)", "::regclass", "AS x", "ü",
    "\u2028", "\x00", "LATERAL", "WITH customers AS (SELECT 1)", "ln_walls__public.", "SET search_path = public;", "$1", "{", "best_kept",
]  # fmt: skip


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A statement of the corpus with pieces put in, cut out, or with the end of another."""
    text = draw(st.sampled_from(_TEXTS))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        end = draw(st.integers(at, min(len(text), at + 12)))
        other = draw(st.sampled_from(_TEXTS))
        put = draw(st.one_of(st.sampled_from(_PIECES), st.just(f" {other[len(other) // 2 :]}"), st.just(f"; {other}")))
        text = f"{text[:at]} {put} {text[end:]}" if draw(st.booleans()) else text[:at] + put + text[end:]
    return text


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(text=broken())
def test_no_broken_statement_leaks_through_the_statement_wall_alone(walled: Walls, text: str) -> None:
    verdict = judge(text, walled.profile)
    assert verdict == judge(text, walled.profile)
    if isinstance(verdict, Permitted):
        said = walled.statements_only(text)
        assert not {canary for canary in leaks(said) if canary.casefold() not in text.casefold()}, text


@settings(max_examples=400)
@given(text=st.one_of(st.text(), broken()))
def test_no_text_makes_the_wall_raise(walled: Walls, text: str) -> None:
    assert isinstance(judge(text, walled.profile), Permitted | Refused)
