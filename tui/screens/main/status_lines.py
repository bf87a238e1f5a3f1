"""The lines around the rows: title, what stands at the right of the filter, tabs, position."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from rich.cells import cell_len
from textual.geometry import Size

from parsing.filters import during
from parsing.safe_text import safe
from parsing.wording import count, counted, duration, elapsed, size
from tui.commands.handing_over import HandingOver
from tui.keymap import VIEWS, Action, shown_key
from tui.model.exploration import Exploration
from tui.model.fact import Part
from tui.screens.main.filter_input import FilterInput
from tui.screens.main.levels import Levels
from tui.screens.main.reading import Reading
from tui.screens.main.remembering import Remembering
from tui.views.breakdown.view import BreakdownView
from tui.views.entries.view import EntriesView
from tui.views.view import View
from tui.widgets.cells import fit, fit_end
from tui.widgets.filter_bar import FilterBar
from tui.widgets.panes import WIDE
from tui.widgets.toned import Button, OneLine
from tui.wording import local, span


class HasStatusLines(Protocol):
    """The screen whose lines these are."""

    @property
    def state(self) -> Exploration: ...

    @property
    def size(self) -> Size: ...

    @property
    def view(self) -> View: ...

    @property
    def entries(self) -> EntriesView: ...

    @property
    def reasons(self) -> BreakdownView: ...

    @property
    def levels(self) -> Levels: ...

    @property
    def reading(self) -> Reading: ...

    @property
    def remembering(self) -> Remembering: ...

    @property
    def handing_over(self) -> HandingOver: ...

    @property
    def typing(self) -> FilterInput: ...

    @property
    def bar(self) -> FilterBar: ...

    def line(self, id_: str) -> OneLine: ...


def show_all(screen: HasStatusLines) -> None:
    show_title(screen)
    show_filter(screen)
    show_tabs(screen)


def show_title(screen: HasStatusLines) -> None:
    """The log set at a glance, and at the right how far it is read."""
    left: list[Part] = [(" dropline  " if screen.size.width >= WIDE else " ", "strong")]
    snapshot = screen.state.snapshot
    if snapshot is not None:
        rows = {"iis": 0, "httperr": 0}
        for segment in snapshot.segments:
            rows[segment.log] += segment.rows
        said = [
            counted(len(snapshot.logs), "source"),
            counted(rows["iis"], "request"),
            counted(rows["httperr"], "error"),
        ]
        left.append((f" {screen.state.glyphs.dot} ".join(said), "plain"))
        if snapshot.oldest and snapshot.newest:
            shown = span(snapshot.oldest, snapshot.newest, screen.state.notation.tz)
            left.append((f" {screen.state.glyphs.dot} {screen.state.glyphs.clean(shown)}", "dim"))
    screen.line("title").say(left, [*_clock(screen), *_state(screen), *_progress(screen)])


def _state(screen: HasStatusLines) -> list[Part]:
    """What else decides what is seen and handed over, where it is easily forgotten."""
    parts: list[Part] = []
    if screen.remembering.is_restored:
        parts.append((f" filter of last time: {screen.state.keyed('{clear}')} shows all ", "warn"))
    if screen.handing_over.is_redacting:
        parts.append((" pseudonyms ", "accent"))
    return parts


def _clock(screen: HasStatusLines) -> list[Part]:
    """A warning that the two logs may be hours apart, as one is in local time and nobody said in which zone."""
    snapshot = screen.state.snapshot
    logs = {segment.log for segment in snapshot.segments} if snapshot is not None else set()
    if snapshot is None or len(logs) < 2:
        return []
    from parsing.formats import LOCAL_AS_UTC

    if not any(LOCAL_AS_UTC in source.notes for source in snapshot.sources):
        return []
    return [("local times as UTC: --log-tz ", "warn")]


def _progress(screen: HasStatusLines) -> list[Part]:
    """How far reading is, and how long it will take; while following, how old the newest row is."""
    progress, snapshot = screen.reading.progress, screen.state.snapshot
    if snapshot is None:
        return [("not open ", "error")] if screen.reading.has_failed else [("opening ", "warn")]
    if progress is not None and progress.total and screen.state.is_reading:
        left = screen.reading.seconds_left
        text = f"reading {100 * progress.done // progress.total} % of {size(progress.total)}"
        return [(f"{text}, {duration(left * 1000)} left " if left is not None else f"{text} ", "warn")]
    if screen.state.is_following:
        age = datetime.now(UTC).replace(tzinfo=None) - snapshot.newest if snapshot.newest else None
        return [("live", "good"), (f", newest row {elapsed(age)} ago " if age is not None else " ", "dim")]
    if screen.reading.is_broken_off:
        return [("not read to the end ", "error")]
    if screen.state.log_set is not None and screen.state.log_set.problems:
        unread = counted(len(screen.state.log_set.problems), "file")
        return [(f"{unread} not read whole: {screen.state.keyed('{view_sources}')} ", "warn")]
    return []


def show_filter(screen: HasStatusLines) -> None:
    """How many rows the question keeps, and what else than the text decides it."""
    if screen.typing.is_typing:
        return
    question = screen.state.question
    parts: list[Part] = []
    if screen.typing.is_draft:
        parts.append(("not applied  ", "warn"))
    if question.span:
        parts.append((f"{_span(screen, *question.span)}  ", "accent"))
    if question.log:
        parts.append((f"log:{question.log}  ", "accent"))
    if screen.levels.is_late and not screen.entries.is_counted:
        parts.append(("not counted yet", "warn"))
    elif screen.entries.total is not None and screen.state.snapshot is not None:
        everything = sum(segment.rows for segment in screen.state.snapshot.segments)
        shown = (
            count(screen.entries.total)
            if screen.entries.total == everything
            else f"{count(screen.entries.total)} of {count(everything)}"
        )
        parts.append((shown, "strong"))
        if not screen.entries.is_whole:
            parts.append((" so far", "warn"))
    if question.preset:
        parts.append((f" {screen.state.glyphs.dot} preset {screen.state.glyphs.clean(safe(question.preset))}", "dim"))
    screen.bar.say([*parts, (" ", "plain")] if parts else [])


def _span(screen: HasStatusLines, start: datetime, end: datetime) -> str:
    """The span as a filter writes it; where there is little room and only one day, without the day."""
    text, snapshot, tz = (
        str(during(start, end, screen.state.notation.tz)),
        screen.state.snapshot,
        screen.state.notation.tz,
    )
    if screen.size.width >= WIDE or snapshot is None or snapshot.oldest is None or snapshot.newest is None:
        return text
    day = f"{local(snapshot.oldest, tz):%Y-%m-%dT}"
    return text.replace(day, "") if f"{local(snapshot.newest, tz):%Y-%m-%dT}" == day else text


def _tabs(screen: HasStatusLines) -> list[tuple[Action, str]]:
    """The views with their names; where not all names fit, only that of the open view."""
    state, now = screen.state, screen.state.question.view
    actions = {action.id: action for action in state.actions}
    tabs = [(actions[f"view_{view}"], safe(actions[f"view_{view}"].label)) for view in VIEWS]
    room = screen.size.width - min(cell_len(_number(screen)) + 2, screen.size.width // 2)
    if state.question.by != ("reason",):
        place, name = VIEWS.index("reasons"), safe(f"By {', '.join(state.question.by)}")
        tabs[place] = tabs[place][0], ""
        most = min(room - _tabs_width(tabs) - 1, cell_len(name))
        tabs[place] = tabs[place][0], fit(name, max(most, min(12, cell_len(name))), ellipsis=state.glyphs.ellipsis)
    if _tabs_width(tabs) > room:
        tabs = [(action, name if action.id == f"view_{now}" else "") for action, name in tabs]
    return tabs


_GAP = "   "


def _tabs_width(tabs: Sequence[tuple[Action, str]]) -> int:
    """Cells of the line of tabs; one without a name is its key alone."""
    keys = sum(cell_len(shown_key(key)) for action, _ in tabs for key in action.keys[:1])
    return 1 + keys + sum(cell_len(name) + 1 for _, name in tabs if name) + cell_len(_GAP) * (len(tabs) - 1)


def show_tabs(screen: HasStatusLines) -> None:
    """The views, and at the right where the cursor is."""
    parts: list[Part | Button] = []
    for action, name in _tabs(screen):
        tone = "current" if action.id == f"view_{screen.state.question.view}" else "dim"
        parts.append((_GAP if parts else " ", "plain"))
        gap = " " if name else ""
        parts += [Button(f"{shown_key(key)}{gap}", "key", action.id) for key in action.keys[:1]]
        parts += [Button(name, tone, action.id)] if name else []
    screen.line("tabs").say(parts)
    show_position(screen)


def _position_width(screen: HasStatusLines) -> int:
    """Cells for where the cursor is: a number among values and files, else with a file and a line, as far as they fit."""
    usual = 56 if screen.size.width >= WIDE else 32
    if not screen.view.is_of_entries:
        usual = max(18, cell_len(_number(screen)) + 2)
    return max(1, min(usual, screen.size.width - _tabs_width(_tabs(screen))))


def _number(screen: HasStatusLines) -> str:
    """The number of the row under the cursor among all of its view."""
    table = screen.view.table
    text = f"{count(table.row + 1)} of {count(table.source.total)}"
    if screen.state.question.view == "reasons" and screen.reasons.left_out:
        text += f", {count(screen.reasons.left_out)} not shown"
    return text


def show_position(screen: HasStatusLines) -> None:
    """Where the cursor is; a row is named by its file and line."""
    line = screen.line("position")
    width = _position_width(screen)
    if line.styles.width is None or line.styles.width.value != width:
        line.styles.width = width
    table, entry = screen.view.table, screen.view.entry()
    if not table.source.total:
        text = ""
    elif entry is None:
        text = _number(screen)
    else:
        place = f":{entry.line} {screen.state.glyphs.dot} {count(table.row + 1)}"
        name = fit_end(safe(entry.source), width - len(place) - 2, screen.state.glyphs.ellipsis)
        text = f"{name}{place}" if name else count(table.row + 1)
    line.say([], [(f"{text} ", "dim")] if text else [])
