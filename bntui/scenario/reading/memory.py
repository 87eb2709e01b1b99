"""The memory that the program may take for its arrays, as far as it is reckoned beforehand; --memory says how much."""

from __future__ import annotations

from bntui.maths import memory
from bntui.maths.architecture import Architecture
from bntui.maths.kinds.optimizers import OPTIMIZERS
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.model.sources import Extent

DEFAULT = 2 * 10**9  # half of what a small laptop or a small server has
UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

_allowed = DEFAULT


def allow(size: int) -> None:
    """Let the arrays of this process take so many bytes."""
    global _allowed  # noqa: PLW0603 - a process has one memory, and the command line says once how much of it
    _allowed = size


def allowed() -> int:
    """The bytes that they may take."""
    return _allowed


def too_much(needed: int, what: str) -> str | None:
    """A sentence where something needs more bytes than are allowed."""
    if needed <= _allowed:
        return None
    return (
        f"{what} needs about {size_text(needed)} of memory; allowed: {size_text(_allowed)}, or what --memory says, "
        f"as --memory {_next_size(needed)}"
    )


def scenario_bytes(scenario: Scenario, architecture: Architecture, data: Extent) -> int:
    """What a session of the scenario takes that makes steps."""
    size = scenario.training.batch_size
    samples = min(size, data.samples) if isinstance(size, int) else data.samples
    targets = architecture.layers[-1].units if architecture.cost.targets == "classes" else data.targets
    held_out = 0 if data.held_out is None else data.held_out.samples
    numbers = (data.samples + held_out) * (data.inputs + targets)
    vectors = memory.vectors_of(OPTIMIZERS[scenario.training.optimizer])
    return memory.training(architecture, samples, numbers, vectors) + memory.forward(architecture, held_out)


def size_text(size: int) -> str:
    """Bytes as a person says them: 2 GB, 350 MB."""
    unit = "G" if size >= UNITS["G"] else "M"
    return f"{float(f'{size / UNITS[unit]:.2g}'):g} {unit}B"


def read_size(text: str) -> int | None:
    """The bytes of 8G, 500M or 2.5 GB; None where it is no such size."""
    word = text.strip().upper().removesuffix("B").rstrip()
    unit = UNITS.get(word[-1:], 1)
    number = word[:-1].rstrip() if word[-1:] in UNITS else word
    if not number.replace(".", "", 1).isdecimal():
        return None
    size = int(float(number) * unit)
    return size if size > 0 else None


def _next_size(needed: int) -> str:
    """A size in whole GB with some room above what is needed."""
    return f"{int(1.2 * needed / UNITS['G']) + 1}G"
