"""The app as its terminal shows it: the theme, as many colours as there are, and which characters."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Literal

from textual.filter import LineFilter, Monochrome, NoColor

from bntui.session.keep import preferences
from bntui.session.keep.aside import Worker
from bntui.session.keep.preferences import Preferences, Unusable
from bntui.tui.clipboard import codes_for
from bntui.tui.colours import Depth, underlines
from bntui.tui.spelling import InAscii
from bntui.tui.themes import (
    KNOWN,
    ON_ANY,
    PROJECTOR,
    THEMES,
    Inked,
    Uncoloured,
    WordsUnderlined,
    inks_of,
    short_name,
    themes_for,
    variables_of,
)
from bntui.tui.turns import InTurn
from bntui.views.text.cells import in_ascii


class Dressed(InTurn):
    """An app that is sent to its terminal as that can show it; one that `remembers` a theme has it at later starts."""

    def __init__(self, theme: str, ascii: bool, colours: Depth, remembers: bool) -> None:
        super().__init__(ansi_color=True if colours in ("16", "none") else None)
        self._filters = [each for each in self._filters if not isinstance(each, Monochrome | NoColor)]  # ours are stricter
        self._ascii, self._colours, self._remembers = ascii, colours, remembers
        self._inked, self._underlined, self._in_ascii = Inked(), WordsUnderlined(enabled=False), InAscii(enabled=ascii)
        self._remembering = Worker(self._remember_theme, "bntui-theme")
        self.no_color = colours == "none"
        self._uncoloured = Uncoloured(enabled=self.no_color)
        self.set_class(ascii, "-ascii")
        for each in themes_for(colours):
            self.register_theme(each)
        self.theme = THEMES.get(theme, theme)
        if self.ansi_color:
            self.stylesheet.set_variables(self.get_css_variables())  # a theme that has kept its name has changed
        self._take_theme()

    def on_mount(self) -> None:
        """Hear of it when another theme is chosen."""
        self.theme_changed_signal.subscribe(self, lambda theme: self._change_theme())

    def _take_theme(self) -> None:
        """The projector's colours of what a row means are its own; of sixteen colours each theme has its inks."""
        self.set_class(self.theme == PROJECTOR.name, "-projector")
        if self._colours == "16":
            inks = next(inks_of(theme, "16") for theme in KNOWN if theme.name == self.theme)
            self._underlined.enabled = inks.emphasis == "underline" and underlines(os.environ)
            self._inked.take(inks if self._underlined.enabled else inks.without_lines())

    def _change_theme(self) -> None:
        """Another theme was chosen, here and for later starts."""
        self._take_theme()
        if self._remembers:
            self._remembering.wake()

    def settle_theme(self, seconds: float) -> None:
        """Wait until the theme that was chosen last is remembered, so long at most."""
        self._remembering.settle(seconds)

    def _remember_theme(self) -> None:
        """Write which theme was chosen last, and say so; called on a thread, for a disk may take its time."""
        say: Callable[[], None]
        try:
            preferences.remember(Preferences(theme=short_name(self.theme)))
            say = partial(self.notify, "This theme comes again at later starts.", markup=False)
        except Unusable as error:
            say = partial(self.notify, f"The theme is not remembered: {error}", severity="warning", markup=False)
        with suppress(RuntimeError):  # the app has ended meanwhile
            self.call_later(say)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The inks of themes that have colours of their own, and use none of them."""
        return {name: value for name, value in variables_of(ON_ANY).items() if name.startswith("ink-")}

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and the gates for a terminal that has few colours or none, or ASCII alone."""
        gates = (self._inked, self._underlined, self._uncoloured, self._in_ascii)
        return [*super().get_line_filters(), *(gate for gate in gates if gate.enabled)]

    def copy_to_clipboard(self, text: str) -> None:
        """Send a text to the terminal, to be copied there."""
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(codes_for(text, os.environ))

    def spelled(self, text: str) -> str:
        """The text in the characters that the terminal has."""
        return in_ascii(text, self._ascii)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Literal["information", "warning", "error"] = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Say something in the corner, in the characters that the terminal has."""
        spelled, heading = self.spelled(message), self.spelled(title)
        super().notify(spelled, title=heading, severity=severity, timeout=timeout, markup=markup)
