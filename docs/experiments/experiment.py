"""An experiment: what a paper says, how it is tried here, and what came out, as a section of docs/experiments.md."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike

Result = TypeVar("Result")

WIDTH = 120  # columns of the page
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])")


@dataclass(frozen=True, slots=True)
class Experiment(Generic[Result]):
    """One experiment under the `name` by which it is run.

    `claim` is the paper's, `design` what is done here; `run` does it, `report` says in Markdown what came out, every number of
    it taken from the result. `verdict` is the line of the page's overview. On another machine the last digits differ, and a long
    descent makes much of them: `tolerance` is by what ratio a number may then be another. It was found by changing the last
    digits of the first weights.
    """

    name: str
    title: str
    source: str
    claim: str
    design: str
    run: Callable[[], Result]
    report: Callable[[Result], str]
    verdict: str
    tolerance: float = 1.05

    def section(self, result: Result) -> str:
        """The section of the page."""
        parts = (
            f"## {self.title}",
            f"`python docs/experiment.py {self.name}` · {self.source}",
            f"**The claim.** {self.claim}",
            f"**Here.** {self.design}",
            "**What came out.**",
            *self.report(result).strip().split("\n\n"),
        )
        return "\n\n".join(part if part.startswith("|") else textwrap.fill(part, WIDTH, break_long_words=False) for part in parts)


def number(value: float) -> str:
    """A number with three significant digits at most, as a person writes it."""
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    if not 1e-3 <= abs(value) < 1e5:
        return re.sub(r"e([+-])0*", lambda sign: "e" + sign[1].strip("+"), f"{value:.1e}".replace(".0e", "e"))
    decimals = max(0, 2 - int(np.floor(np.log10(abs(value)))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def spread(values: ArrayLike) -> str:
    """The median over the seeds, and the quartiles; a run that diverged counts as inf."""
    known = np.nan_to_num(np.asarray(values, dtype=float), nan=np.inf)
    lower, middle, upper = np.quantile(known, (0.25, 0.5, 0.75), method="inverted_cdf")
    return f"{number(middle)} ({number(lower)}–{number(upper)})"


def median(values: ArrayLike) -> float:
    """The middle one of the values, the lower of two: always a value that was there."""
    known = np.nan_to_num(np.asarray(values, dtype=float), nan=np.inf)
    return float(np.quantile(known, 0.5, method="inverted_cdf"))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def differences(printed: str, fresh: str, tolerance: float) -> list[str]:
    """In what a printed section is another than a fresh one: words that differ, and numbers further apart than the tolerance."""
    printed, fresh = " ".join(printed.split()), " ".join(fresh.split())
    if _NUMBER.sub("#", printed) != _NUMBER.sub("#", fresh):
        return [f"the words differ; fresh:\n{fresh}"]
    pairs = zip(_numbers(printed), _numbers(fresh), strict=True)
    return [f"{one} is now {other}" for one, other in pairs if not _alike(one, other, tolerance)]


def _numbers(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in _NUMBER.findall(text)]


def _alike(one: float, other: float, tolerance: float) -> bool:
    low, high = sorted((one, other))
    return high <= low * tolerance
