"""docs/experiments.md: its opening, the overview, and a section for each experiment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from experiments import alignment, auto_rate, chain, course, decay, depth, detached, explosion, noise, outliers, parts, smoothness
from experiments.experiment import Experiment, table

EXPERIMENTS: tuple[Experiment[Any], ...] = (
    chain.EXPERIMENT,
    parts.EXPERIMENT,
    detached.EXPERIMENT,
    depth.EXPERIMENT,
    explosion.EXPERIMENT,
    alignment.EXPERIMENT,
    noise.EXPERIMENT,
    smoothness.EXPERIMENT,
    course.EXPERIMENT,
    auto_rate.EXPERIMENT,
    decay.EXPERIMENT,
    outliers.EXPERIMENT,
)
BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}

OPENING = """\
# Experiments

What the papers on batch normalization report, tried in networks of a few hundred weights with the mathematics of bntui. The design of
each is the paper's as far as it fits into such a network; where a result does not appear here, that is what the section says.

`python docs/experiment.py NAME` runs one of them and prints its section; `python docs/experiment.py --write` runs all and
writes this page. No number here is typed by hand: each is printed by such a run, and `tests/test_experiments.py` holds every section
against a fresh one. Numbers are medians over the seeds with the quartiles in parentheses, unless the section says otherwise. A seed draws
both the weights and the data, and what is compared has the same of both.

*Trains* means that J ends below half the best constant's cost."""

_NAME = re.compile(r"`python docs/experiment\.py ([a-z-]+)` ·")


def text(sections: Mapping[str, str]) -> str:
    """The whole page, of those sections that there are."""
    present = [experiment for experiment in EXPERIMENTS if experiment.name in sections]
    overview = table(("experiment", "source", "what came out"), [(each.title, each.source, each.verdict) for each in present])
    return "\n\n".join((OPENING, overview, *(sections[each.name] for each in present))) + "\n"


def sections(page: str) -> dict[str, str]:
    """The sections of a page by the experiment's name."""
    found = {}
    for section in page.split("\n## ")[1:]:
        if name := _NAME.search(section):
            found[name[1]] = f"## {section.strip()}"
    return found
