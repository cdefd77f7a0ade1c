from hypothesis import given
from hypothesis import strategies as st

from nexus_core.governance.curation_csv import COLUMNS, guarded, join, read_csv, split, unguarded, write_csv

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=20)
CELLS = st.one_of(TEXTS, st.sampled_from(["=1+1", "'=1", "''", " =a", "-", "@x", "\t=x", "a;b", "\\;", "a\\"]))


@given(st.lists(st.lists(CELLS, min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=4))
def test_what_is_written_is_read_back_and_runs_nowhere(rows):
    text = write_csv(rows)
    read = [[row.cells[column] for column in COLUMNS] for row in read_csv(text.encode())]
    assert read == [row for row in rows if any(row)]


@given(CELLS)
def test_a_guarded_cell_is_no_formula(cell):
    assert not guarded(cell).lstrip(" ").startswith(tuple("=+-@\t\r＝＋－＠"))
    assert unguarded(guarded(cell)) == cell


@given(st.lists(TEXTS.map(str.strip).filter(bool), unique=True, max_size=5))
def test_lists_are_read_back(entries):
    assert split(join(entries)) == entries
