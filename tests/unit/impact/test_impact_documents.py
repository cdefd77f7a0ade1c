"""Changes as documents, as differences of DDL and of dbt manifests; outcomes as Markdown."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from nexus_core.cli.impact import FailOn, fails, text_of
from nexus_core.errors import ConfigurationError, InvalidInputError
from nexus_core.impact.dbt import dbt_changes
from nexus_core.impact.ddl import ddl_changes
from nexus_core.impact.documents import changes_in, written
from nexus_core.impact.markdown import summary
from nexus_core.model.impact import Change, ChangeKind
from nexus_core.model.names import DatasetName

_SPACE = "postgres://db:5432"
_OLD = """
CREATE TABLE public.orders (id integer PRIMARY KEY, note text, amount numeric(10,2) NOT NULL, day date);
CREATE TABLE public.gone (id integer);
CREATE VIEW public.spent AS SELECT id, amount FROM public.orders;
CREATE VIEW public.same AS SELECT id FROM public.orders;
CREATE INDEX ON public.orders (day);
"""
_NEW = """
CREATE TABLE public.orders (id bigint PRIMARY KEY, amount numeric(10,2) NOT NULL, day date NOT NULL, extra text);
CREATE VIEW public.spent AS SELECT id FROM public.orders;
CREATE VIEW public.same AS
  SELECT id FROM public.orders;
CREATE TABLE public.new (id integer);
"""


def _dataset(name: str) -> DatasetName:
    return DatasetName(_SPACE, f"shop.public.{name}")


def test_a_document_is_read_and_written_again() -> None:
    document = {
        "namespace": _SPACE,
        "changes": [
            {"kind": "drop_field", "name": "shop.public.orders", "field": "note"},
            {"kind": "rename_dataset", "name": "shop.public.orders", "namespace": "other", "to": "purchases"},
        ],
    }
    found = changes_in(document)
    assert found == (
        Change(ChangeKind.DROP_FIELD, _dataset("orders"), "note"),
        Change(ChangeKind.RENAME_DATASET, DatasetName("other", "shop.public.orders"), to="purchases"),
    )
    assert changes_in({"changes": written(found)}) == found


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ([], "$"),
        ({"changes": [], "more": 1}, "$"),
        ({"changes": ["x"]}, "$.changes[0]"),
        ({"changes": [{"kind": "vanish", "namespace": "n", "name": "t"}]}, "$.changes[0].kind"),
        ({"changes": [{"kind": "drop_field", "name": "t"}]}, "$.changes[0].namespace"),
        ({"changes": [{"kind": "drop_field", "namespace": "n", "name": "t", "fields": "x"}]}, "$.changes[0]"),
    ],
)
def test_a_wrong_document_is_refused_with_the_place(document: Any, path: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        changes_in(document)
    assert caught.value.path == path


def test_two_texts_of_ddl_are_compared() -> None:
    assert ddl_changes(_OLD, _NEW, "postgres", _SPACE, "shop") == [
        Change(ChangeKind.RETYPE_FIELD, _dataset("orders"), "id", "BIGINT"),
        Change(ChangeKind.DROP_FIELD, _dataset("orders"), "note"),
        Change(ChangeKind.SET_NOT_NULL, _dataset("orders"), "day"),
        Change(ChangeKind.ADD_FIELD, _dataset("orders"), "extra", "TEXT"),
        Change(ChangeKind.DROP_DATASET, _dataset("gone")),
        Change(
            ChangeKind.REPLACE_SQL, _dataset("spent"), sql="CREATE VIEW public.spent AS SELECT id FROM public.orders"
        ),
    ]
    assert ddl_changes(_OLD, _OLD, "postgres", _SPACE) == []


def test_ddl_that_cannot_be_read_drops_nothing() -> None:
    with pytest.raises(InvalidInputError):
        ddl_changes(_OLD, "CREATE TABLE orders (id integer,,", "postgres", _SPACE)


def _model(name: str, sql: str | None, **more: str) -> dict[str, Any]:
    named = {"database": "shop", "schema": "public", "alias": name, "name": name, "resource_type": "model"}
    return {**named, "raw_code": sql, "compiled_code": sql, **more}


def test_two_manifests_of_dbt_are_compared() -> None:
    old = {"nodes": {"model.a": _model("a", "select 1 as x"), "model.b": _model("b", "s"), "model.c": _model("c", "s")}}
    new = {"nodes": {"model.a": _model("a", "select 2 as y"), "model.b": _model("bb", "s")}}
    assert dbt_changes(old, new, _SPACE) == [
        Change(ChangeKind.REPLACE_SQL, _dataset("a"), sql="create table shop.public.a as select 2 as y"),
        Change(ChangeKind.RENAME_DATASET, _dataset("b"), to="shop.public.bb"),
        Change(ChangeKind.DROP_DATASET, _dataset("c")),
    ]
    with pytest.raises(InvalidInputError, match="dbt compile"):
        dbt_changes(old, {"nodes": {"model.a": _model("a", None)}}, _SPACE)
    with pytest.raises(InvalidInputError, match="manifest"):
        dbt_changes(old, [], _SPACE)


def _asset(verdict: str, **said: Any) -> dict[str, Any]:
    asset = {
        "id": "dataset:n:t",
        "verdict": verdict,
        "reason": {"code": "unknown_column", "message": "a | b is gone"},
        "statement": "select a\nfrom t",
        "start": 7,
        "end": 8,
        "path": [],
        "owners": ["team:sales"],
        "users": [],
        "use_count": 3,
        "patch": None,
    }
    return {**asset, **said}


def test_a_summary_tells_numbers_reasons_and_patches() -> None:
    assets = [
        _asset("breaks", patch="select b AS a from t"),
        _asset("safe"),
        _asset("unknown", statement=None, start=None),
    ]
    told = summary({"assets": assets, "hidden": True, "truncated": False})
    assert "**1** break, **1** not known, **0** change silently, **1** safe." in told
    assert "| `dataset:n:t` | a \\| b is gone | `select a from t` | team:sales | 3 |" in told
    assert "```sql\nselect b AS a from t\n```" in told
    assert "may not see" in told
    assert "Changes silently" not in told


@pytest.mark.parametrize(
    ("fail_on", "verdicts", "failing"),
    [
        (FailOn.BREAKS, ["unknown", "changes"], False),
        (FailOn.BREAKS, ["breaks"], True),
        (FailOn.UNKNOWN, ["unknown"], True),
        (FailOn.CHANGES, ["changes"], True),
        (FailOn.CHANGES, ["safe"], False),
        (FailOn.NEVER, ["breaks"], False),
    ],
)
def test_the_command_fails_from_a_verdict_on(fail_on: FailOn, verdicts: list[str], failing: bool) -> None:
    assert fails({"assets": [_asset(each) for each in verdicts]}, fail_on) is failing


def test_a_text_is_a_file_or_a_revision_of_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "schema.sql"
    file.write_text("one", encoding="utf-8")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "m"]):
        subprocess.run([*git, *command], check=True)
    file.write_text("two", encoding="utf-8")
    assert (text_of("HEAD:schema.sql"), text_of("schema.sql")) == ("one", "two")
    for place in ("nothing.sql", "HEAD:nothing.sql", "--output=x:y"):
        with pytest.raises(ConfigurationError):
            text_of(place)
