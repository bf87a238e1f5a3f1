"""Handing over: clipboard, exports, reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.export.endings import RECORDS, REPORTS
from parsing.safe_text import safe
from parsing.wording import counted, size
from tui.jobs import clipboard, export
from tui.jobs.export import Shown
from tui.settings import own_redaction

if TYPE_CHECKING:
    from parsing.export.redaction import Redaction
    from tui.screens.main import MainScreen

_REDACT = "--redact"
_STOPS = "{back} stops it"


class Keeping:
    """The commands that hand something over; each is named after its action."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._is_redacting = screen.options.redact
        self._known: Redaction | None = None

    def redact(self) -> None:
        """Pseudonyms in all that is handed over from now on, or no longer."""
        self._is_redacting = not self._is_redacting
        if self._is_redacting:
            self._screen.say("copies, exports and reports now hide addresses, hosts, users, query values")
        else:
            self._screen.say("copies, exports and reports have real values again", "warn")

    def _hiding(self, *, is_wanted: bool) -> Redaction | None:
        """The user's pseudonyms, where they are wanted. Raises ``LogError`` where their key cannot be kept."""
        if not is_wanted:
            return None
        self._known = self._known or own_redaction(self._screen.options.settings)
        return self._known

    def _copy(self, what: str, make: Callable[[Redaction | None], str]) -> None:
        """Send what is made to the terminal's clipboard."""
        try:
            text = make(self._hiding(is_wanted=self._is_redacting))
        except LogError as error:
            self._screen.fail(f"cannot copy {what}", error)
            return
        self._send(text, what)

    def copy_cell(self) -> None:
        cell = self._screen.view.cell()
        if cell is None:
            self._screen.say("there is no value under the cursor", "warn")
        else:
            tz = self._screen.look.tz
            self._copy("the value", lambda hiding: clipboard.cell(cell.field, cell.value, tz, hiding))

    def copy_row(self) -> None:
        """The raw line of an entry; in other views the row as it is shown."""
        screen = self._screen
        entry, line = screen.view.entry(), screen.view.table.current_line
        if entry is not None and screen.log_set is not None and screen.snapshot is not None:
            try:
                hiding = self._hiding(is_wanted=self._is_redacting)
            except LogError as error:
                screen.fail("cannot copy the line", error)
                return
            screen.answers.line(
                screen.log_set, screen.snapshot, entry, hiding, lambda text: self._send(text, "the line")
            )
        elif line is not None:
            by = screen.question.by if screen.question.view == "reasons" else ()
            self._copy("the row", lambda hiding: clipboard.shown_row(line.cells, by, hiding))
        else:
            screen.say("there is no row under the cursor", "warn")

    def copy_filter(self) -> None:
        screen, fields = self._screen, self._screen.bar.custom
        self._copy("the filter", lambda hiding: clipboard.filter_text(screen.question, screen.options, fields, hiding))

    def copy_command(self) -> None:
        screen, fields = self._screen, self._screen.bar.custom
        self._copy(
            "the command",
            lambda hiding: clipboard.command_line(
                screen.options, screen.question, screen.timeline.scene, fields, hiding
            ),
        )

    def _send(self, text: str, what: str) -> None:
        """Send text to the terminal's clipboard, made safe: it may be pasted into a shell."""
        screen, clean = self._screen, safe(text)
        length = len(clean.encode())
        if not length:
            screen.say(f"{what} is empty", "dim")
        elif length <= clipboard.MOST_COPIED:
            screen.app.copy_to_clipboard(clean)
            hidden = " with pseudonyms" if self._is_redacting else ""
            hidden += " with pictures of control characters" if clean != text else ""
            screen.say(f"sent {what}{hidden} to the terminal, {counted(length, 'byte')} (OSC 52): {clean}")
        else:
            try:
                path = clipboard.keep_text(clean, screen.options.state)
            except LogError as error:
                screen.fail(f"cannot keep {what}", error)
                return
            screen.say(f"{what}, {size(length)}, is too long for a clipboard; it is in {safe(str(path))}", "warn")

    # Files

    def export(self) -> None:
        def write(shown: Shown, name: str, hiding: Redaction | None) -> None:
            self._screen.answers.export(shown, name, hiding, self._screen.keyed(_STOPS))

        self._ask_name("Export what this view shows", "dropline.csv", RECORDS, write)

    def report(self) -> None:
        screen = self._screen

        def write(shown: Shown, name: str, hiding: Redaction | None) -> None:
            if screen.log_set is not None:
                screen.answers.report(screen.log_set, shown, name, screen.look.tz, hiding, screen.keyed(_STOPS))

        self._ask_name("Report of this question", "dropline.html", REPORTS, write)

    def _ask_name(
        self, title: str, name: str, forms: Mapping[str, str], write: Callable[[Shown, str, Redaction | None], None]
    ) -> None:
        screen = self._screen

        def wrong(text: str) -> str:
            try:
                export.check_name(_named(text)[0], forms)
            except LogError as error:
                return error.reason + (f": {error.hint}" if error.hint else "")
            return ""

        def begin(text: str | None) -> None:
            if not text or screen.snapshot is None:
                return
            named, is_wanted = _named(text)
            shown = Shown(
                screen.snapshot,
                screen.question,
                screen.timeline.scene,
                tuple(screen.sources.records),
                screen.view.table.source.total,
            )
            try:
                write(shown, named, self._hiding(is_wanted=is_wanted))
            except LogError as error:
                screen.fail(f"cannot write {safe(named)}", error)

        value = export.next_name(name) + (f" {_REDACT}" if self._is_redacting else "")
        hint = f"{' '.join(forms)}; {_REDACT} after it: pseudonyms"
        screen.ask_line(title, begin, value=value, hint=hint, check=wrong)


def _named(text: str) -> tuple[str, bool]:
    """The file's name, and whether to redact."""
    name = text.strip()
    return name.removesuffix(_REDACT).strip(), name.endswith(_REDACT)
