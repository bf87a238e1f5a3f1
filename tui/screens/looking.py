"""Looking closer: views, panes, explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.filters import only, without_conditions_on
from parsing.knowledge.fields import VIRTUAL, named_field, short_name
from parsing.safe_text import safe
from tui.details import explained
from tui.model.entry import OUTCOME, USUAL
from tui.screens.modal import Choice, Picker, Reader
from tui.widgets.cells import Column
from tui.wording import ALL_AROUND, NOTHING_HERE

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

_FIELDS = (Column("place", "#", 2, 2, 0, "right"), Column("name", "field", 22, 16, 1), Column("hint", "", 40, 20, 3))


class Looking:
    """The commands of the group "Looking closer"; each is named after its action."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    def view_entries(self) -> None:
        self._screen.look_at("entries")

    def view_reasons(self) -> None:
        """The counted values; of logs without errors the statuses, where nothing else was chosen."""
        screen = self._screen
        logs = {segment.log for segment in screen.snapshot.segments} if screen.snapshot else set()
        if logs == {"iis"} and screen.question.by == ("reason",) and not screen.reading.is_reading:
            question = replace(screen.question, view="reasons", by=("status",), order="-count")
            screen.change(question, "no Httperr.log is open here: values of status")
        else:
            screen.look_at("reasons")

    def view_sources(self) -> None:
        self._screen.look_at("sources")

    def detail(self) -> None:
        """Open the row; a value or a file narrows."""
        screen = self._screen
        view = screen.question.view
        if view in ("entries", "timeline"):
            if not screen.view.is_open:
                screen.view.open_side()
                screen.details.ask()
            elif not screen.view.side.has_focus:
                screen.set_focus(screen.view.side, scroll_visible=False)
            else:
                self.explain()
        else:
            self._narrow()

    def _narrow(self) -> None:
        """Keep the rows of the value or file under the cursor, whatever the filter said of that field before."""
        screen = self._screen
        record = screen.view.record
        if record is None:
            screen.say(NOTHING_HERE, "dim")
            return
        question = screen.question
        is_value = question.view == "reasons"
        pairs = list(zip(question.by, record.values, strict=True)) if is_value else [("source", record.name)]
        cell = screen.view.cell()
        if screen.view.side.has_focus and cell is not None and cell.field not in dict(pairs):
            pairs.append((cell.field, cell.value))
        try:
            conditions = [(name, only(name, value)) for name, value in pairs]
        except LogError as error:
            screen.fail("cannot filter by this value", error)
            return
        for name, condition in conditions:
            filter_ = without_conditions_on(question.filter, name)
            question = question.filtered(str(filter_), filter_).narrowed(condition)
        said = " ".join(str(condition) for _, condition in conditions)
        screen.change(replace(question, view="entries"), f"added {safe(said)}")

    def back(self) -> None:
        """Close what is open, stop what is being computed, go one level up."""
        screen = self._screen
        if screen.view.side.has_focus:
            screen.view.focus_table()
        elif screen.question.view in ("entries", "timeline") and screen.view.is_open:
            screen.view.open_side(False)
        elif screen.answers.is_asking and screen.answers.cancel():
            is_new = screen.counting.is_answered if screen.question.view == "reasons" else screen.is_answered
            shown = "what came so far is shown" if is_new else "what is shown is of the question before"
            screen.say(f"stopped; {shown}", "warn")
        elif screen.timelines.stop() or self.stop_others():
            pass
        elif screen.view.table.found:
            screen.view.table.show_found("")
        elif screen.question.view != "entries":
            screen.look_at("entries")

    def stop_others(self) -> bool:
        """Stop what was begun beside the rows and the timeline, in one go; whether there was anything."""
        answers = self._screen.answers
        is_export = answers.cancel("exporting")
        if not any([is_export, answers.cancel("changes"), answers.cancel("placing")]):
            return False
        self._screen.say("stopped; no file was written" if is_export else "stopped", "warn")
        return True

    def next_pane(self) -> None:
        view = self._screen.view
        if not view.is_open:
            self.detail()
        else:
            self._screen.set_focus(view.other(), scroll_visible=False)

    def context(self) -> None:
        """The unfiltered neighbours of the row; undo brings the filter back."""
        screen, entry = self._screen, self._screen.view.entry()
        if entry is None:
            screen.say(NOTHING_HERE, "dim")
            return
        question = replace(screen.question.unfiltered(), view="entries", sort="")
        if question == screen.question:
            screen.say("nothing is filtered out", "dim")
            return
        screen.is_moved = True
        screen.remember_place()
        screen.places[question] = entry
        screen.history.ask(question)
        screen.asked_anew(is_return=True)
        screen.say(screen.keyed(ALL_AROUND))

    def columns(self) -> None:
        """Choose the columns of the entries, or the field that is counted."""
        screen = self._screen
        if screen.question.view != "entries":
            self._choose_field()
            return
        shown = list(screen.question.columns or USUAL)

        def toggle(name: str) -> list[Choice]:
            if name not in shown:
                shown.append(name)
            elif len(shown) > 1:
                shown.remove(name)
            return self._fields(shown)

        def move(by: int, name: str) -> list[Choice]:
            if name in shown:
                place = min(max(0, shown.index(name) + by), len(shown) - 1)
                shown.remove(name)
                shown.insert(place, name)
            return self._fields(shown)

        def done(_: str | None) -> None:
            columns = () if tuple(shown) == USUAL else tuple(shown)
            screen.change(replace(screen.question, columns=columns))

        picker = Picker(
            screen.glyphs,
            "Columns",
            _FIELDS,
            self._fields(shown),
            hint=screen.glyphs.clean("Enter shows or hides, ← → move, Esc is done"),
            toggle=toggle,
            others={"left": lambda name: move(-1, name), "right": lambda name: move(1, name)},
        )
        screen.app.push_screen(picker, done)

    def _fields(self, shown: Sequence[str]) -> list[Choice]:
        """All fields; those that are shown first, in their order."""
        names = list(dict.fromkeys([*shown, OUTCOME, *self._names()]))
        choices = []
        for name in names:
            place = str(list(shown).index(name) + 1) if name in shown else ""
            choices.append(Choice(name, (place, safe(name), _hint(name)), ("key", "strong", "dim"), _hint(name)))
        return choices

    def _names(self) -> list[str]:
        """Short names where there are some, of the fields that the logs have."""
        names = [field.name for field in VIRTUAL]
        names += map(short_name, self._screen.bar.custom)
        return list(dict.fromkeys(names))

    def _choose_field(self) -> None:
        screen = self._screen
        choices = [
            Choice(name, ("", safe(name), _hint(name)), ("key", "strong", "dim"), _hint(name)) for name in self._names()
        ]

        def done(name: str | None) -> None:
            if name:
                screen.change(replace(screen.question, by=(name,), order="-count"))

        def beside(name: str) -> None:
            screen.app.pop_screen()
            first = screen.question.by[0]
            if name.casefold() == first.casefold():
                screen.say(f"{safe(name)} is counted already; choose another field beside it", "warn")
            else:
                screen.change(replace(screen.question, by=(first, name), order="-count"))

        first = safe(screen.question.by[0])
        picker = Picker(
            screen.glyphs,
            "Count the values of",
            _FIELDS,
            choices,
            hint=screen.glyphs.clean(f"Enter counts them, → pairs of {first} and them"),
            others={"right": beside},
        )
        screen.app.push_screen(picker, done)

    def wrap(self) -> None:
        side = self._screen.view.side
        side.wrap(not side.is_wrapped)

    def explain(self) -> None:
        """Say what the value under the cursor means."""
        screen = self._screen
        cell = screen.view.cell()
        facts = explained(cell.field, cell.value, screen.row_values()) if cell else []
        if cell is None:
            screen.say("there is no value under the cursor", "warn")
        elif facts:
            screen.app.push_screen(Reader(screen.glyphs, "What it means", facts, screen.actions))
        else:
            known = "nothing more is known of this value; {only} keeps only it, {breakdown} counts its field"
            screen.say(screen.keyed(known), "dim")


def _hint(name: str) -> str:
    if name == OUTCOME:
        return "status of a request, reason of an error"
    field = named_field(name)
    return field.hint if field else "custom field"
