"""Finding text in a view without filtering, and marking rows."""

from __future__ import annotations

from parsing.safe_text import safe
from tui.commands.protocols import Shows
from tui.dialogs import Choice, Picker
from tui.jobs.engine import Anchor
from tui.model.column import Column
from tui.model.entry import Entry
from tui.session import Mark
from tui.wording import NOTHING_HERE

_MARKS = (Column("time", "time", 17), Column("note", "note", 40, 20, 3), Column("row", "row", 30, 20, 1, "end"))


class Finding:
    """The commands that find and mark rows; each is named after its action."""

    def __init__(self, screen: Shows) -> None:
        self._screen = screen
        self._text = ""

    def find(self) -> None:
        def begin(text: str | None) -> None:
            if text:
                self._text = text
                self.find_next()

        hint = self._screen.state.keyed("text in any field; {find_next} and {find_previous} go on")
        self._screen.ask_line("Find in this view", begin, value=self._text, hint=hint)

    def find_next(self) -> None:
        self._find(1)

    def find_previous(self) -> None:
        self._find(-1)

    def _find(self, by: int) -> None:
        screen = self._screen
        if not self._text:
            self.find()
            return
        table = screen.view.table
        table.show_found(safe(self._text))
        where, other = (
            ("further", "{find_previous} looks before this one")
            if by > 0
            else ("earlier", "{find_next} looks after this one")
        )
        missing = f"no {where} row has {safe(self._text)}; {screen.state.keyed(other)}"
        if screen.state.question.view == "entries":
            screen.entries.find_text(self._text, by, missing)
            return
        order = range(table.row + by, table.source.total if by > 0 else -1, by)
        wanted = safe(self._text).lower()
        for row in order:
            line = table.source.line(row)
            if line is not None and any(wanted in cell.lower() for cell in line.cells):
                table.go(row)
                return
        screen.say(missing, "dim")

    # Marks

    def mark(self) -> None:
        screen, entry = self._screen, self._screen.view.entry()
        if entry is None:
            screen.say(NOTHING_HERE, "dim")
            return
        taken = screen.state.marks.pop(entry.key, None)
        if taken is None:
            screen.state.marks[entry.key] = Mark(entry.source, entry.line, entry.time)
        elif taken.note:
            screen.say(f"the mark is gone, and its note: {safe(taken.note)}", "warn")
        self._screen.show_marks()

    def note(self) -> None:
        screen, entry = self._screen, self._screen.view.entry()
        if entry is None:
            screen.say(NOTHING_HERE, "dim")
            return
        known = screen.state.marks.get(entry.key)

        def write(text: str | None) -> None:
            if text is not None:
                screen.state.marks[entry.key] = Mark(entry.source, entry.line, entry.time, text.strip())
                screen.show_marks()
                screen.moved()

        title = f"Note on {safe(entry.source)}:{entry.line}"
        screen.ask_line(title, write, value=known.note if known else "", is_kept=True)

    def _in_order(self) -> list[Mark]:
        return sorted(self._screen.state.marks.values(), key=lambda mark: (mark.time, mark.source, mark.line))

    def marks(self) -> None:
        """All marks in order of time, to choose one to go to."""
        screen, marks = self._screen, self._in_order()
        if not marks:
            screen.say(screen.state.keyed("no row is marked; {mark} marks one"), "dim")
            return
        choices = [
            Choice(
                str(number),
                (
                    screen.state.notation.dated(mark.time),
                    safe(mark.note),
                    safe(f"{mark.source}:{mark.line}"),
                ),
                ("dim", "strong", "dim"),
                safe(mark.note),
            )
            for number, mark in enumerate(marks)
        ]

        def go(chosen: str | None) -> None:
            if chosen is not None:
                self._go_to(marks[int(chosen)])

        screen.push(Picker(screen.state.glyphs, "Marked rows", _MARKS, choices), go)

    def _go_to(self, mark: Mark) -> None:
        self._screen.go_to(Anchor(entry=Entry("", mark.source, mark.line, mark.time, {})))
        if mark.note:
            self._screen.say(safe(mark.note))

    def next_mark(self) -> None:
        """Go to the next mark in order of time, after the last to the first."""
        screen, entry = self._screen, self._screen.entries.entry()
        marks = self._in_order()
        if not marks:
            screen.say(screen.state.keyed("no row is marked; {mark} marks one"), "dim")
            return
        here = (entry.time, entry.source, entry.line) if entry else None
        following = [mark for mark in marks if here is None or (mark.time, mark.source, mark.line) > here]
        self._go_to((following or marks)[0])
