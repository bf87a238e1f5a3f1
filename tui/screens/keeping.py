"""Handing over: clipboard, exports, reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.safe_text import safe
from tui import handover
from tui.details import decoded
from tui.screens.modal import Prompt
from tui.wording import counted

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

_REDACT = "--redact"


class Keeping:
    """The commands that hand something over; each is named after its action."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    def copy_cell(self) -> None:
        cell = self._screen.view.cell()
        if cell is None:
            self._screen.say("there is no value under the cursor", "warn")
        else:
            self._copy("" if cell.value is None else str(cell.value), "the value")

    def copy_row(self) -> None:
        """The raw line of an entry; in other views the row as it is shown."""
        screen = self._screen
        entry = screen.view.entry()
        if entry is None:
            line = screen.view.table.current_line
            self._copy("\t".join(line.cells) if line else "", "the row")
        elif screen.log_set is not None and screen.snapshot is not None:
            screen.answers.raw(screen.log_set, screen.snapshot, entry, lambda raw: self._copy(decoded(raw), "the line"))

    def copy_filter(self) -> None:
        self._copy(self._screen.question.as_text(self._screen.look.tz), "the filter")

    def copy_command(self) -> None:
        screen = self._screen
        self._copy(handover.command_line(screen.options.paths, screen.question, screen.look.tz), "the command")

    def _copy(self, text: str, what: str) -> None:
        """Send text to the terminal's clipboard, made safe: it may be pasted into a shell."""
        screen, clean = self._screen, safe(text)
        size = len(clean.encode())
        if not size:
            screen.say(f"{what} is empty", "dim")
        elif size <= handover.MOST_COPIED:
            screen.app.copy_to_clipboard(clean)
            screen.say(f"sent {what} to the terminal, {counted(size, 'byte')} (OSC 52): {clean}")
        else:
            try:
                path = handover.keep_text(clean)
            except LogError as error:
                screen.fail(f"cannot keep {what}", error)
                return
            screen.say(f"{what} is too long for a clipboard; it is in {safe(str(path))}", "warn")

    # Files

    def export(self) -> None:
        self._ask_name("Export these rows", "dropline.csv", handover.FORMS, self._screen.answers.export)

    def report(self) -> None:
        self._ask_name("Report of this question", "dropline.html", handover.REPORTS, self._screen.answers.report)

    def _ask_name(
        self, title: str, name: str, forms: dict[str, str], write: Callable[[MainScreen, str, bool], None]
    ) -> None:
        screen = self._screen

        def wrong(text: str) -> str:
            try:
                handover.form_of(_named(text)[0], forms)
            except LogError as error:
                return error.reason
            return ""

        def begin(text: str | None) -> None:
            if text:
                write(screen, *_named(text))

        hint = f"{' '.join(forms)}; {_REDACT} after the name hides addresses, users and query values"
        screen.app.push_screen(Prompt(screen.glyphs, title, value=name, hint=hint, check=wrong), begin)


def _named(text: str) -> tuple[str, bool]:
    """The file's name, and whether to redact."""
    name = text.strip()
    return name.removesuffix(_REDACT).strip(), name.endswith(_REDACT)
