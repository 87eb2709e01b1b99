"""A pass that is noted once and made again."""

import copy
import pickle

import numpy as np
import pytest

from bntui.maths.tape import Tape


def test_a_tape_makes_its_calls_again_over_the_same_arrays() -> None:
    theta, none = np.array([[2.0]]), np.zeros(0)
    tape = Tape(theta, none, none, none)
    made = tape(np.multiply, tape.numbers[0], 3.0, None)
    assert made.tolist() == [[6.0]]
    tape.play(np.array([[5.0]]), none, none, none)
    assert made.tolist() == [[15.0]]
    assert theta.tolist() == [[2.0]]


@pytest.mark.parametrize("taken", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_tape_has_no_copy_that_would_write_to_its_arrays(taken) -> None:
    none = np.zeros(0)
    with pytest.raises(TypeError, match="no copy"):
        taken(Tape(none, none, none, none))
