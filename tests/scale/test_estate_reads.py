"""Answers over estates of up to a million fields, beside a plain search of what was generated."""

from functools import partial

import httpx
import pytest

from benchmarks.bulk import load
from benchmarks.estate import COLUMNS, LAYERS, Estate
from benchmarks.estate_reads import MEMORY, QUESTIONS, Question, ask, compare
from benchmarks.stack import running

pytestmark = pytest.mark.scale


@pytest.mark.parametrize("width", [50, 500, 5000])
def test_answers_are_those_of_a_plain_search(width):
    estate = Estate(width)
    with running(partial(load, estate), MEMORY[width]) as stack:
        for question in QUESTIONS:
            wrong, _ = compare(estate, stack, question, question.starts(estate, 20))
            assert not wrong, (question, wrong)
        hub = (LAYERS * width + LAYERS // 2) * COLUMNS
        answer = ask(stack, Question("field", "downstream", LAYERS - 1).path(estate, hub, limit=40))
        assert (len(answer["nodes"]), answer["truncated"]) == (40, True)
        assert httpx.get(f"{stack.url}/health/ready").status_code == httpx.codes.OK
