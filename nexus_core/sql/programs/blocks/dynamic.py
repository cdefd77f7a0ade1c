"""Rules of dynamic SQL: EXECUTE, EXECUTE IMMEDIATE, PREPARE."""

from __future__ import annotations

from collections.abc import Sequence

from nexus_core.sql.programs.blocks.calls import call_in
from nexus_core.sql.programs.blocks.machine import END, Machine, joined
from nexus_core.sql.programs.blocks.targets import targets
from nexus_core.sql.reading.words import closing, find, parted, words_of
from nexus_core.sql.resolving.relations import Derived

_USING = frozenset({"USING"})
_INTO = frozenset({"INTO"})
_BEHIND_TEXT = frozenset({"USING", "INTO", "BULK", "RETURNING"})
_FROM = frozenset({"FROM"})


def execute(m: Machine) -> None:
    """`EXECUTE text INTO a USING b;`, with IMMEDIATE or not."""
    m.at += 1
    m.at += m.key(m.at) == "IMMEDIATE"
    start, end = m.until(END)
    into = find(m.words, _INTO, start, end)
    if into < end:
        names, _ = targets(m, into, end)
        m.assign(names, dynamic(m, start, end))
    else:
        dynamic(m, start, end, kept=False)


def execute_or_call(m: Machine) -> None:
    """`EXECUTE IMMEDIATE text`, else the call of a procedure or macro."""
    if m.key(m.at + 1) == "IMMEDIATE":
        execute(m)
        return
    m.at += 1
    call_in(m, *m.until(END))


def dynamic(m: Machine, start: int, end: int, *, kept: bool = True) -> Derived | None:
    """Run the text that an expression makes, if it can be known, with the values behind USING."""
    behind = find(m.words, _BEHIND_TEXT, start, end)
    using = find(m.words, _USING, start, end)
    m.ask(start, behind)
    texts = m.texts(m.words[start:behind])
    if not texts:
        m.fail("dynamic_sql", "EXECUTE of a text that depends on values known only when it runs")
        return None
    values = bindings(m, using + 1, end) if using < end else []
    made = [run_text(m, text, values, kept=kept) for text in texts]
    return joined(each for each in made if each is not None)


def run_text(m: Machine, text: str, values: Sequence[str], *, kept: bool = False) -> Derived | None:
    """Run a known text."""
    text = bound(text, m.dialect, values)
    if kept:
        return m.query(text)
    m.run_sql(text)
    return None


def bindings(m: Machine, start: int, end: int) -> list[str]:
    """Give the variables that hold the values of USING, in order; `value AS name` is known by that name too."""
    if m.key(start) == "(" and closing(m.words, start, end) == end - 1:
        start, end = start + 1, end - 1
    names: list[str] = []
    for first, last in parted(m.words, start, find(m.words, _INTO, start, end)):
        while m.key(first) in ("IN", "OUT"):
            first += 1
        alias = find(m.words, frozenset({"AS"}), first, last)
        name = f"bind_{len(names) + 1}"
        m.assign([name], m.expression(first, alias))
        value = m.variables.values.get(name, {})
        m.bind(f"@{len(names) + 1}", value)
        if alias + 1 < last:
            m.bind(f"@{m.name(alias + 1)}", value)
        names.append(name)
    return names


def bound(text: str, dialect: str, values: Sequence[str]) -> str:
    """Give a text in which the places of values, `?` and `:x`, name the variables that hold them."""
    if not values:
        return text
    pieces: list[str] = []
    last = count = 0
    words = words_of(text, dialect)
    for at, word in enumerate(words):
        named = word.key == ":" and at + 1 < len(words) and words[at + 1].start == word.end
        if word.key != "?" and not named:
            continue
        if count >= len(values):
            break
        pieces += [text[last : word.start], f":{values[count]}"]
        last = words[at + 1].end if named else word.end
        count += 1
    return "".join([*pieces, text[last:]])


def prepare(m: Machine) -> None:
    """`PREPARE s FROM text;`."""
    m.at += 1
    start, end = m.until(END)
    source = find(m.words, _FROM, start, end) + 1
    m.fix(f"prepared {m.name(start)}", m.texts(m.words[source:end]))


def execute_prepared(m: Machine) -> None:
    """`EXECUTE s USING @a;`; MariaDB also has EXECUTE IMMEDIATE."""
    if m.key(m.at + 1) == "IMMEDIATE":
        execute(m)
        return
    m.at += 1
    start, end = m.until(END)
    texts = m.texts_of(f"prepared {m.name(start)}")
    using = find(m.words, _USING, start, end)
    values = bindings(m, using + 1, end) if using < end else []
    if not texts:
        m.fail("dynamic_sql", "EXECUTE of a text that depends on values known only when it runs")
    for text in texts:
        run_text(m, text, values)
