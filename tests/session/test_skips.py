"""Skip connections in a session: taken away and brought back, in a twin, in a sweep, in the trace and on the screen."""

import pytest
from session.worlds import bits, do, loaded, session

from bntui.session.look.controls import toggle_skips
from bntui.session.look.entry import EntryError, read_entry, read_twin
from bntui.session.look.quantities import quantities, values
from bntui.session.look.snapshot import Detail
from bntui.session.run.refusal import Refusal
from bntui.session.survey.variants import deeper
from bntui.session.trace.trace_lines import line_of
from bntui.views.panes.formula import formula
from bntui.views.panes.ledger import row_line, rows
from bntui.views.panes.why import why
from bntui.views.text.lines import Size, plain

NET = """\
version: 1
title: T
network:
  layers:
    - {name: first, units: 3, activation: tanh}
    - {name: h, units: 3, activation: tanh, repeat: 3, skip_from: previous}
    - {name: head, units: 1, batch_norm: false}
data: {generator: {name: sine, samples: 12}}
training: {learning_rate: 0.05, momentum: 0.5}
"""


def test_without_its_skips_a_network_descends_as_the_plain_one():
    plain_net = session(NET.replace(", skip_from: previous", ""))
    taken = do(session(NET), {"set": {"skips": False}}, {"step": 20}, {"set": {"batch_norm": True}}, {"step": 5})
    do(plain_net, {"step": 20}, {"set": {"batch_norm": True}}, {"step": 5})
    assert (taken.history.moment.state.theta == plain_net.history.moment.state.theta).all()
    back = do(session(NET), {"step": 3}, {"set": {"skips": False}}, {"step": 4}, {"back": 4}, {"set": {"skips": True}}, {"step": 7})
    never = do(session(NET), {"step": 10})
    assert (back.history.moment.state.theta == never.history.moment.state.theta).all()


def test_a_twin_may_be_the_control_without_skips():
    at = do(session(NET), {"twin": {"skips": False}}, {"step": 5})
    alone = do(session(NET), {"set": {"skips": False}}, {"step": 5})
    assert bits(at.history.moment.twin)[1] == bits(alone.history.moment)[1]
    snapshot = at.observe(Detail(), whole_batch=True)
    assert snapshot.skips
    assert not snapshot.twin.skips
    assert values(["ratio.product.first"], snapshot) != {"ratio.product.first": 1}
    do(at, {"set": {"skips": True}}, {"reset": True})
    assert not at.history.moment.twin.state.structure.skips


def test_the_rows_of_the_ledger_are_the_branch_and_what_the_skip_adds():
    at = do(session(NET), {"step": 2}, {"focus": {"layer": "first"}})
    snapshot = at.observe(Detail())
    found = {(row.layer, row.label): row for row in rows(snapshot, "all")}
    named = quantities(snapshot)
    for layer in ("h1", "h2", "h3"):
        branch, skip = found[layer, "weight"], found[layer, "skip"]
        assert (branch.after, skip.added, skip.before) == (named[f"branch.{layer}"], named[f"skip.{layer}"], branch.after)
        assert "+" in plain(row_line(skip, with_twin=False))
        assert named[f"gain.{layer}"] == pytest.approx(skip.after / found[layer, "tanh′"].before, rel=1e-12)
    assert ("head", "skip") not in found
    chain = line_of(snapshot, Detail())["chain"]
    assert {each["factor"]: each["added"] for each in chain if "added" in each} == {
        f"{layer}.skip": named[f"skip.{layer}"] for layer in ("h3", "h2", "h1")
    }
    text = " ".join(plain(line) for line in formula(snapshot, Size(200, 20)))
    assert "·w_h1 ·(+∂J/∂a_h1) ·g′(u_first)" in " ".join(text.split())


def test_a_dead_branch_is_told_with_the_skip_that_goes_round_it():
    net = NET.replace("activation: tanh, repeat", "activation: relu, repeat").replace("momentum: 0.5", "momentum: 0.0")
    at = do(session(net), {"set": {"weights": {"h2.bias": [-99, -99, -99], "h3.bias": [1, 1, 1]}}}, {"focus": {"layer": "first"}})
    assert why(at.observe(Detail())) == "h2: all 3 units are dead (slope 0); the signal goes round by the skip."
    assert at.observe(Detail()).chain("first").product > 0
    do(at, {"set": {"skips": False}})
    assert why(at.observe(Detail())) == "h2: all 3 units are dead (slope 0): ∂J/∂W is 0 from here down."
    assert at.observe(Detail()).chain("first").product == 0


def test_skips_are_typed_by_their_name():
    standing = session(NET).observe(Detail())
    assert read_entry(standing, "skips off").mapping() == {"set": {"skips": False}}
    assert read_twin("skips off rate 0.01").mapping() == {"twin": {"skips": False, "learning_rate": 0.01}}
    with pytest.raises(EntryError, match=r"^skips is on or off, not 'away'$"):
        read_entry(standing, "skips away")
    with pytest.raises(EntryError, match="this network has no skip connections"):
        read_entry(session(NET.replace(", skip_from: previous", "")).observe(Detail()), "skips off")


def test_a_depth_that_lacks_the_source_of_a_skip_is_refused():
    scenario = loaded(NET.replace("units: 1,", "units: 3, skip_from: h3,").replace("name: sine,", "name: gaussian, outputs: 3,")).scenario
    assert len(deeper(scenario, 6).network.layers) == 7
    with pytest.raises(Refusal, match=r"^head adds h3, which a shallower network lacks"):
        deeper(scenario, 2)


def test_a_key_takes_the_skips_away_and_brings_them_back_where_there_are_any():
    at = session(NET)
    for there in (False, True):
        action = toggle_skips(at.observe(Detail()))
        assert action is not None
        at.do(action)
        assert at.observe(Detail()).skips is there
    plain = session(NET.replace(", skip_from: previous", ""))
    with pytest.raises(Refusal, match=r"^this network has no skip connections; skip_from in a layer makes one$"):
        plain.do(toggle_skips(plain.observe(Detail())))
