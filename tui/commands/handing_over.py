"""Handing over: clipboard, exports, reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.safe_text import safe
from parsing.wording import count, counted, size
from tui.commands.protocols import Computes
from tui.dialogs import Blank
from tui.jobs import clipboard, engine, export
from tui.jobs.export import Shown
from tui.jobs.job import Job
from tui.model.endings import RECORDS, REPORTS
from tui.settings import own_redaction

if TYPE_CHECKING:
    from parsing.export import Redaction
    from parsing.index import LogSet

_HIDES = "pseudonyms for addresses, hosts, users and query values"
_STOPS = "{back} stops it"


class HandingOver:
    """The commands that hand something over; each is named after its action."""

    def __init__(self, screen: Computes) -> None:
        self._screen = screen
        self.is_redacting = screen.state.options.redact
        self._known: Redaction | None = None

    def redact(self) -> None:
        """Pseudonyms in all that is handed over from now on, or no longer."""
        self.is_redacting = not self.is_redacting
        self._screen.show_lines()
        if self.is_redacting:
            self._screen.say("copies, exports and reports now hide addresses, hosts, users, query values")
        else:
            self._screen.say("copies, exports and reports have real values again", "warn")

    def _hiding(self, *, is_wanted: bool) -> Redaction | None:
        """The user's pseudonyms, where they are wanted. Raises ``LogError`` where their key cannot be kept."""
        if not is_wanted:
            return None
        self._known = self._known or own_redaction(self._screen.state.options.settings)
        return self._known

    def _copy(self, what: str, make: Callable[[Redaction | None], str]) -> None:
        """Send what is made to the terminal's clipboard."""
        try:
            text = make(self._hiding(is_wanted=self.is_redacting))
        except LogError as error:
            self._screen.fail(f"cannot copy {what}", error)
            return
        self._send(text, what)

    def copy_cell(self) -> None:
        cell = self._screen.view.cell()
        if cell is None:
            self._screen.say("there is no value under the cursor", "warn")
        else:
            tz = self._screen.state.notation.tz
            self._copy("the value", lambda hiding: clipboard.cell(cell.field, cell.value, tz, hiding))

    def copy_row(self) -> None:
        """The raw line of an entry; in other views the row as it is shown."""
        screen = self._screen
        entry, line = screen.view.entry(), screen.view.table.current_line
        if entry is not None and screen.state.log_set is not None and screen.state.snapshot is not None:
            try:
                hiding = self._hiding(is_wanted=self.is_redacting)
            except LogError as error:
                screen.fail("cannot copy the line", error)
                return
            log_set, snapshot = screen.state.log_set, screen.state.snapshot

            def work(job: Job) -> None:
                job.post(self._send, clipboard.line(log_set, snapshot, entry, hiding), "the line")

            screen.jobs.start("raw", "read the line", work)
        elif line is not None:
            by = screen.state.question.by if screen.state.question.view == "reasons" else ()
            self._copy("the row", lambda hiding: clipboard.shown_row(line.cells, by, hiding))
        else:
            screen.say("there is no row under the cursor", "warn")

    def copy_filter(self) -> None:
        screen, fields = self._screen, self._screen.state.fields
        self._copy(
            "the filter",
            lambda hiding: clipboard.filter_text(screen.state.question, screen.state.options, fields, hiding),
        )

    def copy_command(self) -> None:
        screen, fields = self._screen, self._screen.state.fields
        self._copy(
            "the command",
            lambda hiding: clipboard.command_line(
                screen.state.options, screen.state.question, screen.timeline.scene, fields, hiding
            ),
        )

    def _send(self, text: str, what: str) -> None:
        """Send text to the terminal's clipboard, safe to show: it may be pasted into a shell."""
        screen, clean = self._screen, safe(text)
        length = len(clean.encode())
        if not length:
            screen.say(f"{what} is empty", "dim")
        elif length <= clipboard.MOST_COPIED:
            screen.copy_to_clipboard(clean)
            hidden = " with pseudonyms" if self.is_redacting else ""
            hidden += " with pictures of control characters" if clean != text else ""
            screen.say(f"sent {what}{hidden} to the terminal, {counted(length, 'byte')} (OSC 52): {clean}")
        else:
            try:
                path = clipboard.keep_text(clean, screen.state.options.state)
            except LogError as error:
                screen.fail(f"cannot keep {what}", error)
                return
            screen.say(f"{what}, {size(length)}, is too long for a clipboard; it is in {safe(str(path))}", "warn")

    # Files

    def export(self) -> None:
        def write(shown: Shown, name: str, hiding: Redaction | None) -> None:
            self._export(shown, name, hiding)

        self._ask_name("Export what this view shows", "dropline.csv", RECORDS, write)

    def report(self) -> None:
        screen = self._screen

        def write(shown: Shown, name: str, hiding: Redaction | None) -> None:
            if screen.state.log_set is not None:
                self._report(screen.state.log_set, shown, name, hiding)

        self._ask_name("Report of this question", "dropline.html", REPORTS, write)

    def _export(self, shown: Shown, name: str, hiding: Redaction | None) -> None:
        """Write what a view shows, and say how far that is."""
        stops = self._screen.state.keyed(_STOPS)

        def work(job: Job) -> None:
            is_wanted = engine.rhythm()

            def went_on(rows: int, total: int) -> None:
                if is_wanted():
                    said = f"exporting: {count(rows)} of {counted(max(rows, total), 'row')}; {stops}"
                    job.post(self._screen.say, said)

            path, rows = export.export(shown, name, hiding, went_on, job.is_cancelled)
            job.post(self._screen.say, f"wrote {counted(rows, 'row')} to {safe(str(path))}")

        self._screen.jobs.start("exporting", f"export to {safe(name)}", work)

    def _report(self, log_set: LogSet, shown: Shown, name: str, hiding: Redaction | None) -> None:
        state = self._screen.state
        port = state.options.port_field or None

        def work(job: Job) -> None:
            path = export.report(log_set, shown, name, state.notation.tz, hiding, port, job.is_cancelled)
            job.post(self._screen.say, f"wrote the report to {safe(str(path))}")

        self._screen.say(f"writing the report; {state.keyed(_STOPS)}")
        self._screen.jobs.start("exporting", f"write {safe(name)}", work)

    def _ask_name(
        self, title: str, name: str, forms: Mapping[str, str], write: Callable[[Shown, str, Redaction | None], None]
    ) -> None:
        screen = self._screen

        def wrong(text: str) -> str:
            try:
                export.check_name(text.strip(), forms)
            except LogError as error:
                return error.reason + (f": {error.hint}" if error.hint else "")
            return ""

        def begin(values: Sequence[str] | None) -> None:
            if values is None or screen.state.snapshot is None:
                return
            named, is_hidden = values[0].strip(), bool(values[1])
            shown = Shown(
                screen.state.snapshot,
                screen.state.question,
                screen.timeline.scene,
                tuple(screen.sources.records),
                tuple(screen.incidents.records),
                screen.view.table.source.total,
            )
            try:
                write(shown, named, self._hiding(is_wanted=is_hidden))
            except LogError as error:
                screen.fail(f"cannot write {safe(named)}", error)

        blanks = [
            Blank(f"file, ending in {' '.join(forms)}", export.next_name(name)),
            Blank(_HIDES, "yes" if self.is_redacting else "", is_switch=True),
        ]
        hint = screen.state.glyphs.clean("Enter writes, Tab goes on, Space turns a choice, Esc leaves it for later")
        screen.ask_lines(title, blanks, begin, hint=hint, check=wrong)
