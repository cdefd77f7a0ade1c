"""Rules of blocks, branches and loops, and of what moves no data."""

from __future__ import annotations

from nexus_core.sql.programs.blocks.machine import END, Machine
from nexus_core.sql.reading.words import find

_THEN = frozenset({"THEN"})
_LOOP = frozenset({"LOOP", "DO"})
_WHEN = frozenset({"WHEN"})
_ENDED = frozenset({"IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"})
_TRANSACTION = frozenset({"TRANSACTION", "WORK", "TRAN", ";"})


def step(m: Machine) -> None:
    """Pass over a word."""
    m.at += 1


def skip(m: Machine) -> None:
    """Pass over a statement that moves no data."""
    m.until(END)


def begin(m: Machine) -> None:
    """Enter a block; BEGIN TRANSACTION is none."""
    m.at += 1
    if m.key(m.at) in _TRANSACTION:
        m.until(END)
        return
    while m.key(m.at) in ("NOT", "ATOMIC"):
        m.at += 1
    m.open_frame("BEGIN")


def end(m: Machine) -> None:
    """Leave whatever ends here: `END;`, `END IF;`, `END name;`."""
    m.at += 2 if m.key(m.at + 1) in _ENDED else 1
    m.until(END)
    m.close_frame()


def exception(m: Machine) -> None:
    """Leave a block's statements for its handlers: either may have been the last."""
    m.at += 1
    if m.frames:
        m.frames[-1].kind = "EXCEPTION"
        m.next_branch()


def condition(m: Machine) -> None:
    """`IF condition THEN`."""
    m.open_frame("IF")
    m.at += 1
    m.ask(*m.until(_THEN))


def other_condition(m: Machine) -> None:
    """`ELSIF condition THEN`, `WHEN condition THEN`."""
    m.next_branch()
    m.at += 1
    m.ask(*m.until(_THEN))


def otherwise(m: Machine) -> None:
    """`ELSE`."""
    m.next_branch(last=True)
    m.at += 1


def case(m: Machine) -> None:
    """`CASE value WHEN …`, as a statement."""
    m.open_frame("CASE")
    m.at += 1
    at = find(m.words, _WHEN, m.at)
    m.ask(m.at, at)
    m.at = at


def loop(m: Machine) -> None:
    """`LOOP`, `REPEAT`."""
    m.open_frame("LOOP")
    m.at += 1


def while_loop(m: Machine) -> None:
    """`WHILE condition LOOP`, or DO."""
    m.open_frame("LOOP")
    m.at += 1
    m.ask(*m.until(_LOOP))


def until(m: Machine) -> None:
    """`UNTIL condition END REPEAT`."""
    m.at += 1
    start, last = m.until(frozenset({"END"}))
    m.ask(start, last)
    m.at = last


def label(m: Machine) -> None:
    """`<<name>>`."""
    m.at += 3


def asserted(m: Machine) -> None:
    """`ASSERT condition AS message` reads what its condition reads."""
    m.at += 1
    start, last = m.until(END)
    m.ask(start, find(m.words, frozenset({"AS"}), start, last))
