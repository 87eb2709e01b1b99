"""What the palette knows of the beats: `beat 7`, or `beat` and words that it says or asks."""

from __future__ import annotations

from functools import partial

from textual.command import Hit, Hits, Provider
from textual.content import Content

from bntui.session.teach.beats import found
from bntui.tui.host import host_of
from bntui.views.pages.beats import beat_title

WORD = "beat"
ABOVE_ALL = 1000.0  # whatever else is like what was typed


class BeatCommands(Provider):
    """Finds beats of the lesson at hand where the word `beat` comes first."""

    async def search(self, query: str) -> Hits:
        """The beats that the rest may mean, the likeliest first."""
        word, _, rest = query.strip().partition(" ")
        host = host_of(self.screen)
        lesson = host.lesson
        if lesson is None or lesson.followed or word.casefold() != WORD or not rest.strip():  # whoever is followed turns the beats
            return
        for place, number in enumerate(found(lesson.beats, rest)):
            said = host.spelled(f"{WORD} {number}: {beat_title(lesson, number)}")
            yield Hit(ABOVE_ALL - place, Content(said), partial(host.go_to_beat, number), text=said)
