"""A small file is replaced as a whole."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nexus_core.files import write_whole


def test_a_reader_meanwhile_sees_the_old_text_or_the_new(tmp_path: Path) -> None:
    file, texts = tmp_path / "pid", ["1 old", "2 new"]
    write_whole(file, texts[0])
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(lambda: [write_whole(file, texts[number % 2]) for number in range(2000)])
        seen = set()
        while not writing.done():
            seen.add(file.read_text())
    writing.result()
    assert seen <= set(texts)
    assert os.listdir(tmp_path) == ["pid"]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "position"
    write_whole(file, "7\n")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "\ud800")
    assert file.read_text() == "7\n"
