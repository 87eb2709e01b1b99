"""Opening the app in a terminal: looking first at what the terminal can do, and ending with the right status."""

from __future__ import annotations

import ctypes
import gc
import os
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bntui.session.keep import kept, preferences
from bntui.session.keep.preferences import FRAMES, THEME, Preferences, Unusable
from bntui.session.session import Session
from bntui.session.share.folder import Folder
from bntui.tui.colours import ASKED, TEXTUALS_NAMES, Depth, depth_of
from bntui.tui.early import SIGNALS, EarlyKeys

if TYPE_CHECKING:
    from bntui.session.share.following import Followed

CRASHED = 1  # textual's status after an exception
TAKING_OVER = 0.5  # seconds after a session was left within which another process has it
LOOKS = 60  # a second, at which textual looks for what has changed
OBJECTS = 3_000  # before garbage is looked for: those of a frame, a thousand at once, die by themselves
M_ARENA_MAX = -8  # how mallopt of glibc calls the number of its heaps
COLOR_SYSTEMS = ("auto", *ASKED)


def open_terminal(
    session: Session | None,
    typed: Preferences,
    ascii: bool,
    remember: bool = False,
    first_words: str | None = None,
    opens: int = 0,
    course: Path | None = None,
    shares: Folder | None = None,
    follows: Followed | None = None,
) -> int:
    """Run the app until it is left; the exit status. A terminal that cannot show it is told so in a sentence, with 2.

    What was `typed` counts more than the environment, and that more than what is remembered; `remember` keeps it for later starts.
    The session is kept in a journal; `first_words` are shown at the beginning, and the beat `opens` of its lesson, none where 0.
    Without a session the lessons of `course` are shown, those of the library where it is None. Whoever may follow it does so in
    the folder that it `shares`. A session that it `follows` is somebody else's.
    """
    problem = _problem()
    if problem:
        print(f"bntui: {problem}", file=sys.stderr)
        return 2
    asked = typed.over(preferences.of_environment(os.environ))
    remembered, unusable = preferences.remembered()
    words = [first_words, unusable]
    wanted = asked.over(remembered)
    theme, frames = wanted.theme or THEME, wanted.frames or FRAMES
    with EarlyKeys() as early:
        colours = _settle_textual(frames)
        _share_heap()
        from bntui.tui.app import Bntui  # noqa: PLC0415 - only now may textual be imported
        from bntui.tui.driver import pacing  # noqa: PLC0415 - as above
        from bntui.tui.glass import Glass  # noqa: PLC0415 - as above
        from bntui.tui.link import Ration  # noqa: PLC0415 - as above
        from bntui.tui.themes import theme_problem  # noqa: PLC0415 - as above

        wrong_theme = theme_problem(theme)
        if wrong_theme and asked.theme is not None:
            print(f"bntui: {wrong_theme}", file=sys.stderr)
            return 2
        if wrong_theme:
            words.append(f"{preferences.shown_path(preferences.file())}: {wrong_theme}")
            theme = THEME
        if remember:
            words.append(_remember(typed))
        glass = Glass()
        app = Bntui(
            session,
            theme,
            ascii,
            frames,
            keeps=True,
            sentence=" ".join(filter(None, words)),
            opens=opens,
            glass=glass,
            course=course,
            colours=colours,
            shares=shares,
            follows=follows,
        )
        ration = Ration() if wanted.frames is None and _is_remote(os.environ) else None
        app.driver_class = pacing(app.driver_class, early, glass, ration)
        try:
            app.run(mouse=_takes_mouse(os.environ) if wanted.mouse is None else wanted.mouse)
        finally:
            app.let_go()
            app.end_sharing()
            app.settle()
    status = app.return_code or 0
    with suppress(OSError):  # the terminal may have gone
        for sentence in _parting(status, app.kept_as, app.unkept, shares):
            print(f"bntui: {sentence}", file=sys.stderr, flush=True)
    return status


def refusal(typed: Preferences) -> str | None:
    """Why this terminal, or the theme that is asked for, cannot be shown; None where they can.

    Textual is imported only where a theme is asked for.
    """
    asked = typed.over(preferences.of_environment(os.environ))
    if (problem := _problem()) or asked.theme is None:
        return problem
    _settle_textual(asked.over(preferences.remembered()[0]).frames or FRAMES)
    from bntui.tui.themes import theme_problem  # noqa: PLC0415 - only now may textual be imported

    return theme_problem(asked.theme)


def _settle_textual(frames: float) -> Depth:
    """Settle what textual and Python are to know before textual is imported; how many colours are sent."""
    gc.disable()  # nothing that the start makes is garbage; the app goes on collecting when it is ready
    gc.set_threshold(OBJECTS)
    # they are read when textual is imported; what the user has set stays. Frames are the conductor's to count: textual
    # looks so often that a key does not wait for it
    os.environ.setdefault("TEXTUAL_FPS", str(round(max(frames, LOOKS))))
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    colours = depth_of(os.environ)
    os.environ["TEXTUAL_COLOR_SYSTEM"] = TEXTUALS_NAMES[colours]
    return colours


def _share_heap() -> None:
    """One heap for all threads, where glibc has one for each: they wait for each other in Python anyway."""
    if hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(M_ARENA_MAX, 1)


def _remember(wanted: Preferences) -> str:
    """Keep these for later starts; a sentence on what came of it."""
    try:
        return f"Remembered in {preferences.shown_path(preferences.remember(wanted))}."
    except Unusable as error:
        return f"Not remembered: {error}"


def _parting(status: int, kept_as: str | None, unkept: str | None, shares: Folder | None) -> Iterator[str]:
    """What is said when the app has been left; a class that followed waits for the session in its folder."""
    if status == CRASHED:
        yield "this should not have happened"
    if unkept is not None:
        yield unkept
    if kept_as is None:
        return
    if status == SIGNALS["SIGHUP"] and _is_taken_over(kept_as):  # whoever takes a session over asks by this signal
        yield f"the session {kept_as} goes on in another window"
    else:
        where = "" if shares is None or shares.is_private else f" --share {shlex.quote(str(shares.path))}"
        yield f"the session is kept; go on with it: bntui --resume {kept_as}{where}"


def _is_taken_over(name: str) -> bool:
    """Whether somebody else opens the session within a moment: it could not be had before it was left."""
    end = time.monotonic() + TAKING_OVER
    while not (taken := any(one.name == name and one.holder is not None for one in kept.kept_sessions())):
        if time.monotonic() > end:
            break
        time.sleep(TAKING_OVER / 20)
    return taken


def _problem() -> str | None:
    name = os.environ.get("TERM", "")
    if name in ("", "dumb"):
        why = "this terminal (TERM=dumb) cannot move its cursor" if name else "TERM is not set, which names the terminal"
        return f"{why}; `bntui show` prints a frame as text"
    wanted = os.environ.get("TEXTUAL_COLOR_SYSTEM", "auto")
    if wanted not in COLOR_SYSTEMS:
        return f"TEXTUAL_COLOR_SYSTEM is '{wanted}'; allowed: {', '.join(COLOR_SYSTEMS)}"
    return None


def _takes_mouse(environment: Mapping[str, str]) -> bool:
    """Not over ssh, so that the terminal's own selection works; nor in GNU screen, which then keeps an escape to itself."""
    return not _is_remote(environment) and "STY" not in environment


def _is_remote(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is at the other end of an ssh."""
    return any(name in environment for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
