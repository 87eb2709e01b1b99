"""Sweep and landscape over the screen that teaches: from where the session stands, or as the picture of the beat at hand."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen

from bntui.scenario.model.actions import AnyAction
from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.model.pictures import BeatLandscape, BeatSweep
from bntui.session.look.snapshot import Snapshot
from bntui.session.share.looks import SweepShown
from bntui.tui.conductor import Conductor


class Surveys:
    """Opens them, a beat's once for each time that one comes to it; `take` does what is chosen there, `turn` turns the beat."""

    def __init__(
        self,
        below: Screen[None],
        conductor: Conductor,
        take: Callable[[AnyAction], None],
        turn: Callable[[int], None],
        ascii: bool,
    ) -> None:
        self._below, self._conductor, self._take, self._turn, self._ascii = below, conductor, take, turn, ascii
        self._pictured: tuple[int, tuple[LessonBeat, ...]] | None = None  # the beat whose picture has been opened, and its lesson
        self._picture: Screen[None] | None = None
        self.speaker = ""  # whom one follows, "" where the session is one's own

    def follow(self, now: Snapshot) -> None:
        """Open what the beat at hand opens, unless it has been opened since one came to it, or something stands over the screen."""
        beat = None if now.lesson is None else (now.lesson.number, now.lesson.beats)
        on_top = self._below.app.screen
        if self._picture is on_top and beat != self._pictured:
            self._picture.dismiss()  # the lesson's file was saved: what it opens now follows when this has gone
        elif beat != self._pictured:
            self._pictured = None
        if now.picture is not None and self._pictured is None and self._below is on_top:
            self._pictured = beat
            self._open_picture(now)

    def show_swept(self, now: Snapshot, shown: SweepShown) -> None:
        """Show a sweep that was run elsewhere, with the words of the beat below where it is the picture of one."""
        from bntui.tui.screens.survey import Reading  # noqa: PLC0415 - the start does not wait for it
        from bntui.tui.screens.sweep import SweepScreen  # noqa: PLC0415 - as above

        beat = None if now.lesson is None else now.lesson.beat
        pictured = now.lesson is not None and beat is not None and beat.sweep is not None
        reading = Reading(now.lesson, now.lit, self._turn) if now.lesson is not None and pictured else None
        self._pictured = None if now.lesson is None else (now.lesson.number, now.lesson.beats)
        asked, whose = self._conductor.situation(), f"{self.speaker}'s sweep"
        self._picture = SweepScreen(asked, self._take, self._ascii, reading, elsewhere=shown, whose=whose)
        self._below.app.push_screen(self._picture)

    def close_picture(self) -> None:
        """Close what was opened for a beat, where it still stands over the screen."""
        if self._picture is not None and self._picture is self._below.app.screen:
            self._picture.dismiss()

    def sweep(self, now: Snapshot | None) -> None:
        """The sweep of the beat at hand, else the scenario's own from where the session stands."""
        from bntui.tui.screens.sweep import SweepScreen  # noqa: PLC0415 - the start does not wait for it

        if now is not None and isinstance(now.picture, BeatSweep):
            self._open_picture(now)
            return
        self._conductor.pause()
        self._below.app.push_screen(SweepScreen(self._conductor.situation(), self._take, self._ascii, whose=self._yours))

    def landscape(self, now: Snapshot | None) -> None:
        """The landscape of the beat at hand, else J along the gradient from where the session stands."""
        from bntui.tui.screens.landscape import LandscapeScreen  # noqa: PLC0415 - the start does not wait for it

        if now is not None and isinstance(now.picture, BeatLandscape):
            self._open_picture(now)
            return
        self._conductor.pause()
        self._below.app.push_screen(LandscapeScreen(self._conductor.situation(), self._ascii, whose=self._yours))

    @property
    def _yours(self) -> str:
        """What is said of one that a follower opens."""
        return "yours alone" if self.speaker else ""

    def _open_picture(self, now: Snapshot) -> None:
        """The picture of the beat at hand, with its words below."""
        from bntui.tui.screens.landscape import LandscapeScreen  # noqa: PLC0415 - the start does not wait for it
        from bntui.tui.screens.survey import Reading  # noqa: PLC0415 - as above
        from bntui.tui.screens.sweep import SweepScreen  # noqa: PLC0415 - as above

        assert now.lesson is not None  # whose beat has the picture
        reading = Reading(now.lesson, now.lit, self._turn)
        self._conductor.pause()
        situation = self._conductor.situation()
        if isinstance(now.picture, BeatSweep):
            self._picture = SweepScreen(situation, self._take, self._ascii, reading, now.picture)
        else:
            whose = f"{self.speaker}'s beat" if self.speaker else ""
            self._picture = LandscapeScreen(situation, self._ascii, reading, now.picture, whose)
        self._below.app.push_screen(self._picture)
