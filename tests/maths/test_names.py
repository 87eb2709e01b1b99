"""Names: values with a layer and a part that read as text, and are found by it."""

import copy
import json
import pickle

import pytest

from bntui.maths.names import COST, Name


@pytest.mark.parametrize(("name", "text"), [(Name("h1", "norm.scale"), "h1.norm.scale"), (Name("a", "weight"), "a.weight"), (COST, "cost")])
def test_a_name_reads_as_its_text_and_is_read_from_it(name: Name, text: str) -> None:
    assert name == text
    assert {name: 1}[text] == 1
    assert Name.read(text) == name
    assert (Name.read(text).layer, Name.read(text).part) == (name.layer, name.part)
    assert json.loads(json.dumps({name: name})) == {text: text}


@pytest.mark.parametrize("through", [copy.copy, copy.deepcopy, lambda name: pickle.loads(pickle.dumps(name))])
def test_a_copy_still_has_its_layer_and_its_part(through) -> None:
    again = through(Name("h1", "norm.scale"))
    assert (again, again.layer, again.part) == ("h1.norm.scale", "h1", "norm.scale")


def test_the_same_name_is_the_same_object() -> None:
    assert Name("h1", "weight") is Name("h1", "weight")
