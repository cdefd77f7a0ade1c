"""Decisions about names and the classes that they add up to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nexus_core.model.aliases import EVERY, Action, Aliases, Pair, State, Told, pair_of, verdict
from nexus_core.model.names import DatasetName

HOST, ADDRESS, OTHER = "postgres://db:5432", "postgres://10.0.0.7:5432", "postgres://other:5432"


def pair(*names: tuple[str, str]) -> Pair:
    one, other = (DatasetName(*name) for name in names)
    found = pair_of(one, other)
    assert found is not None
    return found


def test_a_pair_is_canonical_and_has_no_direction() -> None:
    one, other = DatasetName("postgresql://DB", "public.x"), DatasetName(HOST, "shop.public.x")
    assert pair_of(one, other) == pair_of(other, one) == Pair(DatasetName(HOST, "public.x"), other)
    assert pair_of(one, DatasetName(HOST, "public.x")) is None
    assert pair_of(one, DatasetName(OTHER, EVERY)) is None


def test_the_latest_decision_holds_and_undo_leaves_what_symlinks_say() -> None:
    linked, hinted = Told(1, "a", Action.SYMLINK), Told(9, "h", Action.HINT)
    accepted, rejected, undone = Told(3, "b", Action.ACCEPT), Told(5, "c", Action.REJECT), Told(7, "d", Action.UNDO)
    assert verdict([hinted]).state is State.OPEN
    assert verdict([linked, hinted]).state is State.ACCEPTED
    assert verdict([rejected, accepted, linked]) == (State.REJECTED, rejected)
    assert verdict([undone, rejected, accepted]).state is State.OPEN
    assert verdict([undone, rejected, linked]) == (State.ACCEPTED, linked)
    assert verdict([rejected, Told(5, "d", Action.ACCEPT)]).state is State.ACCEPTED


def test_the_representative_is_harvested_first_then_the_least() -> None:
    short, whole = DatasetName(HOST, "public.x"), DatasetName(HOST, "shop.public.x")
    joined = [pair((HOST, "public.x"), (HOST, "shop.public.x"))]
    assert Aliases(joined).of(whole) == short
    assert Aliases(joined, {whole}).of(short) == whole
    assert Aliases(joined, {whole}).members(short) == [whole, short]
    assert not Aliases()
    assert Aliases().members(whole) == [whole]


def test_a_namespaces_alias_holds_for_every_name_known_or_not() -> None:
    aliases = Aliases(
        [pair((HOST, EVERY), (ADDRESS, EVERY)), pair((ADDRESS, "a"), (OTHER, "b"))], {DatasetName(HOST, EVERY)}
    )
    assert aliases.of(DatasetName(ADDRESS, "anything")) == DatasetName(HOST, "anything")
    assert aliases.space(ADDRESS) == HOST
    assert aliases.of(DatasetName(OTHER, "b")) == aliases.of(DatasetName(ADDRESS, "a")) == DatasetName(HOST, "a")
    assert set(aliases.members(DatasetName(OTHER, "b"))) == {
        DatasetName(HOST, "a"),
        DatasetName(ADDRESS, "a"),
        DatasetName(OTHER, "b"),
    }
    assert aliases.spaces == {HOST: [HOST, ADDRESS]}
    assert list(aliases.datasets) == [DatasetName(HOST, "a")]


SPACES = st.sampled_from([f"s{number}" for number in range(4)])
NAMES = st.builds(DatasetName, SPACES, st.sampled_from("abc"))
WHOLES = st.builds(DatasetName, SPACES, st.just(EVERY))
PAIRS = st.one_of(st.builds(pair_of, NAMES, NAMES), st.builds(pair_of, WHOLES, WHOLES)).filter(bool)


@given(st.lists(PAIRS, max_size=8), st.sets(st.one_of(NAMES, WHOLES)), st.data())
def test_classes_are_a_function_of_the_set_of_pairs(
    pairs: list[Pair], harvested: set[DatasetName], data: st.DataObject
) -> None:
    aliases, shuffled = Aliases(pairs, harvested), Aliases(data.draw(st.permutations([*pairs, *pairs])), harvested)
    everything = [DatasetName(f"s{number}", name) for number in range(4) for name in "abc"]
    for name in everything:
        first, members = aliases.of(name), aliases.members(name)
        assert first == shuffled.of(name)
        assert members == shuffled.members(name)
        assert aliases.of(first) == first == members[0]
        assert name in members
        assert {aliases.of(one) for one in members} == {first}
    for left, right in (one for one in pairs if not one.whole):
        assert aliases.of(left) == aliases.of(right)


@given(st.lists(st.builds(Told, st.integers(0, 3), st.sampled_from("ab"), st.sampled_from(Action))), st.data())
def test_a_verdict_is_a_function_of_the_set_of_statements(told: list[Told], data: st.DataObject) -> None:
    assert verdict(told) == verdict(data.draw(st.permutations(told)))
