"""Looking closer: views, panes, explanations."""

from __future__ import annotations

from dataclasses import replace

from parsing.errors import LogError
from parsing.filters import Filter, only, without_conditions_on
from parsing.knowledge import field_of
from parsing.safe_text import safe
from tui.commands.protocols import Computes
from tui.jobs import correlation
from tui.model.entry import OUTCOME, condition
from tui.model.fact import said
from tui.views.entries.detail import explained, known_of_row
from tui.views.view import CursorCell
from tui.wording import ALL_AROUND, NOTHING_HERE


class Looking:
    """The commands of the group "Looking closer"; each is named after its action."""

    def __init__(self, screen: Computes) -> None:
        self._screen = screen

    def view_reasons(self) -> None:
        """The counted values; of logs without errors the statuses, where nothing else was chosen."""
        screen, state = self._screen, self._screen.state
        logs = {segment.log for segment in state.snapshot.segments} if state.snapshot else set()
        if logs == {"iis"} and state.question.by == ("reason",) and not state.is_reading:
            question = replace(state.question, view="reasons", by=("status",), order="-count")
            screen.change(question, "no Httperr.log is open here: values of status")
        else:
            screen.look_at("reasons")

    # The timeline

    def view_timeline(self) -> None:
        """The timeline that was shown last, else that of the row under the cursor."""
        screen = self._screen
        view = screen.state.question.view
        if view == "timeline":
            return
        if screen.timeline.scene is not None:
            screen.timeline.came_from = view
            screen.look_at("timeline")
        elif screen.entries.entry() is not None:
            screen.timeline.begin(screen.entries.entry())
        else:
            self.timeline()

    def timeline(self) -> None:
        """The story of the row under the cursor; of a value or a file, that of its newest error."""
        screen = self._screen
        entry = screen.view.entry()
        if entry is not None:
            screen.timeline.begin(entry)
            return
        find = screen.view.find_row()
        if find is not None:
            screen.timeline.locate(find, "there is no such row")
            return
        pages, row = screen.entries.pages, screen.entries.table.row
        if screen.state.question.view == "entries" and pages is not None and pages.total:
            screen.timeline.locate(lambda _: correlation.numbered(pages.rows, row), "there is no such row")
            return
        where = self._rows_under_cursor()
        if screen.state.snapshot is None or where is None:
            screen.say("there is no row under the cursor", "warn")
        else:
            screen.timeline.show_newest(where)

    def _rows_under_cursor(self) -> Filter | None:
        """The rows of the value or file under the cursor."""
        screen, state = self._screen, self._screen.state
        record = screen.view.record
        if record is None:
            return None
        try:
            if state.question.view == "sources":
                return only("source", record.name)
            return state.question.of_values(record.values, state.notation.tz)
        except LogError as error:
            screen.fail("cannot filter by this value", error)
            return None

    # Down and up

    def detail(self) -> None:
        """Open the row; a value or a file narrows."""
        view = self._screen.view
        if not view.is_of_entries:
            self._narrow()
        elif not view.is_open:
            view.open_detail()
        elif not view.side.has_focus:
            view.focus_side()
        else:
            self.explain()

    def _narrow(self) -> None:
        """Keep the rows of the value or file under the cursor, in place of what the filter says of that field."""
        screen = self._screen
        pairs = list(screen.view.pairs())
        if not pairs:
            screen.say(NOTHING_HERE, "dim")
            return
        question, cell = screen.state.question, screen.view.cell()
        if screen.view.side.has_focus and cell is not None and cell.field not in dict(pairs):
            pairs.append((cell.field, cell.value))
        try:
            wanted = [(name, only(name, value)) for name, value in pairs]
        except LogError as error:
            screen.fail("cannot filter by this value", error)
            return
        for name, kept in wanted:
            filter_ = without_conditions_on(question.filter, name)
            question = question.filtered(str(filter_), filter_).narrowed(kept)
        added = " ".join(str(kept) for _, kept in wanted)
        screen.go_down(replace(question, view="entries"), f"added {safe(added)}")

    def back(self) -> None:
        """Close what is open, stop what is being computed, go one level up."""
        screen, view = self._screen, self._screen.view
        if view.side.has_focus:
            view.focus_table()
        elif screen.go_up(is_newest=True):
            pass
        elif view.is_of_entries and view.is_open:
            view.open_side(False)
        elif self._is_unanswered() and screen.go_up():
            pass
        elif view.state.question.view != "timeline" and screen.jobs.cancel("asking"):
            is_new = screen.reasons.is_answered if view is screen.reasons else screen.entries.is_answered
            shown = "what came so far is shown" if is_new else "what is shown answers the question before"
            screen.say(f"stopped; {shown}", "warn")
        elif screen.timeline.stop() or self._stop_others():
            pass
        elif view.table.found:
            view.table.show_found("")
        elif view.one_up() or screen.go_up():
            pass
        elif view not in (screen.entries, screen.incidents):
            screen.look_at("entries")

    def _is_unanswered(self) -> bool:
        """Whether what is shown is still of the question before: there is nothing of this one to stay for."""
        screen = self._screen
        shown = screen.reasons if screen.view is screen.reasons else screen.entries
        return screen.state.question.view != "timeline" and not shown.is_answered

    def _stop_others(self) -> bool:
        """Stop what was begun next to the rows and the timeline, in one go; whether there was anything."""
        jobs = self._screen.jobs
        is_export = jobs.cancel("exporting")
        if not any([is_export, jobs.cancel("changes"), jobs.cancel("placing")]):
            return False
        self._screen.say("stopped; no file was written" if is_export else "stopped", "warn")
        return True

    def next_pane(self) -> None:
        view = self._screen.view
        if not view.is_open:
            self.detail()
        elif view.side.has_focus:
            view.focus_table()
        else:
            view.focus_side()

    def context(self) -> None:
        """The unfiltered neighbours of the row; Esc, or undo, brings the filter back."""
        screen, entry = self._screen, self._screen.view.entry()
        if entry is None:
            screen.say(NOTHING_HERE, "dim")
            return
        question = replace(screen.state.question.unfiltered(), view="entries", sort="")
        if question == screen.state.question:
            screen.say("nothing is filtered out", "dim")
            return
        screen.entries.is_moved = True
        screen.entries.places[question] = entry
        screen.go_down(question, screen.state.keyed(ALL_AROUND), is_return=True)

    def wrap(self) -> None:
        side = self._screen.view.side
        side.wrap(not side.is_wrapped)

    def explain(self) -> None:
        """Say what became of the row under the cursor; of a fact about it, or of a counted value, what it means."""
        screen = self._screen
        view, entry = screen.view, screen.view.entry()
        cell = view.cell() if view.side.has_focus or entry is None else None
        if cell is None and entry is not None:
            cell = CursorCell(*condition(entry, OUTCOME))
        facts = explained(cell.field, cell.value, view.values()) if cell else []
        story = view.known_error()
        if facts and cell is not None and story is not None and field_of(cell.field).name == "s-reason":
            facts = (
                [*known_of_row(entry, story, screen.state.notation), said(""), *facts] if entry is not None else facts
            )
        if cell is None:
            screen.say("there is no value under the cursor", "warn")
        elif facts:
            screen.read("What it means", facts)
        else:
            known = "nothing more is known of this value; {only} keeps only it, {breakdown} counts its field"
            screen.say(screen.state.keyed(known), "dim")
