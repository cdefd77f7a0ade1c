"""A text that differs from an earlier one only in numbers is judged as it would be alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nexus_core.model.masked import Profile
from nexus_core.proxy.judgements import Judgements
from nexus_core.proxy.templates import parts_of
from nexus_core.proxy.wall import Permitted, Refused, judge
from tests.unit.proxy.wall.test_judging import SHOP

NUMBERED = [
    "SELECT id FROM customers WHERE id = {}",
    "SELECT id FROM public.customers WHERE id>{} AND id <= {};",
    "select c.id from orders o join customers c on c.id = o.customer_id where (o.id={})",
    "SELECT count(*) FROM customers HAVING count(*) > {} ORDER BY 1 LIMIT 3",
    "SELECT id FROM customers WHERE email IS NULL AND id <> {} UNION SELECT id FROM orders WHERE id = {}",
    "SELECT {} = {} FROM hr.log, customers WHERE ssn IS NOT NULL AND customers.id = {}",
    "SELECT 1 WHERE 16384::regclass = {} ::regclass",
    "SELECT id FROM customers WHERE id = {}::regclass::int",
    "SELECT ctid FROM customers WHERE id = {}",
    "SET statement_timeout = {}",
    "SET extra_float_digits = {}; SELECT id FROM customers WHERE id = {}",
    "SELECT id FROM customers WHERE email = '= {}' AND id = {}",
    'SELECT id AS "= {}" FROM customers WHERE id = {}',
    "SELECT id FROM customers WHERE id = {} -- = {}\n",
    "SELECT id FROM customers WHERE id /* = {} */ = {}",
    "SELECT id FROM customers WHERE id = $1 OR id = {}",
    "SELECT id FROM customers WHERE id = {}.5 OR id = {}e3 OR id = {}_0",
    "SELECT id FROM customers WHERE id = ANY (ARRAY[1]) OR (id) = ({}) OFFSET {}",
    "SELECT id FROM secret WHERE id = {}",
    "SELECT pg_sleep(1) WHERE 1 = {}",
    "EXPLAIN SELECT id FROM customers WHERE id = {}",
]
numbers = st.one_of(st.integers(0, 10**12), st.sampled_from(["007", "0x1F", "2147483648", "1 ", "9" * 40]))


def judged(text: str) -> tuple[Permitted | Refused, bytes]:
    """Judge as if nothing was asked before."""
    judgement = Judgements(SHOP, judge, 10**6).of(text.encode())
    return judgement.verdict, judgement.text


@given(st.sampled_from(NUMBERED), st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=2, max_size=4))
def test_numbers_change_nothing_but_themselves(template: str, rounds: list[list[object]]) -> None:
    judgements = Judgements(SHOP, judge, 10**6)
    for each in rounds:
        text = template.format(*each)
        found, (verdict, sent) = judgements.of(text.encode()), judged(text)
        assert found.text == sent
        assert type(found.verdict) is type(verdict)
        if isinstance(verdict, Permitted) and isinstance(found.verdict, Permitted):
            assert found.verdict.normalised == verdict.normalised
            assert found.verdict.columns == verdict.columns
            assert found.key == verdict.fingerprint
        elif isinstance(verdict, Refused):
            assert found.verdict == verdict


@given(st.lists(st.sampled_from(list("=<> 12'\"$-/*;)(.:ax\\\0")), max_size=30).map("".join))
def test_texts_are_put_together_again(text: str) -> None:
    parts = parts_of(text.encode())
    assert parts is None or b"".join(parts) == text.encode()


def test_a_text_of_another_number_is_judged_once() -> None:
    asked: list[str] = []

    def counting(text: str, profile: Profile) -> Permitted | Refused:
        asked.append(text)
        return judge(text, profile)

    judgements = Judgements(SHOP, counting, 10**6)
    sent = [judgements.of(f"SELECT id FROM customers WHERE id = {each};".encode()).text for each in (1, 22, 333)]
    assert [each[-4:] for each in sent] == [b"= 1;", b" 22;", b"333;"]
    assert len(asked) == 1
