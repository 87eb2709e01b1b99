"""Opening the app in a terminal: looking first at what the terminal can do, and ending with the right status."""

from __future__ import annotations

import gc
import os
import sys

from bntui.session.session import Session

CRASHED = 1  # textual's status after an exception
LOOKS = 60  # a second, at which textual looks for what has changed
COLOR_SYSTEMS = ("auto", "standard", "256", "truecolor")


def open_terminal(
    session: Session | None, theme: str, ascii: bool, mouse: bool | None, frames: float, sentence: str | None = None
) -> int:
    """Run the app until it is left; the exit status. A terminal that cannot show it is told so in a sentence, with 2.

    The session is kept in a journal; `sentence` is shown at the beginning.
    """
    problem = _problem()
    if problem:
        print(f"bntui: {problem}", file=sys.stderr)
        return 2
    gc.disable()  # nothing that the start makes is garbage; the app goes on collecting when it is ready
    # both are read when textual is imported; what the user has set stays. Frames are the conductor's to count: textual
    # looks so often that a key does not wait for it
    os.environ.setdefault("TEXTUAL_FPS", str(round(max(frames, LOOKS))))
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from bntui.tui.app import Bntui, theme_problem  # noqa: PLC0415 - only now may textual be imported
    from bntui.tui.spelling import take_any_bytes  # noqa: PLC0415 - as above

    wrong_theme = theme_problem(theme)
    if wrong_theme:
        print(f"bntui: {wrong_theme}", file=sys.stderr)
        return 2
    take_any_bytes()
    app = Bntui(session, theme, ascii, frames, keeps=True, sentence=sentence)
    try:
        app.run(mouse=not _over_ssh() if mouse is None else mouse)
    finally:
        app.let_go()
    if app.return_code == CRASHED:
        print("bntui: this should not have happened. The session is kept: bntui --resume", file=sys.stderr)
    return app.return_code or 0


def _problem() -> str | None:
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        return "this terminal (TERM=dumb) cannot move its cursor; `bntui show` prints a frame as text"
    wanted = os.environ.get("TEXTUAL_COLOR_SYSTEM", "auto")
    if wanted not in COLOR_SYSTEMS:
        return f"TEXTUAL_COLOR_SYSTEM is '{wanted}'; allowed: {', '.join(COLOR_SYSTEMS)}"
    return None


def _over_ssh() -> bool:
    return any(name in os.environ for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
