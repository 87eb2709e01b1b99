"""Where a session stands, frozen: what is known of it without running the network."""

from __future__ import annotations

from bntui.maths.architecture import Architecture, Switching
from bntui.maths.arrays import Mode
from bntui.maths.kinds.normalizations import Normalization, short_of
from bntui.maths.kinds.optimizers import Optimizer, Sgd
from bntui.maths.names import Name
from bntui.records import dataclass
from bntui.scenario.model.actions import Shown
from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.model.pictures import Picture


@dataclass(frozen=True, slots=True)
class Focus:
    """Where the person looks: a layer, one sample of the batch or all of it (None), and a path of units.

    `units` names the unit of some layers; where it names any, the chain follows one path through the network, by unit 0 of the
    layers that are not named.
    """

    layer: str
    sample: int | None = None
    units: tuple[tuple[str, int], ...] = ()

    @property
    def unit(self) -> int | None:
        """The unit that is followed in the layer in focus, None where the whole layer is read."""
        return dict(self.units).get(self.layer, 0) if self.units else None


@dataclass(frozen=True, slots=True)
class Mark:
    """A step at which something was done or J jumped, and the sign that is shown there."""

    step: int
    sign: str

    @property
    def done(self) -> bool:
        """Whether somebody did it: a jump of J comes by itself, and its curve shows it."""
        return self.sign not in ("↑", "↓", "×")


@dataclass(frozen=True, slots=True)
class LessonStanding:
    """How far a lesson has come: the beat at hand (0: not begun), whether its question waits, and what was answered.

    `answer` is the choice that was made at this beat, `right` counts the questions answered rightly so far,
    `sentence` is what the lesson has to say of itself: that it returned, or what was refused. `following` is the title of the
    lesson that its course has after this one, "" where it has none or this one is not finished; `completes`: it is finished, and
    the last one of its course. `reached` is the furthest beat that was come to, and `told` the one to which all words may be told:
    those behind a question that waits may say its answer. `followed`: another one speaks, and no key here goes on in it.
    """

    number: int
    beats: tuple[LessonBeat, ...]
    asking: bool
    answer: int | None
    right: int
    sentence: str
    following: str = ""
    completes: bool = False
    reached: int = 0
    told: int = 0
    followed: bool = False

    @property
    def beat(self) -> LessonBeat | None:
        """The beat at hand; None before the first."""
        return self.beats[self.number - 1] if self.number else None

    @property
    def questions(self) -> int:
        """How many questions there are in all."""
        return sum(beat.ask is not None for beat in self.beats)

    def tells(self, number: int) -> bool:
        """Whether the words of a beat give no answer away: those of a question, and of all that stands before one that waits."""
        return number <= self.told or self.beats[number - 1].ask is not None

    @property
    def finished(self) -> bool:
        """Whether the last beat has been taken."""
        return self.number == len(self.beats) and not self.asking


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Where the session stands: what is known without running the network.

    `step` is the cursor's and `last_step` the end of the future that it is in; `action` is what was done last, None at the
    start. `learning_rate`, `rates_by_name` (those of patterns of parameters, the last match holds), `optimizer`, `mode` and
    `switching` hold for the next update; `base_rate` is the rate that is set, of which a schedule leaves `learning_rate` at this
    step, and by the same share of `rates_by_name`. `kinds` are the normalized layers from the input, each with the kind that it
    is normalized in; `at_hand` has of every layer that kind, or the one in which it would be switched on. `skips` says whether
    the skip connections are there, `parameter_names` are of every parameter that there is now. A batch has `samples` of the
    `training_samples`, all of them where `full_batch` says so; `held_out_samples` are not trained on. `marks` are what was done
    and where J jumped along the path, `view` is the one that is open, `quantity` what a history shows, `lesson` None where the
    scenario has none. `lit` are the quantities and charts that the lesson speaks of, `picture` is what its beat opens over the
    ledger, None where it opens nothing; both until one goes on by oneself.
    """

    title: str
    step: int
    last_step: int
    action: str | None
    learning_rate: float
    base_rate: float
    rates_by_name: tuple[tuple[str, float], ...]
    optimizer: Optimizer
    mode: Mode
    switching: Switching
    architecture: Architecture
    kinds: tuple[tuple[str, Normalization], ...]
    at_hand: tuple[tuple[str, Normalization], ...]
    skips: bool
    parameter_names: tuple[Name, ...]
    samples: int
    full_batch: bool
    training_samples: int
    held_out_samples: int
    focus: Focus
    marks: tuple[Mark, ...]
    view: Shown
    quantity: str
    lesson: LessonStanding | None
    lit: tuple[str, ...]
    picture: Picture | None

    @property
    def normalized(self) -> tuple[str, ...]:
        """The names of the normalized layers, from the input."""
        return tuple(name for name, _ in self.kinds)

    def kind(self, layer: str) -> Normalization | None:
        """The kind that a layer is normalized in, None where it is not."""
        return dict(self.kinds).get(layer)

    @property
    def epoch(self) -> int:
        """Which pass through the training data the batch of the next update belongs to, counted from 0."""
        return self.step // (self.training_samples // self.samples)

    @property
    def momentum(self) -> float | None:
        """The momentum of the next update, None with an optimizer that has none."""
        return self.optimizer.momentum if isinstance(self.optimizer, Sgd) else None

    @property
    def without_slope(self) -> bool:
        """Whether μ and σ are left out of the gradient though they follow the weights: then it is no slope of J."""
        return any(kind.detached and not kind.estimated(self.mode) for _, kind in self.kinds)

    @property
    def short(self) -> str:
        """What the normalization of this network is called: that which is there, or which is switched on where there is none."""
        switchable = self.architecture.switchable
        return short_of(kind for _, kind in self.kinds or [each for each in self.at_hand if each[0] in switchable])
