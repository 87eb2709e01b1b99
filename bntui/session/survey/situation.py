"""Where a session stands, frozen: all that a survey looks at."""

from __future__ import annotations

from bntui.maths import memory
from bntui.records import dataclass
from bntui.scenario.data.building import Problem
from bntui.scenario.model.actions import AnyAction
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.reading.loading import Loaded
from bntui.session.run.experiment import Experiment
from bntui.session.run.moment import Moment
from bntui.session.run.replay import Replay

LAST_STEPS = 50  # of the session's way, that a survey looks back on
LAST_BYTES = 64 * 2**20  # that their states may take


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """The scenario, the moment that the session stands at, how its last steps came about, and all that was done from the start.

    Nothing in it is ever written to, so a survey on a thread cannot meet the session that goes on meanwhile.
    """

    loaded: Loaded
    moment: Moment
    recent: Replay
    came: tuple[AnyAction, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario of the session."""
        return self.loaded.scenario

    @property
    def problem(self) -> Problem:
        """What its descent starts from."""
        return self.loaded.problem

    @property
    def samples(self) -> int:
        """How many samples a batch has."""
        size = self.scenario.training.batch_size
        return self.problem.inputs.shape[0] if size == "full" else size

    @property
    def nbytes(self) -> int:
        """What the session itself takes, as it is estimated."""
        vectors = memory.vectors_of(self.moment.optimizer)
        return memory.training(self.problem.architecture, self.samples, self.problem.numbers, vectors)

    def experiment(self) -> Experiment:
        """The scenario's experiment made anew, with caches of its own."""
        return Experiment(self.scenario, self.problem)


def looked_back(start: Moment) -> int:
    """Over how many steps a survey looks back: of a large network fewer states have room beside each other."""
    return max(2, min(LAST_STEPS, LAST_BYTES // start.nbytes))
