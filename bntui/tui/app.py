"""The app: opens the library or a scenario, and leaves the terminal as it found it."""

from __future__ import annotations

import asyncio
import gc
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App, SystemCommand
from textual.command import Provider
from textual.events import DescendantFocus, Resize
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.scenario.model.actions import Page
from bntui.scenario.model.vocabulary import HISTORIES
from bntui.session.look.standing import LessonStanding
from bntui.session.session import Session
from bntui.session.teach.notes import Desk
from bntui.tui.colours import Depth
from bntui.tui.departures import Departures
from bntui.tui.dressed import Dressed
from bntui.tui.early import SIGNALS
from bntui.tui.glass import Glass
from bntui.tui.host import BLANK, Lookable
from bntui.tui.keys import keys_of
from bntui.tui.screens.explorer import Explorer
from bntui.views.kinds import HISTORY
from bntui.views.screen.arrangement import has_room

if TYPE_CHECKING:
    from bntui.session.share.folder import Folder
    from bntui.session.share.following import Followed
    from bntui.tui.sharing import Sharing

UNKEPT = "Of the session that was left, {unkept}."
MOST_SECONDS_TO_END = 3.0  # after a signal
MOST_SECONDS_TO_LEAVE = 2.0  # with a disk that does not answer; what else is to be settled comes after it
MOST_SECONDS_TO_SETTLE = 0.5  # with a disk that does not answer


def _beat_commands() -> type[Provider]:
    """What the palette finds beats by."""
    from bntui.tui.screens.jumping import BeatCommands  # noqa: PLC0415 - the start does not wait for it

    return BeatCommands


class Bntui(Dressed):
    """The explorer; without a session it begins with the library. A session shows the beat `opens` at once, none where that is 0.

    `kept_as` is the name under which the session that was left can be gone on with, None where there is none; `unkept` says why
    not all of it is kept, where that is so.
    """

    TITLE = "bntui"
    CSS_PATH = "bntui.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = App.COMMANDS | {_beat_commands}
    BINDINGS = [
        ("ctrl+z", "suspend_process", "suspend"),
        ("ctrl+l", "repaint", "repaint"),
        ("ctrl+q", "help_quit", "say how to quit"),  # who presses it to go on after ctrl+s does not mean to quit
    ]

    def __init__(
        self,
        session: Session | None = None,
        theme: str = "dark",
        ascii: bool = False,
        frames: float = 20,
        keeps: bool = False,
        sentence: str | None = None,
        opens: int = 0,
        glass: Glass | None = None,
        course: Path | None = None,
        colours: Depth = "truecolor",
        shares: Folder | None = None,
        follows: Followed | None = None,
    ) -> None:
        super().__init__(theme, ascii, colours, remembers=keeps)
        self._shares = shares
        self._sharing: Sharing | None = None
        self._shown: Lookable | None = None
        self._followed = follows
        self._course = course if session is None else session.loaded.course
        self._opens = opens
        self.kept_as: str | None = None
        self.unkept: str | None = None
        self._keeps, self._sentence = keeps, sentence
        self._first, self._frames = session, frames
        self._session: Session | None = None  # the one that is kept: only what _keep has taken
        self._focused: dict[Screen[object], Widget | None] = {}
        self._glass = glass or Glass()
        self.desk = Desk()
        self._departures = Departures(lambda unkept: self._complain(UNKEPT.format(unkept=unkept)))

    def on_mount(self) -> None:
        """Show the first screen, and end cleanly when the terminal or the system says so."""
        loop = asyncio.get_running_loop()
        for name, status in SIGNALS.items():
            loop.add_signal_handler(getattr(signal, name), self._end, status)
        if not self.is_headless:
            self.set_interval(1.0, self._watch)
        if self._followed is not None:
            self._follow(self._followed)
        elif self._first is None:
            self.action_open()
        else:
            self.explore(self._first, self._opens)
        if self._sentence:
            self.notify(self._sentence, severity="warning", markup=False, timeout=12)

    def on_resize(self, event: Resize) -> None:
        """Show the notice alone where there is room for nothing else, and all else again where there is."""
        self._glass.resized(*event.size)  # a terminal may do with what it shows as it likes when its size changes
        lacking = not has_room(event.size.width, event.size.height)
        if lacking == self.has_class("-no-room"):
            return
        self.set_class(lacking, "-no-room", update=False)
        for screen in self.screen_stack:  # textual itself leaves out those that another one hides
            screen.update_node_styles(animate=False)
        if lacking:  # what is not shown has no focus
            self._focused = {screen: screen.focused for screen in self.screen_stack}
        else:
            self.call_after_refresh(self._focus_again)

    def action_repaint(self) -> None:
        """Send all of the screen again: something else may have written on the terminal."""
        self._glass.forget()
        self.screen.refresh()

    def _focus_again(self) -> None:
        """Keys go where they went before the window was too small; a dialog that was opened meanwhile takes them."""
        for screen in self.screen_stack:
            before = self._focused.get(screen)
            if before is not None and before.is_attached:
                screen.set_focus(before)
            elif screen.focused is None:
                screen.focus_next()

    def on_ready(self) -> None:
        """Go on collecting garbage, but never look again at what the start has made."""
        if not gc.isenabled():
            gc.freeze()
            gc.enable()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """No cursor blinks, in the palette neither: what is at rest sends nothing."""
        if isinstance(event.widget, Input):
            event.widget.cursor_blink = False

    def explore(self, session: Session, opens: int = 0) -> None:
        """Open a session in place of the one at hand, which can be gone on with later; it shows the beat `opens`, none where 0."""
        left = self._followed.session.name if self._followed is not None and self.follows else None
        self._leave()
        self._keep(session)
        self._course = session.loaded.course or self._course
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(Explorer(session, self._ascii, self._frames, opens))
        if left is not None:  # else nobody would know that what the speaker does is not seen here any more
            self.notify(f"This session is your own; {left} is not followed any more.", markup=False)

    def replace(self, session: Session) -> None:
        """Keep a session that goes on in place of the one at hand, which need not be gone on with."""
        before = self._session
        self._keep(session)  # first: whatever happens, one of the two can be gone on with
        if before is not None and before.recorder is not None:
            before.recorder.replaced(before)
            self._departures.see_off(before.recorder)

    def _follow(self, followed: Followed) -> None:
        """Open the session that somebody else conducts; nothing of it is kept."""
        from bntui.tui.screens.following import Following  # noqa: PLC0415 - only followers need it

        self.push_screen(Following(followed, self._ascii, self._frames))

    @property
    def follows(self) -> bool:
        """Whether the session at hand is somebody else's, which is kept by them."""
        return self._followed is not None and self._session is None

    def show_class(self, shown: Lookable | None = None) -> None:
        """Those who follow may see what the screen shows now, or what stands over it."""
        self._shown = shown or self._shown
        if self._sharing is not None and self._shown is not None:
            self._sharing.show(self._shown)

    def _begin_sharing(self) -> None:
        """Let a class follow the session, once there is one; the first screen does not wait for what shares it."""
        if self._sharing is not None or self._shares is None or self._session is None or self._shown is None:
            return
        from bntui.tui.sharing import Sharing  # noqa: PLC0415 - see the docstring

        self._sharing = Sharing(self._shares, lambda: self.session_name, self._complain)
        self._sharing.show(self._shown)
        self._sharing.watch()

    def _complain(self, sentence: str) -> None:
        self.notify(sentence, severity="warning", markup=False, timeout=12)

    def end_sharing(self) -> None:
        """Nobody can follow any more."""
        if self._sharing is not None:
            self._sharing.end()

    def settle(self) -> None:
        """Wait a moment for what is still to be written of a theme, and to be taken away of the speaker's notes."""
        self.desk.lay(None)
        self.desk.settle(MOST_SECONDS_TO_SETTLE)
        self.settle_theme(MOST_SECONDS_TO_SETTLE)

    def _keep(self, session: Session) -> None:
        self._session = session
        if self._keeps and session.recorder is None:
            from bntui.session.keep import journal  # noqa: PLC0415 - needed only where a session is kept

            journal.keep(session)

    @property
    def explorer(self) -> Explorer | None:
        """The screen with the session, where one is open."""
        return next((screen for screen in self.screen_stack if isinstance(screen, Explorer)), None)

    @property
    def lesson(self) -> LessonStanding | None:
        """How far the lesson at hand has come; None where there is none."""
        explorer = self.explorer
        return None if explorer is None or explorer.snapshot is None else explorer.snapshot.lesson

    def choose_beat(self) -> None:
        """Have a beat of the lesson at hand chosen, and go to it."""
        if self.explorer is not None:
            self.explorer.action_beats()

    def explain(self, page: Page) -> None:
        """Explain what a page over the session shows, and all else."""
        if self.explorer is not None:
            self.explorer.explain(page)

    def go_to_beat(self, number: int) -> None:
        """Go to a beat of the lesson at hand, away from what stands over it."""
        self.call_later(self._do, f"beat({number})")

    @property
    def course(self) -> Path | None:
        """The file of the course whose lessons are chosen from, None where that is the library."""
        return self._course

    def choose_from(self, course: Path) -> None:
        """Choose from the lessons of a course."""
        self._course = course
        self.pop_screen()
        self.action_open()

    @property
    def session_name(self) -> str | None:
        """The name under which the session at hand is kept, None where it is not."""
        kept = None if self._session is None else self._session.recorder
        return None if kept is None else kept.name

    def _leave(self) -> None:
        """Leave the session at hand, which can be gone on with; no key waits for the disk."""
        session, self._session = self._session, None
        if session is not None and session.recorder is not None:
            session.recorder.leave(session)
            self._departures.see_off(session.recorder)

    def await_left(self) -> None:
        """Wait a moment, on another thread, until the sessions that were left are let go of."""
        self._departures.wait(MOST_SECONDS_TO_LEAVE)

    def let_go(self, leaving: bool = False) -> None:
        """Keep what is pending of the session at hand and of those that were left, and have none at hand any more."""
        session, self._session = self._session, None
        end = time.monotonic() + MOST_SECONDS_TO_LEAVE
        if session is not None and session.recorder is not None:
            if leaving:
                session.recorder.leave(session)
                session.recorder.finish()
            else:
                session.recorder.close(session)
            self.kept_as, self.unkept = session.recorder.name, session.recorder.unkept
        self.unkept = self.unkept or self._departures.settle(end - time.monotonic())

    async def action_quit(self) -> None:
        """Leave; the session can be gone on with."""
        self.let_go(leaving=True)
        self.exit()

    def action_discard(self) -> None:
        """Ask whether the session shall be deleted, and leave then; somebody else's is only left."""
        if self.follows:
            self.exit()
            return
        from bntui.tui.screens.dialogs import Sure  # noqa: PLC0415 - the start does not wait for it

        hint = "enter deletes what was done here for good, escape goes back; q leaves and keeps it"
        self.push_screen(Sure("Discard this session and leave?", hint), self._discard)

    def _discard(self, sure: bool | None) -> None:
        if not sure:
            return
        session = self._session
        if session is not None and session.recorder is not None:
            try:
                session.recorder.discard()
            except OSError as error:
                self.notify(f"The session cannot be deleted: {error.strerror or error}", severity="warning", markup=False)
                return
        self._session = self.kept_as = None
        self.exit()

    def _watch(self) -> None:
        """End where the terminal has gone away without a signal; begin to share, and tell how keeping goes."""
        self._begin_sharing()
        if hung_up():
            self._end(SIGNALS["SIGHUP"])
        elif self._session is not None and self._session.recorder is not None and (news := self._session.recorder.news()):
            self._complain(news)

    def _end(self, status: int) -> None:
        """End because the terminal or the system says so.

        Textual's writer dies with a terminal that has gone, and its queue, once full, would hold the process for ever.
        """
        self.let_go()
        self.exit(None, status)
        last = threading.Timer(MOST_SECONDS_TO_END, os._exit, (status,))
        last.daemon = True
        last.start()

    async def _do(self, action: str) -> None:
        """Do what a key of the explorer does, away from what stands over it; blank is what stands there too."""
        from bntui.tui.screens.dialogs import Leaving  # noqa: PLC0415 - the start does not wait for it

        while action != "app.blank" and isinstance(self.screen, Leaving):
            self.screen.dismiss()
        await self.run_action(action, self.explorer)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key does anything while the screen is blank, those of the app neither."""
        return self.screen.id != BLANK

    def action_blank(self) -> None:
        """Blank the screen until the next key; what runs pauses."""
        from bntui.tui.screens.blank import Blank  # noqa: PLC0415 - the start does not wait for it

        explorer = self.explorer
        if explorer is not None:
            explorer.companion.blank(True)
        self.push_screen(Blank(), lambda _: explorer.companion.blank(False) if explorer is not None else None)

    def action_open(self) -> None:
        """Choose another scenario."""
        from bntui.tui.screens.library import Library  # noqa: PLC0415 - a start with a scenario does not wait for it

        self.push_screen(Library())

    def action_help(self) -> None:
        """The keys and what they do."""
        from bntui.tui.screens.explaining import Help  # noqa: PLC0415 - the start does not wait for it

        self.push_screen(Help())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything that a key does, for whoever looks for it by name."""
        from bntui.tui.screens.dialogs import Leaving  # noqa: PLC0415 - the start does not wait for it

        explorer = self.explorer
        if explorer is not None and (screen is explorer or isinstance(screen, Leaving)):
            for key in keys_of(self.follows):
                if key.action != "app.command_palette":
                    said = self.spelled(f"{key.says} ({key.shown})")
                    yield SystemCommand(said, key.group, partial(self.call_later, self._do, key.action))
            for name in explorer.histories():
                said = self.spelled(f"history: {HISTORIES[name]} ({HISTORY.key})")
                yield SystemCommand(said, "Looking", partial(self.call_later, self._do, f"history('{name}')"))
            for name, kind in NORMALIZATIONS.items():
                said = self.spelled(f"normalization: {name} ({kind.short})")
                chosen = partial(self.call_later, self._do, f"normalize('{name}')")
                yield SystemCommand(said, self.spelled(kind.says), chosen)
        for command in super().get_system_commands(screen):
            if command.title == "Theme":
                yield command._replace(title="theme: other colours")


def hung_up() -> bool:
    """Whether the terminal that keys come from is gone."""
    if not hasattr(select, "poll"):
        return False
    terminal = select.poll()
    terminal.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, 0)
    return any(events & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, events in terminal.poll(0))
