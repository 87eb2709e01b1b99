"""What the program makes of its classes is what the standard library's dataclasses are, tried side by side."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bntui import records

Make = Callable[..., Any]


def _layer(make: Make, name: str, **words: bool) -> Any:
    class Layer:
        """A layer."""

        units: int
        names: tuple[str, ...] = ()
        weights: list[float] = dataclasses.field(default_factory=list)
        hidden: float = dataclasses.field(default=0.5, repr=False)
        note: str = dataclasses.field(default="", compare=False)

    Layer.__qualname__ = Layer.__name__ = name
    return make(**words)(Layer)


WORDS = [
    {"frozen": True, "slots": True},
    {"frozen": True},
    {"slots": True},
    {"frozen": True, "slots": True, "eq": False},
    {"frozen": True, "slots": True, "kw_only": True},
]
PAIRS = [(_layer(records.dataclass, f"Ours{n}", **words), _layer(dataclasses.dataclass, f"Ours{n}", **words)) for n, words in enumerate(WORDS)]
for our_class, _ in PAIRS:
    globals()[our_class.__name__] = our_class  # where pickle finds them
VALUES = st.fixed_dictionaries(
    {"units": st.integers()},
    optional={"names": st.tuples(st.text()), "weights": st.lists(st.floats(allow_nan=False)), "hidden": st.floats(0, 1), "note": st.text()},
)
both = pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=[" ".join(words) for words in WORDS])


@both
@settings(max_examples=20)
@given(one=VALUES, other=VALUES)
def test_instances_are_made_shown_and_compared_as_the_standard_librarys(ours: Any, theirs: Any, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert repr(ours(**one)) == repr(theirs(**one))
    assert (ours(**one) == ours(**other)) == (theirs(**one) == theirs(**other))
    assert ours(**one) != theirs(**one)
    assert dataclasses.asdict(ours(**one)) == dataclasses.asdict(theirs(**one))
    assert repr(dataclasses.replace(ours(**one), units=3)) == repr(dataclasses.replace(theirs(**one), units=3))
    assert repr(pickle.loads(pickle.dumps(ours(**one)))) == repr(copy.deepcopy(ours(**one))) == repr(ours(**one))


@both
def test_what_is_left_out_is_made_anew_for_each(ours: Any, theirs: Any) -> None:
    assert ours(units=1).weights == theirs(units=1).weights == []
    assert ours(units=1).weights is not ours(units=1).weights


@both
@pytest.mark.parametrize(("given", "named"), [((), {}), ((1, (), [], 0.0, "", 9), {}), ((1,), {"width": 2}), ((1,), {"units": 2})])
def test_wrong_arguments_are_refused_in_the_same_words(ours: Any, theirs: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
    ours(units=1)
    with pytest.raises(TypeError) as expected:
        theirs(*given, **named)
    with pytest.raises(TypeError) as found:
        ours(*given, **named)
    assert str(found.value).split("__init__")[1] == str(expected.value).split("__init__")[1]


@both
def test_only_what_is_frozen_cannot_be_changed(ours: Any, theirs: Any) -> None:
    for kind in (ours, theirs):
        made = kind(units=1)
        if theirs.__dataclass_params__.frozen:
            with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'units'"):
                made.units = 2
            with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'units'"):
                del made.units
        else:
            made.units = 2
            assert made.units == 2


@both
def test_a_hash_is_there_where_the_standard_library_has_one(ours: Any, theirs: Any) -> None:
    assert (ours.__hash__ is None) == (theirs.__hash__ is None)
    if ours.__hash__ is not None and ours.__eq__ is not object.__eq__:
        assert hash(ours(units=1, weights=())) == hash(ours(units=1, weights=(), note="not compared"))
        assert hash(ours(units=1, weights=())) != hash(ours(units=2, weights=()))


def test_what_a_class_writes_itself_stays_and_what_comes_after_is_done() -> None:
    @records.dataclass(frozen=True, slots=True)
    class Named:
        """Something with a name."""

        name: str
        short: str = dataclasses.field(init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "short", self.name[:1])

        def __repr__(self) -> str:
            return self.name

    @records.dataclass(frozen=True, slots=True)
    class Longer(Named):
        """With more."""

        length: int = 0

    assert repr(Named("gain")) == "gain"
    assert Longer("gain", 4).short == "g"
    assert Longer("gain", 4) != Longer("gain", 5)
    assert Longer("gain") != Named("gain")


def test_no_value_and_one_value_compare_too() -> None:
    @records.dataclass(frozen=True)
    class Nothing:
        """Has no fields."""

    @records.dataclass(frozen=True)
    class One:
        """Has one."""

        value: float

    not_a_number = float("nan")
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())
    assert One(not_a_number) == One(not_a_number), "as tuples of the same number are"
    assert One(1.0) != One(2.0)
