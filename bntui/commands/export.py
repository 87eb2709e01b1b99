"""`bntui export`."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bntui.commands import streams, typed
from bntui.commands.begin import read
from bntui.commands.command import GOOD, Command, UsageError
from bntui.maths.network import each_kind
from bntui.scenario.text.files import output, require_writable
from bntui.scenario.text.wording import harmless

if TYPE_CHECKING:
    from bntui.scenario.torch.program import TorchProgram

DEFAULT_STEPS = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    """Of which scenario, as a program for what, how many steps, and where it is written."""
    typed.add_scenario(parser)
    parser.add_argument("--torch", action="store_true", required=True, help="as a program of plain PyTorch")
    parser.add_argument("--steps", type=typed.whole, default=DEFAULT_STEPS, metavar="N", help=f"how many steps ({DEFAULT_STEPS})")
    parser.add_argument("-o", "--output", metavar="FILE.py", help="write there instead of to the terminal")
    typed.add_force(parser)


def run(options: argparse.Namespace) -> int:
    """Write the program, and beside it the file of numbers that it reads where the data has too many to stand in it."""
    from bntui.scenario.torch.program import torch_program  # noqa: PLC0415 - help and completion import every command

    loaded = read(options)
    path = None if options.output is None else Path(options.output)
    beside = Path("data.csv") if path is None else path.with_suffix(".csv")
    settings = "".join(f" --set {shlex.quote(harmless(each))}" for each in options.settings)
    command = f"bntui export {shlex.quote(harmless(options.scenario))} --torch{settings}"
    kinds = each_kind(loaded.problem.architecture, loaded.problem.normalized)
    program = torch_program(loaded.scenario, loaded.problem, kinds, options.steps, command, beside.name)
    if path is None:
        if program.beside is not None:
            raise UsageError("its data has too many numbers to stand in the program; with -o FILE.py they are written beside it")
        streams.print_data(sys.stdout)
        sys.stdout.write(program.text)
        return GOOD
    _write(program, path, beside, loaded.files, options.force)
    return GOOD


def _write(program: TorchProgram, path: Path, beside: Path, reading: tuple[Path, ...], force: bool) -> None:
    if program.beside is not None:
        require_writable(path, reading, force)  # before anything else is written
        with output(beside, (path, *reading), force) as file:
            file.write(program.beside)
    with output(path, reading, force) as file:
        file.write(program.text)
    also = "" if program.beside is None else f" and {harmless(str(beside))}"
    print(f"{harmless(str(path))}{also} written")


COMMAND = Command(
    name="export", help="Write a scenario as a program of plain PyTorch that prints the same numbers.", arguments=arguments, run=run
)
