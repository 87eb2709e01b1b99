"""A lesson played for its handout: the screen at each beat, and what the beat expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from io import StringIO

from bntui.commands.printed import frame_text, picture_text, view_text
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.reading.loading import Loaded
from bntui.session.session import Session
from bntui.session.teach.verdicts import beat_verdicts, take_beat
from bntui.views.drawing.canvas import Size
from bntui.views.pages.handout import Played, as_html, as_markdown

SIZE = Size(100, 30)
SILENCE = StringIO()  # no bar is drawn while a sweep for a handout is computed

FORMS: dict[str, Callable[[Scenario, str, Sequence[Played]], str]] = {".md": as_markdown, ".html": as_html, ".htm": as_html}


def handout(loaded: Loaded, ending: str) -> str:
    """The handout of a scenario in the form that a file's ending names: one of `FORMS`."""
    beginning = "" if loaded.scenario.lesson else frame_text(Session(loaded), SIZE, ascii=False)
    return FORMS[ending](loaded.scenario, beginning, tuple(played(loaded)))


def played(loaded: Loaded) -> Iterator[Played]:
    """The beats of a lesson in their order, every question answered rightly."""
    session = Session(loaded)
    for number, beat in enumerate(loaded.scenario.lesson, start=1):
        take_beat(session, number)
        verdicts = tuple(beat_verdicts(session, number))
        picture = session.lesson.picture(session.history.place)
        if picture is None:
            shown = view_text(session, session.view, SIZE, ascii=False, bar=SILENCE)
        else:
            shown = picture_text(session, picture, SIZE, ascii=False, bar=SILENCE)
        yield Played(number, beat, shown, verdicts)
