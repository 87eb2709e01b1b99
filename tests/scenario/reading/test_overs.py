"""What a sweep goes over, as it is typed or written, and the scenario with each value."""

import pytest
from session.worlds import CHAIN, loaded

from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.scenario.reading.loading import varied
from bntui.scenario.reading.overs import Over, OverError, asked_over, paths, read_over, whole_path
from bntui.scenario.text.complaints import ScenarioError

NET = """
version: 1
title: A small net
network:
  layers: [{name: h, units: 6, activation: relu, repeat: 2}, {name: head, units: 1, batch_norm: false}]
data: {generator: {name: sine, samples: 20, seed: 1}}
training: {learning_rate: 0.02}
lesson: [{do: {focus: {layer: h2}}}]
focus: {layer: h2}
"""


@pytest.mark.parametrize(
    ("typed", "over"),
    [
        ("batch_size=4, 16 ,full", Over("training.batch_size", ("4", "16", "full"))),
        ("network.init.gain=1,2", Over("network.init.gain", ("1", "2"))),
        ("gain=0.5", Over("network.init.gain", ("0.5",))),
        ("init.seed=0,1", Over("network.init.seed", ("0", "1"))),
        ("units=4,8", Over("network.layers.*.units", ("4", "8"))),
        ("depth=4,8,16", Over("depth", ("4", "8", "16"))),
        ("network.layers.h.repeat=1,3", Over("network.layers.h.repeat", ("1", "3"))),
        ("network.batch_norm.enabled=[h1],[h1, h2],true", Over("network.batch_norm.enabled", ("[h1]", "[h1, h2]", "true"))),
        ("normalization=none,batch_norm", Over("normalization", ("none", "batch_norm"))),
        ("normalization", Over("normalization", ("none", *NORMALIZATIONS))),
    ],
)
def test_a_path_may_be_short_where_it_means_one_thing(typed: str, over: Over) -> None:
    assert read_over(typed, loaded(NET).scenario) == over
    assert read_over(over.text, loaded(NET).scenario) == over


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("batch_size", "found 'batch_size'; allowed: gain, depth, normalization, or PATH=a,b,c, as batch_size=4,16,full"),
        ("batch_size=4,,8", "or PATH=a,b,c"),
        ("=4", "there is no '' to sweep over"),
        ("batch_sise=4", "there is no 'batch_sise' to sweep over; there are normalization, depth, "),
        ("batch_sise=4", "did you mean 'batch_size'?"),
        ("seed=1,2", "'seed' may be network.init.seed or data.generator.seed or training.seed; write the whole path"),
        ("batch_size=4,4", "found '4' twice; each value has a curve of its own"),
        ("gain=" + ",".join(map(str, range(1, 28))), "found 27 values; allowed: at most 26, each has a letter"),
        ("depth=0,4", "found '0' for a depth; allowed: 1 to 255 hidden layers"),
        ("normalization=batchnorm", "did you mean 'batch_norm'?"),
        ("training.learning_rate=1,2", "training.learning_rate cannot be swept over"),
        ("lesson=1", "lesson cannot be swept over; allowed: paths of network, data, cost and training but the rate"),
    ],
)
def test_what_cannot_be_swept_over_is_told_in_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(OverError) as told:
        read_over(typed, loaded(NET).scenario)
    assert sentence in str(told.value)


def test_every_path_is_found_by_itself_and_says_nothing_of_the_screen() -> None:
    scenario = loaded(NET).scenario
    known = tuple(paths(scenario))
    assert all(whole_path(path, scenario) == path for path in known)
    assert {path.partition(".")[0] for path in known} == {"network", "data", "cost", "training"}


def test_each_value_is_read_as_the_document_with_it_and_a_lesson_does_not_count() -> None:
    net = loaded(NET)
    over = read_over("network.layers.h.repeat=1,4", net.scenario)
    assert [varied(net, over, value).scenario.network.layers[0].repeat for value in over.values] == [1, 4]
    wide = read_over("units=4", net.scenario)
    assert [layer.units for layer in varied(net, wide, "4").scenario.network.layers] == [4, 1], "the last layer stays"
    with pytest.raises(ScenarioError, match="allowed: full, or at most the 20 samples"):
        varied(net, read_over("batch_size=64", net.scenario), "64")


def test_a_star_in_a_setting_stands_for_every_layer_but_the_last() -> None:
    net = loaded(NET, "network.layers.*.activation=tanh")
    assert [layer.activation for layer in net.scenario.network.layers] == ["tanh", "linear"]
    alone = CHAIN[: CHAIN.index("    - {name: a")] + "    - {name: a, units: 1}\n" + CHAIN[CHAIN.index("data:") :]
    with pytest.raises(ScenarioError, match="there is one layer alone"):
        loaded(alone, "network.layers.*.activation=tanh")


def test_what_a_document_says_to_sweep_over_is_checked_value_by_value_at_its_place() -> None:
    net = loaded(NET, "sweep.over={batch_size: [4, full]}", "sweep.group=h*.weight")
    assert asked_over(net.scenario.sweep.over, net.scenario) == Over("training.batch_size", ("4", "full"))
    assert loaded(NET, "sweep.over=depth").scenario.sweep.over == "depth"
    for setting, sentence in (
        ("sweep.over={batch_size: [4, 64]}", "sweep.over.batch_size: with 64: found 64; allowed: full, or at most the 20 samples"),
        ("sweep.over={batch_sise: [4]}", "there is no 'batch_sise' to sweep over"),
        ("sweep.over={batch_size: []}", "sweep.over.batch_size: found an empty list; allowed: at least 1 entries"),
        ("sweep.over=width", "found 'width'; allowed: gain, depth, normalization, or PATH=a,b,c"),
        ("sweep.group=h9.*", "sweep.group: 'h9.*' matches no parameter"),
    ):
        with pytest.raises(ScenarioError) as told:
            loaded(NET, setting)
        assert sentence in str(told.value)
