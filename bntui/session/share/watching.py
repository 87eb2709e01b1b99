"""Looks on a thread for what is new of a session that is followed: no screen waits for a disk, or wakes to look in vain."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread

from bntui.records import dataclass
from bntui.session.run.refusal import Refusal
from bntui.session.share.following import Followed, FollowedSession, News, Subscription, gone_on, is_live, shared
from bntui.session.share.told import Present, Unreadable

QUIET, BRISK = 0.25, 0.12  # seconds between two looks, while nothing happens and after something did
BRISK_FOR = 3.0  # seconds after news
RUN = 0.25  # seconds from one state of a run on the screen to the next: forty who paint each frame would take all processors
PATIENT = 5  # times as long as one had to wait for a processor the next one waits beside that: what is left to others keys have
HELD_BACK = 0.25  # seconds of that at most
LIFE = 1.0  # seconds between two looks at whether the speaker's program still runs
LEAVES = 3.0  # seconds that a program may take to end once it has taken its files away; over a lost connection it takes two
WISHES = 5.0  # seconds between two wishes to be told


@dataclass(frozen=True, slots=True)
class Learned:
    """What is new; of another scenario than before, in a session of its own."""

    news: News
    fresh: FollowedSession | None


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is shared cannot be read, for a reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more is shared; whether the speaker's program still runs."""

    lives: bool


Seen = Learned | Wrong | Ended


class Watch:
    """Tells what is seen, from a thread that ends with the program; the next only when that is shown.

    What the speaker does is told as soon as it is seen; of the steps of a run a few states a second are. When the session has
    ended, what it goes on in is waited for.
    """

    def __init__(self, followed: Followed, tell: Callable[[Seen], None]) -> None:
        """Watch a session that is followed from where it stands."""
        self._subscription, self._behind, self._tell = followed.subscription, followed.behind, tell
        self._present, self._name = followed.session.present, followed.session.name
        self._stopped, self._free = Event(), Event()
        self._has_ended = self._lives = False
        self._is_silent, self._silent_until = False, 0.0  # it shares nothing, and perhaps ends; that is told then
        self._brisk_until = self._next_of_run = self._next_life = self._next_wish = 0.0
        self._told = 0.0, 0.0  # the time and the program's work when something was told last

    def start(self) -> None:
        """Begin."""
        self._free.set()
        Thread(target=self._watch, name="bntui-watch", daemon=True).start()

    def stop(self) -> None:
        """See nothing any more, and stand back behind nobody."""
        self._stopped.set()
        self._free.set()

    def shown(self) -> None:
        """What was told last is on the screen; the next state of a run is shown some time after that, however long it took."""
        (told, worked), now = self._told, time.monotonic()
        waited = max(0.0, now - told - (time.process_time() - worked))
        self._next_of_run = now + RUN + min(PATIENT * waited, HELD_BACK)
        self._free.set()

    def _watch(self) -> None:
        while not self._stopped.wait(self._interval()):
            self._free.wait()
            if self._has_ended:
                self._look_for_more()
            else:
                self._look()
            if self._behind is not None:
                self._behind.stand_back()
        if self._behind is not None:
            self._behind.stand_as_before()

    def _interval(self) -> float:
        if self._has_ended:
            return LIFE
        return BRISK if time.monotonic() < self._brisk_until else QUIET

    def _look(self) -> None:
        """See whether something was shared, and else now and then whether somebody still shares."""
        now = time.monotonic()
        if now >= self._next_wish:
            self._next_wish = now + WISHES
            self._subscription.wish()
        try:
            present = self._subscription.peek()
            if present is not None:
                self._brisk_until = now + BRISK_FOR
                if self._is_due(present, now):
                    self._learn(present)
            elif now >= self._next_life:
                self._next_life = now + LIFE
                self._see_whether_it_lives()
        except (Unreadable, Refusal) as wrong:
            self._tell(Wrong(str(wrong)))

    def _is_due(self, present: Present, now: float) -> bool:
        """Whether more has happened than that a run goes on, or enough time has passed in it."""
        return not present.running or present.acts != self._present.acts or now >= self._next_of_run

    def _learn(self, present: Present) -> None:
        news = self._subscription.look(present)
        if news is None:  # what belongs together is there in a moment
            return
        fresh = None if news.loaded is None else FollowedSession(news.loaded, present, self._name)
        self._present = present
        self._free.clear()
        self._told = time.monotonic(), time.process_time()
        self._tell(Learned(news, fresh))

    def _see_whether_it_lives(self) -> None:
        self._lives = is_live(self._subscription.folder, self._present)
        if not (self._lives and self._subscription.is_there):
            self._has_ended = True
            self._is_silent, self._silent_until = self._lives, time.monotonic() + LEAVES
            if not self._lives:
                self._tell(Ended(False))

    def _look_for_more(self) -> None:
        """Go on where the session goes on, or in the only one that is shared by now."""
        folder = self._subscription.folder
        if self._lives and not is_live(folder, self._present):  # it took its files away before it ended
            self._lives = self._is_silent = False
            self._tell(Ended(False))
        if self._is_silent and time.monotonic() >= self._silent_until:
            self._is_silent = False
            self._tell(Ended(True))
        on = gone_on(self._present, shared(folder))
        if on is not None:
            self._subscription, self._present, self._has_ended = Subscription(folder, on.process), on, False
            self._next_wish = 0.0
