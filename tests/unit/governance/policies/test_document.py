"""What a policy document may say, and where it is told to be wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from nexus_core.errors import InvalidInputError
from nexus_core.governance.policies.document import json_schema, policy_set, read_document
from nexus_core.governance.policies.keeping import check_tests, digest_of
from nexus_core.governance.policies.masks import Shape, Unit
from nexus_core.model.policy import MaskKind

DOC = Path(__file__).parents[4] / "docs" / "policies.md"


def _one(policy: str) -> str:
    return f"version: 1\npolicies:\n  - {{name: p, match: {{}}, mask: {policy}}}\n"


def test_the_document_of_the_docs_passes_its_own_test() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", DOC.read_text(), re.DOTALL)
    document = read_document(example)
    check_tests(document)
    found = policy_set(document)
    assert [policy.name for policy in found.policies] == ["pii", "email", "pay"]
    assert found.policies[0].mask.kind is MaskKind.NULL
    assert found.policies[2].mask.parameters == (("digits", "-3"),)


def test_every_mask_stands_in_the_docs() -> None:
    documented = re.findall(r"^\| `([a-z]+)` \|", DOC.read_text(), re.MULTILINE)
    assert documented == [kind.value for kind in MaskKind if kind is not MaskKind.CLEAR]
    assert all(word in DOC.read_text() for word in (*Shape, *Unit))


def test_a_test_that_fails_is_named() -> None:
    text = _one("{kind: round, digits: 0}") + (
        "tests:\n  - {roles: [analyst], column: {field: x, classification: PII}, expect: {kind: clear}}\n"
    )
    with pytest.raises(InvalidInputError, match=r"analyst on test\.x \(PII\): expected clear, is round\(digits 0\)"):
        check_tests(read_document(text))


def test_equal_meaning_has_an_equal_digest() -> None:
    one = read_document('{"version": 1, "policies": [{"name": "p", "mask": {"kind": "null"}, "match": {}}]}')
    other = read_document(_one("{kind: null}"))
    assert digest_of(one) == digest_of(other)
    assert digest_of(other) != digest_of(read_document(_one("{kind: refuse}")))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Input should be a valid dictionary"),
        ("version: 2", "$.version"),
        ("version: 1\nversion: 1", "`version` is there twice"),
        ("version: 1\npolices: []", "$.polices"),
        ("version: 1\npolicies: &a [*a]", "alias"),
        ("version: 1\npolicies: !!python/object/apply:os.system [id]", "no YAML"),
        ("{" * 3000, "no YAML|nested"),
        (_one("{kind: clear}"), "$.policies[0].mask"),
        (_one("{kind: hash}"), "$.policies[0].mask"),
        (_one("{}"), "$.policies[0].mask"),
        (_one("{kind: constant}"), "either a value or a shape"),
        (_one("{kind: constant, value: 1, shape: card}"), "either a value or a shape"),
        (_one("{kind: token, key: s3cr3t}"), "$.policies[0].mask.token.key"),
        (_one("{kind: partial, shape: email, keep_last: 4}"), "belong to the shape text"),
        (_one("{kind: bucket, size: 0}"), "$.policies[0].mask.bucket.size"),
        (_one("{kind: bucket, size: .nan}"), "$.policies[0].mask.bucket.size"),
        (_one("{kind: bucket, size: .inf}"), "$.policies[0].mask.bucket.size"),
        (_one("{kind: truncate, to: decade}"), "$.policies[0].mask.truncate.to"),
        (_one("{kind: null}") + "  - {name: p, match: {}, mask: {kind: null}}", "the name p is there twice"),
        ("version: 1\nrow_filters: [{name: r, datasets: ['*'], where: 'a = (select 1)'}]", "row alone"),
        ("version: 1\nrow_filters: [{name: r, datasets: ['*'], where: '1=1) or (1=1'}]", "no condition"),
        ("version: 1\nrow_filters: [{name: r, datasets: ['*'], where: 'a = 1 -- x'}]", "comment"),
        ("version: 1\nrow_filters: [{name: r, datasets: ['*'], where: 'a = $1'}]", "row alone"),
        (_one("{kind: null}, clear_for: [admin]"), "sees nothing in clear"),
        ("version: 1\nrow_filters: [{name: r, datasets: [], where: 'a = 1'}]", "$.row_filters[0].datasets"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        read_document(text)
    assert re.search(said if "|" in said else re.escape(said), str(raised.value)), str(raised.value)


def test_the_schema_takes_what_we_take() -> None:
    schema: dict[str, Any] = json_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["additionalProperties"] is False
