"""What a person types to change a value."""

from typing import Any

import pytest
from session.worlds import BATCHES, do, session

from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.session.look.entry import EntryError, example, read_entry, read_twin

DATA = "data: {inputs: [[1], [2]], targets: [[1], [2]]}, training: {learning_rate: 0.1}"


@pytest.mark.parametrize(
    ("typed", "action"),
    [
        ("0.05", {"set": {"learning_rate": 0.05}}),
        ("  1e-3 ", {"set": {"learning_rate": 1e-3}}),
        ("η 2", {"set": {"learning_rate": 2.0}}),
        ("lr=0.4", {"set": {"learning_rate": 0.4}}),
        ("learning_rate = 0.4", {"set": {"learning_rate": 0.4}}),
        ("rate .4", {"set": {"learning_rate": 0.4}}),
        ("rate h*.weight 10", {"set": {"learning_rates": {"h*.weight": 10.0}}}),
        ("η = *.gamma 0", {"set": {"learning_rates": {"*.gamma": 0.0}}}),
        ("momentum 0.9", {"set": {"momentum": 0.9}}),
        ("momentum 0", {"set": {"momentum": 0.0}}),
        ("adam", {"set": {"optimizer": "adam"}}),
        ("optimizer sgd", {"set": {"optimizer": "sgd"}}),
        ("decay 0.01", {"set": {"weight_decay": 0.01}}),
        ("weight_decay=0", {"set": {"weight_decay": 0.0}}),
        ("head.bias -1.5", {"set": {"weights": {"head.bias": -1.5}}}),
        ("h1.weight [[1], [2], [3]]", {"set": {"weights": {"h1.weight": [[1], [2], [3]]}}}),
        ("h2.bias = [0.5, -0.5]", {"set": {"weights": {"h2.bias": [0.5, -0.5]}}}),
    ],
)
def test_what_is_typed_becomes_an_action(typed: str, action: dict[str, Any]) -> None:
    at = session(BATCHES)
    taken = read_entry(at.observe(), typed)
    assert taken.mapping() == action
    at.do(taken)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0", "a learning rate is a number above 0, such as 0.05"),
        ("η -1", "a learning rate is a number above 0"),
        ("lr [1]", "a learning rate is a number above 0"),
        ("rate h9.* 1", "'h9.*' matches no parameter; there are h1.weight, h1.bias"),
        ("rate h1.* -1", "a learning rate of some parameters is a number of 0 or more"),
        ("rate h1.* much", "'much' is not a number"),
        ("much", "'much' is not a number"),
        ("1e999", "'1e999' is not finite"),
        ("nan", "'nan' is not finite"),
        ("decay -1", "a weight decay is a number from 0, such as 0.01"),
        ("optimizer lion", "there is no optimizer 'lion'; there are sgd, adam, adamw"),
        ("deca 0.1", "there is no value 'deca' here; did you mean decay?"),
        ("momentum 1", "a momentum is a number from 0 to below 1, such as 0.9"),
        ("momentum -0.1", "a momentum is a number from 0 to below 1"),
        ("momentun 0.5", "there is no value 'momentun' here; did you mean momentum?"),
        ("h1.wieght 1", "there is no value 'h1.wieght' here; did you mean h1.weight?"),
        ("h1.gamma 1", "there is no value 'h1.gamma' here"),  # BN is off
        ("zzz 1", "there is no value 'zzz' here; there are h1.weight, h1.bias"),
        ("head.bias one", "'one' is not a number"),
        ("head.bias [1, 2]", "head.bias: found a list of 2 numbers; allowed: a list of 1 number"),
        ("h1.weight 1", "h1.weight: found a number; allowed: 3 rows of 1 number"),
        ("h1.weight [[1, 2, 3]]", "h1.weight: found 1 row of 3 numbers; allowed: 3 rows of 1 number"),
        ("h1.weight [[1], [2]", "'[[1], [2]' is no list such as [1, 2] or [[1], [2]]"),
        ("[[1,2],[3]]", "a list needs the parameter's name before it, as in head.bias 1.2"),
        ("[[1, 2], [3]]", "a list needs the parameter's name before it, as in head.bias 1.2"),
        ("h1.weight []", "h1.weight"),
        ("h1.weight [[1], [2, 3], [4]]", "h1.weight.1: found a row of 2 numbers; the rows above have 1"),
        ('h1.weight [["1"], ["2"], ["3"]]', "h1.weight"),
        ("h1.weight [[1], [NaN], [3]]", "h1.weight"),
        ("h1.weight [[1], [1e999], [3]]", "h1.weight"),
        ("h1.weight [[[1]]]", "h1.weight"),
        ("= 1", "there is no value"),
    ],
)
def test_what_cannot_be_taken_is_told_in_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(EntryError) as told:
        read_entry(session(BATCHES).observe(), typed)
    assert sentence in str(told.value)


def test_gamma_can_be_typed_once_batch_norm_is_on() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": True}})
    at.do(read_entry(at.observe(), "h2.gamma [2, 3]"))
    assert read_entry(at.observe(), "h2.gamma [2, 3]").mapping() == {"set": {"weights": {"h2.gamma": [2, 3]}}}


@pytest.mark.parametrize(
    ("network", "hint"),
    [
        ("{layers: [{name: h, units: 16}, {name: head, units: 1}]}", "head.bias 1.2"),
        ("{layers: [{name: h, units: 1}, {name: head, units: 1}]}, focus: {layer: head}", "head.weight 1.2"),
        ("{layers: [{name: h, units: 2, bias: false}, {name: head, units: 1, bias: false}]}", "h.weight [[1.2], [1.2]]"),
    ],
)
def test_the_example_is_something_that_this_network_takes(network: str, hint: str) -> None:
    at = session(f"{{version: 1, title: T, network: {network}, {DATA}}}")
    assert example(at.observe()) == hint
    at.do(read_entry(at.observe(), hint))
    assert at.stand().marks[-1].sign == "w"


def test_an_example_that_would_be_long_is_only_begun() -> None:
    at = session(f"{{version: 1, title: T, network: {{layers: [{{name: h, units: 40, bias: false}}, {{name: g, units: 40, bias: false}}, {{name: head, units: 1, bias: false}}]}}, {DATA}}}")
    assert example(at.observe()) == "h.weight [[1.2, ...], ...]"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("seed -1", "seed is a whole number of 0 or more, not '-1'"),
        ("future -1", "future is a whole number of 0 or more, not '-1'"),
        ("seed 99999999999999999999", "seed: found 99999999999999999999; allowed: at most 9,007,199,254,740,992"),
        ("norm layernorm", "norm is none or a kind of normalization, not 'layernorm'; did you mean layer_norm or rms_norm?"),
        ("norm batch", "norm is none or a kind of normalization, not 'batch'; did you mean batch_norm or batch_scale?"),
        (
            "norm xyz",
            "norm is none or a kind of normalization, not 'xyz'; there are batch_norm, batch_centre, batch_scale, "
            "batch_norm_detached, layer_norm, rms_norm, group_norm, weight_norm",
        ),
    ],
)
def test_what_a_twin_cannot_differ_in_is_told_as_it_was_typed(typed: str, sentence: str) -> None:
    with pytest.raises(EntryError) as told:
        read_twin(typed)
    assert str(told.value) == sentence


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        *((f"norm {name}", name) for name in NORMALIZATIONS),
        ("norm none", "none"),
        ("norm LN", "layer_norm"),
        ("normalization=rmsnorm", "rms_norm"),
    ],
)
def test_a_twin_may_differ_in_the_kind_of_its_normalization(typed: str, kind: str) -> None:
    assert read_twin(typed).mapping() == {"twin": {"normalization": kind}}
    assert read_twin(f"rate 0.5, {typed}").mapping() == {"twin": {"learning_rate": 0.5, "normalization": kind}}
