"""Hostile numbers at every size, in a child process: an abort in plotext's C++ is a failed test."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bntui.views.drawing import canvas
from bntui.views.text.lines import plain

SECONDS = 6.0
MEGABYTES = 300
HOSTILE = (
    float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 5e-324, -5e-324, 1e-310, 1e308, -1e308, sys.float_info.max,
    1.0, -1.0, 1.0 + 2**-52, 1e-12, 1e300, 0.1, 3.0, -7.5e4,
)  # fmt: skip
NAMES = ("a", "", "layer12", "∂J/∂W", "名前", "e\u0301", "a\x1b[31mb", "[/]", "x" * 300)


def numbers(source: random.Random) -> list[float]:
    """Nothing, one point, one value many times, hostile values, or a long walk that explodes."""
    kind = source.randrange(6)
    count = source.choice((1, 2, 3, 10, 200))
    if kind == 0:
        return []
    if kind == 1:
        return [source.choice(HOSTILE)] * count
    if kind == 2:
        return [source.choice(HOSTILE) for _ in range(count)]
    if kind == 3:
        return [10.0 ** source.uniform(-320, 308) * source.choice((1, -1)) for _ in range(count)]
    if kind == 4:
        return [1.5**step for step in range(1600)]
    return [source.gauss(0, 1) for _ in range(count)]


def gaps(source: random.Random) -> list[float | None]:
    """The same with values missing."""
    return [None if source.random() < 0.2 else value for value in numbers(source)]


def limits(source: random.Random) -> tuple[float, float]:
    """Limits of which most are unusable."""
    return source.choice(HOSTILE), source.choice(HOSTILE)


def chart(source: random.Random, size: canvas.Size) -> canvas.Lines:
    """Any chart of any numbers."""
    ascii = source.random() < 0.3
    kind = source.randrange(5)
    title = source.choice(NAMES)
    if kind == 0:
        steps = list(zip(gaps(source), gaps(source), strict=False))
        bounds = limits(source) if source.random() < 0.5 else canvas.staircase_limits(numbers(source), limits(source))
        canvas.staircase_axis(bounds, size.width)
        return canvas.staircase(steps, size, bounds, ascii=ascii)
    if kind in (1, 2):
        axes = [
            canvas.Axis(source.choice(("linear", "log")), limits(source) if source.random() < 0.5 else None, title)
            for _ in range(2)
        ]
        drawn = [
            canvas.Curve(source.choice(NAMES), xs if source.random() < 0.5 else range(len(ys)), ys, marker, "twin")
            for marker in source.choices(("braille", "+", "•", "", "名", "\x1b"), k=source.randrange(4))
            for xs, ys in [(numbers(source), numbers(source))]
        ]
        marks = [canvas.AxisMark(value, source.choice(NAMES)) for value in numbers(source)]
        return canvas.curves(drawn, size, x_axis=axes[0], y_axis=axes[1], marks=marks, title=title, ascii=ascii)
    series = [
        canvas.Series(source.choice(NAMES), gaps(source), source.choice(("█", "▒", "名", "")), "growth", gaps(source))
        for _ in range(source.randrange(4))
    ]
    if kind == 3:
        groups = source.choices(NAMES, k=source.choice((0, 1, 5, 21, 400)))
        return canvas.columns(groups, series, size, log=source.random() < 0.7, title=title, ascii=ascii)
    grid = [gaps(source)[:50] for _ in range(source.randrange(5))]
    names = source.choices(NAMES, k=source.randrange(6))
    return canvas.heat(
        grid, size, rows=names, columns=names, limits=source.choice((None, limits(source))), title=title, ascii=ascii
    )


def draw_for(seconds: float, seed: int) -> int:
    """Draw until the time is over; the number of charts."""
    source = random.Random(seed)
    sizes = [(1, 1), (300, 100), (1, 100), (300, 1), (2, 2), (39, 5), (76, 20)]
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        width, height = sizes[count] if count < len(sizes) else (source.randint(1, 90), source.randint(1, 30))
        lines = chart(source, canvas.Size(width, height))
        assert all(plain(line).isprintable() for line in lines), lines
        count += 1
    return count


def peak_megabytes() -> int:
    """The most that this process has held; getrusage would count what the parent held when it was started."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc")
def test_no_number_kills_the_process_or_eats_its_memory() -> None:
    child = subprocess.run([sys.executable, __file__], capture_output=True, text=True, timeout=60, check=False)
    assert child.returncode == 0, child.stderr[-2000:]
    charts, peak = map(int, child.stdout.split())
    assert charts > 50
    assert peak < MEGABYTES


if __name__ == "__main__":
    drawn = draw_for(SECONDS, seed=1)
    print(drawn, peak_megabytes())  # noqa: T201 - what the parent reads
