"""What workers write is planned once: no list is a parameter of its own, no plan is made anew."""

from __future__ import annotations

import re

from nexus_core.graph import write_cypher


def statements() -> list[str]:
    told = [value for name, value in vars(write_cypher).items() if name.isupper() and isinstance(value, str)]
    return [*(value for value in told if "{source}" not in value), *write_cypher.CREATES.values()]


def test_every_statement_keeps_its_plan_and_takes_one_map() -> None:
    assert len(statements()) > 20
    for statement in statements():
        assert statement.startswith("CYPHER replan=skip")
        assert set(re.findall(r"\$(\w+)", statement)) == {"given"}


def test_what_is_matched_by_key_names_its_index() -> None:
    for statement in statements():
        for matched in re.findall(r"^\s*MATCH \(\w+:\w+ \{.*$", statement, re.MULTILINE):
            assert "USING INDEX" in matched
