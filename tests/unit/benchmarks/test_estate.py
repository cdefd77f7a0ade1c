"""The generated estate: both ways of each relation agree, and the past differs from now."""

import pytest

from benchmarks.estate import COLUMNS, Estate, edges_among, levels

ESTATE = Estate(6)
TABLES = range(ESTATE.table_count)


@pytest.mark.parametrize("past", [False, True])
def test_sources_and_targets_agree(past):
    tables = {(source, table) for table in TABLES for source in ESTATE.table_sources(table, past=past)}
    assert tables == {(table, target) for table in TABLES for target in ESTATE.table_targets(table, past=past)}
    columns = range(ESTATE.table_count * COLUMNS)
    found = {(source, column) for column in columns for source in ESTATE.column_sources(column, past=past)}
    assert found == {(column, target) for column in columns for target in ESTATE.column_targets(column, past=past)}


def test_the_past_differs():
    built = ESTATE.built()
    assert all(ESTATE.table_sources(table) != ESTATE.table_sources(table, past=True) for table in built)


def test_names_are_unique():
    assert len({ESTATE.name(table) for table in TABLES}) == ESTATE.table_count


def test_a_search_knows_levels_and_edges():
    graph = {1: [2, 3], 2: [4], 3: [4], 4: [5], 5: []}
    assert levels(1, 2, graph.__getitem__) == {1: 0, 2: 1, 3: 1, 4: 2}
    assert levels(4, 9, graph.__getitem__, lambda node: [one for one in graph if node in graph[one]]) == {
        4: 0,
        5: 1,
        2: 1,
        3: 1,
        1: 2,
    }
    found = {2: 0, 4: 1}
    assert list(edges_among(found, lambda node: [one for one in graph if node in graph[one]])) == [(2, 4)]
