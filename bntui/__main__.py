"""`bntui` and `python -m bntui`: what must be settled before the libraries are imported, then the command."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import MutableMapping
from types import ModuleType
from typing import NoReturn, cast

# what says how many threads OpenBLAS, MKL, Accelerate and BLIS take for a product, each read when numpy is imported
THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS", "OMP_NUM_THREADS")

LEFT_OUT = (
    *("plotext._doc.doc", "plotext._tests.run", "PIL", "ffpyplayer.player", "yt_dlp"),
    *(f"plotext._methods.{name}" for name in ("effects", "file", "image", "matplotlib", "video")),
    *(f"plotext._demos.{name}" for name in ("colors", "line_styles", "markers", "styles", "themes", "tools")),
    *("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars", "numpy._typing"),
    *("textual.widgets._directory_tree", "asyncio.sslproto"),
)

MISSING = ("ssl", "_hashlib", "linkify_it")


class Nothing:
    """What everything is in a module that is left out, a type of anything too."""

    def __class_getitem__(cls, of: object) -> type[Nothing]:
        return cls


def found(name: str) -> type[Nothing]:
    """What a module that is left out has of that name. Raises AttributeError for what Python itself asks of modules."""
    if name.startswith("__"):
        raise AttributeError(name)
    return Nothing


def settle_threads(environment: MutableMapping[str, str]) -> None:
    """One thread for a matrix product, unless the user has said something else.

    More of them wait for each other by spinning. Where other programs run they take up to 160 times as long as one alone,
    and even products of 1,024 × 512 by 512 are slower; tests/benchmarks/threads.py measures it.
    """
    if not any(name in environment for name in THREADS):
        environment.update(dict.fromkeys(THREADS, "1"))


def leave_out(modules: MutableMapping[str, ModuleType | None]) -> None:
    """Leave out what the libraries would load for uses that are none of ours.

    plotext builds no documentation of itself, for a menu that nobody can open here, and loads no tests and no shows of itself:
    more than half of the time that its import takes, and a third of the memory. Nor does it load what it would show pictures
    and films with where they are installed, of which Pillow takes 3 MB. numpy writes no help into its functions, and has no
    types for whoever checks them; textual has no trees of files, and asyncio no encryption. In place of each of these modules
    one is found in which there is Nothing.

    OpenSSL is as if it were not installed: asyncio does without, there is no network here, and hashlib has its own SHA-256. So is
    what markdown-it finds addresses with in plain text: none is looked for.
    """
    for name in LEFT_OUT:
        empty = ModuleType(name)
        vars(empty)["__getattr__"] = found
        modules.setdefault(name, empty)
    for name in MISSING:
        modules.setdefault(name, None)


def settle_plugins(environment: MutableMapping[str, str]) -> None:
    """No plugins of pydantic: they would be looked for in all packages that are installed."""
    environment.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def main() -> NoReturn:
    """Run the program and end the process with its status."""
    settle_threads(os.environ)
    settle_plugins(os.environ)
    leave_out(cast("dict[str, ModuleType | None]", sys.modules))
    if (heeded := signal.getsignal(signal.SIGINT)) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # ctrl+c ends an import without a word of where it was
    gc.disable()  # nothing that is imported is garbage, and looking for it takes a tenth of a start
    from bntui.commands import cli  # noqa: PLC0415 - brings numpy with it

    gc.freeze()
    gc.enable()
    if heeded is signal.default_int_handler:
        signal.signal(signal.SIGINT, heeded)
    cli.main()


if __name__ == "__main__":
    main()
