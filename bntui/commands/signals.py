"""What ends a job from outside: met as ctrl+c is, so that what is done by then is written."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from bntui.records import dataclass


@dataclass(slots=True)
class Ending:
    """With which status the signal that has come ends the process; None while none has."""

    status: int | None = None


@contextmanager
def met_as_ctrl_c() -> Iterator[Ending]:
    """Have SIGTERM and SIGHUP raise KeyboardInterrupt, where nobody has said otherwise."""
    ending = Ending()

    def end(number: int, frame: object) -> None:
        ending.status = 128 + number
        raise KeyboardInterrupt

    known = [each for name in ("SIGTERM", "SIGHUP") if (each := getattr(signal, name, None))]  # Windows has one of them
    heeded = [each for each in known if signal.getsignal(each) is signal.SIG_DFL]  # nohup has the other passed over
    for each in heeded:
        signal.signal(each, end)
    try:
        yield ending
    finally:
        for each in heeded:
            signal.signal(each, signal.SIG_DFL)
