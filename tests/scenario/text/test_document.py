"""Scalars are those of YAML 1.2, and hostile documents are refused early."""

from __future__ import annotations

import gc
import json
import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bntui.scenario.text.document import Unreadable, parse, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3), ("1E3", 1000.0), ("1.", 1.0), (".5", 0.5), ("-.5e1", -5.0), ("+7", 7), ("010", 10),
        ("0o17", 15), ("0x1F", 31), ("1_000", "1_000"), ("1:30", "1:30"), ("on", "on"), ("off", "off"), ("yes", "yes"),
        ("No", "No"), ("true", True), ("False", False), ("~", None), ("null", None), ("", None), (".inf", math.inf),
        ("-.INF", -math.inf), ("2020-01-01", "2020-01-01"), ("e3", "e3"), (".", "."), ("--1", "--1"),
    ],
)  # fmt: skip
def test_a_plain_scalar_means_what_yaml_1_2_says(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


def test_quoted_scalars_are_text_and_nan_is_a_number() -> None:
    assert parse("[\"1e-3\", 'true']")[0].plain() == ["1e-3", "true"]
    assert math.isnan(parse(".nan")[0].plain())


def test_a_huge_integer_costs_nothing() -> None:
    assert parse("9" * 100_000)[0].plain() == math.inf
    assert parse("0x" + "f" * 100_000)[0].plain() == math.inf


def refused(text: str) -> tuple[int, int, str]:
    gc.collect()
    gc.freeze()  # what other tests have left is not this one's to walk through
    started = time.process_time()
    with pytest.raises(Unreadable) as raised:
        parse(text)
    assert time.process_time() - started < 1.0
    gc.unfreeze()
    return raised.value.problems[-1]


def test_deep_nesting_is_refused_with_its_place() -> None:
    assert refused("[" * 100_000) == (1, 65, "found more than 64 levels of nesting; that is the most allowed")
    assert refused("- " * 100_000)[:2] == (1, 129)
    assert parse("[" * 64 + "]" * 64)[0].height == 64


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    line, _, message = refused("\n".join(lines))
    assert line == 5
    assert message == "found aliases that stand for more than 100,000 values; that is the most allowed"


def test_aliases_that_deepen_are_refused() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 100))]
    assert "64 levels" in refused("\n".join(lines))[2]


def test_many_values_and_much_text_are_refused() -> None:
    assert "100,000 values" in refused("[" + "1," * 300_000 + "]")[2]
    assert refused("#" * 10_000_001)[2] == "found more than 10 MB of text; that is the most allowed"


def test_an_alias_used_twice_is_the_value_twice() -> None:
    assert parse("{a: &x [1], b: *x}")[0].plain() == {"a": [1], "b": [1]}


def test_text_from_a_file_cannot_move_a_terminal() -> None:
    assert parse('"\\x1b[2J\\r\\u202egpj\\u0085\\nnext"')[0].plain() == "␛[2J␍�gpj�\nnext"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab1.-:{}[],&*!|>'\"#%@`?~ \n\t\x00é\u202e", max_size=60))
def test_any_text_is_a_value_or_is_refused(text: str) -> None:
    try:
        problems = parse(text)[1]
    except Unreadable as error:
        problems = error.problems
    assert all(line >= 1 and column >= 1 and message for line, column, message in problems)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False)
    | st.text("abc é", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1, max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(_JSON)
def test_what_json_says_reads_back(value: object) -> None:
    assert parse(json.dumps(value, ensure_ascii=False).replace("Infinity", ".inf"))[0].plain() == value
