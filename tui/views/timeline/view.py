"""The timeline: a story, requests in flight, and the lanes of both logs; which row it is around, and which were before."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on

from parsing.filters import Filter
from parsing.safe_text import safe
from parsing.wording import elapsed
from tui.dialogs import Choice, Picker
from tui.jobs import correlation
from tui.jobs.engine import Anchor
from tui.jobs.job import Jobs
from tui.model import times
from tui.model.column import Column
from tui.model.entry import Entry
from tui.model.exploration import Exploration
from tui.model.fact import Fact
from tui.model.line import Lines
from tui.model.question import ScreenQuestion, Span
from tui.model.scene import Asked, Scene, entry_of, path_of
from tui.views.side_pane import DetailView
from tui.views.timeline.facts import curve_note, headline, said_of, story_facts
from tui.views.timeline.lines import Row, drawn, row_near, rows
from tui.views.timeline.scene_jobs import GROUP, Find, SceneJobs
from tui.views.view import CursorCell
from tui.widgets.lanes import LABEL, NOTE, Curve, Lanes, Story
from tui.wording import NO_TIME, NO_TIMELINE, zone

if TYPE_CHECKING:
    from parsing.correlation import Correlated, Event
    from parsing.index import Snapshot
    from parsing.questions import InFlightCurve

MOST_KEPT = 50
"""Timelines that Esc goes back through."""

_KEYS = (
    "{find_next} {find_previous} next error  {zoom_in} {zoom_out} zoom  {move_left} {move_right} move  "
    "{columns} around  {detail} detail  {back} back"
)
"""What means something of its own here."""

_KINDS = (Column("kind", "around", 12, 11, 0), Column("what", "", 40, 20, 1))


class TimelineView(DetailView):
    """Shows a scene, around a row that is chosen in any view; ``None`` before the first is chosen."""

    def __init__(self, state: Exploration, jobs: Jobs) -> None:
        super().__init__(state, jobs, id="timeline")
        self.lanes = Lanes(state.glyphs, id="timeline-table", empty=state.keyed(NO_TIMELINE))
        self.table = self.lanes
        self.story = Story(state.glyphs, id="story")
        self.curve = Curve(state.glyphs, id="curve")
        self.head = (self.story, self.curve)
        self._scene_jobs = SceneJobs(state, jobs, self.came, self._curve_came)
        self.scene: Scene | None = None
        self.rows: Sequence[Row] = ()
        self.came_from = "entries"
        self._log = state.question.log
        self._wanted: Asked | Scene | None = None
        """What is asked for, or was; ``None`` also while the row that it shall be around is looked for."""
        self._is_coming = False
        self._learned: Snapshot | None = None
        self._before: list[tuple[Scene, object]] = []
        self._asked_in: ScreenQuestion = state.question
        self._text = ""
        """What is said when the timeline that is asked for is here, in place of its keys."""
        self._steps = 0
        """To how many errors further on is being gone."""

    # Called by the screen

    def question_changed(self) -> None:
        """Of which log rows are shown may have changed."""
        if self._log != self.state.question.log:
            self._log = self.state.question.log
            if self.state.question.view == "timeline" and self.scene is not None:
                self._lay(self.scene, self._key_under_cursor())

    def come_up(self) -> None:
        self.follow()

    def learn(self, snapshot: Snapshot) -> None:
        self._scene_jobs.learn(snapshot)

    # Beginning

    def begin(self, entry: Entry | None, kind: str = "", *, is_next: bool = False, text: str = "") -> None:
        """Show the timeline around an entry; Esc comes back to here, but for a step to the next error.

        ``text`` is said once it is here, in place of its keys.
        """
        self._text = text
        self._asked_in = self.state.question
        self._begin(entry, kind, is_next=is_next)

    def _begin(self, entry: Entry | None, kind: str, *, is_next: bool) -> None:
        snapshot, scene = self.state.snapshot, self.scene
        if entry is None or snapshot is None:
            return
        if self.state.question.view != "timeline":
            self.came_from = self.state.question.view
            self._before.clear()
        elif scene is not None and not is_next:
            self._before.append((scene, self._key_under_cursor()))
            del self._before[:-MOST_KEPT]
        self._is_coming = True
        if self._learned is not snapshot:
            self.say("correlating this row with the other log", "dim")
        self.ask_for(Asked(entry, kind))

    def ask_for(self, asked: Asked) -> None:
        """Ask for a scene."""
        snapshot = self.state.snapshot
        if snapshot is not None:
            self._wanted = asked
            self._scene_jobs.ask(asked, self.points, is_learned=self._learned is snapshot)

    def locate(self, find: Find, missing: str, kind: str = "", *, is_next: bool = False) -> None:
        """Look for a row, and show its timeline, in place of one that is still to come."""
        self._asked_in = self.state.question
        self._wanted, self._is_coming = None, False
        self._scene_jobs.find(find, lambda entry: self._located(entry, missing, kind, is_next=is_next))

    def show_newest(self, where: Filter, missing: str = "there is no such row") -> None:
        """The timeline of the newest error that a filter keeps, else of the newest row."""
        snapshot = self.state.snapshot
        if snapshot is not None:
            self.locate(lambda cancelled: correlation.newest(snapshot, where, None, cancelled), missing)

    # Answers

    def give_up(self, group: str) -> None:
        """What was being looked for will not come, so the next step begins at the error that is shown."""
        if group == GROUP:
            self._is_coming, self._steps = False, 0

    def _located(self, entry: Entry | None, missing: str, kind: str, *, is_next: bool) -> None:
        if entry is None:
            self._steps = 0
            self.say(missing, "dim")
        else:
            self._begin(entry, kind, is_next=is_next)

    def came(self, wanted: object, snapshot: Snapshot, scene: Scene) -> None:
        """A scene has come, as far as it is known by now; ``wanted`` is what was asked for."""
        if wanted is not self._wanted:
            return
        if scene.is_whole:
            self._learned = snapshot
        line = self.table.current_line
        is_new = self._is_coming or line is None
        self._lay(scene, scene.key if is_new or line is None else line.key)
        if self._is_coming:
            self._is_coming, self._steps = False, 0
            self._come()
        self.post_message(self.Updated())

    def _come(self) -> None:
        """Show the timeline that was waited for; who has gone elsewhere in the meantime is only told of it."""
        now, asked_in = self.state.question, self._asked_in
        is_elsewhere = (now.view, now.rows) != (asked_in.view, asked_in.rows)
        if now.view != "timeline" and is_elsewhere:
            self.say(self.state.keyed("the timeline is here now; {view_timeline} shows it"))
            return
        self.post_message(self.Turned("timeline"))
        self.say(self._text or self.state.keyed(_KEYS), "accent" if self._text else "dim")
        self._text = ""

    def _curve_came(self, window: Span, curve: InFlightCurve) -> None:
        """Requests in flight over the window of the scene."""
        scene = self.scene
        if scene is not None and window == scene.window:
            mark = scene.part(scene.error.time) if scene.error else None
            self.curve.show(curve.counts, curve_note(curve, scene), mark)

    def forget(self, names: Container[str]) -> None:
        """The rows of some files are no more: leave timelines around them, and take them out of the others.

        What is looked for or still to come goes on, unless it is around one of these rows.
        """
        self._before = [(kept.without(names), key) for kept, key in self._before if kept.key[0] not in names]
        self._take_out(names)
        scene, wanted, was_coming = self.scene, self._wanted, self._is_coming
        if wanted is None:
            return
        was_running = self.jobs.cancel(GROUP)
        if was_coming and isinstance(wanted, Asked) and wanted.entry.source not in names:
            self.ask_for(wanted)
            return
        self._wanted, self._is_coming, self._steps = None, False, 0
        if was_running and not was_coming and scene is not None:
            self.ask_for(replace(scene.asked, window=scene.window))

    def _take_out(self, names: Container[str]) -> None:
        """Take the rows of files out of the timeline that is shown, or leave it."""
        scene = self.scene
        if scene is None:
            return
        if scene.key[0] not in names:
            self._lay(scene.without(names), self._key_under_cursor())
            return
        self._clear()
        if self.state.question.view == "timeline":
            self.post_message(self.Turned("entries"))
            self._asked_in = replace(self.state.question, view="entries")

    # The window

    def move_to(self, window: Span) -> None:
        """Show another time; rows that are not here are asked for."""
        scene = self.scene
        if scene is None or self.state.snapshot is None:
            return
        self._wanted = moved = scene.moved_to(window)
        self._lay(moved, self._key_under_cursor())
        self._scene_jobs.ask_more(moved, self.points)
        self.post_message(self.Updated())

    def resized(self) -> None:
        scene = self.scene
        if scene is not None and not self._is_coming:
            self._wanted = scene
            self._scene_jobs.ask_more(scene, self.points)

    def go_to(self, anchor: Anchor) -> None:
        """Show the time around a moment."""
        scene, moment = self.scene, anchor.moment
        if scene is not None and moment is not None:
            reach = (scene.window[1] - scene.window[0]) / 2
            self.move_to((moment - reach, moment + reach))

    @on(Lanes.Panned)
    def _panned(self, message: Lanes.Panned) -> None:
        self._pan(message.by / 4)

    def _pan(self, by: float) -> None:
        scene = self.scene
        if scene is not None:
            step = (scene.window[1] - scene.window[0]) * by
            self.move_to((scene.window[0] + step, scene.window[1] + step))

    def _zoom(self, factor: float) -> None:
        """Show less or more time around the row under the cursor."""
        scene = self.scene
        if scene is None:
            return
        window = times.scaled(scene.window, self.moment(), factor)
        if window is None:
            self.say(f"{elapsed(scene.window[1] - scene.window[0])}: as far as it goes", "dim")
        else:
            self.move_to(window)

    # Keys

    @property
    def commands(self) -> Mapping[str, Callable[[], None]]:
        return {
            "zoom_in": lambda: self._zoom(0.5),
            "zoom_out": lambda: self._zoom(2),
            "earlier": lambda: self._pan(-0.5),
            "later": lambda: self._pan(0.5),
            "find_next": lambda: self._next(1),
            "find_previous": lambda: self._next(-1),
            "columns": self._choose_kind,
        }

    def _next(self, by: int) -> None:
        """The next error of the question; around a client, path or queue, its next error."""
        scene, snapshot = self.scene, self.state.snapshot
        if scene is None or snapshot is None:
            return
        focus = scene.asked.entry
        here = focus if focus.is_error else self.entry() or focus
        where, _, span = self.state.question.rows
        self._steps += by
        steps, kind = self._steps, scene.asked.kind
        if not steps:
            self.begin(focus, kind, is_next=True)
            return
        if kind != "error":
            where, span = scene.where, None
        missing = f"no error {'after' if by > 0 else 'before'} this one"
        self.locate(
            lambda cancelled: correlation.next_error(snapshot, where, span, here, steps, cancelled),
            missing if kind == "error" else f"{missing} around {safe(scene.title)}",
            kind,
            is_next=True,
        )

    def _choose_kind(self) -> None:
        """Choose by which value of the row the lanes are around it."""
        entry = self.entry()
        if entry is None:
            return
        choices = [
            Choice(kind, (kind, safe(what)), ("strong", "dim")) for kind, what in correlation.known_kinds(entry).items()
        ]

        picker = Picker(self.state.glyphs, "The lanes around", _KINDS, choices)
        picker.tell = lambda kind: self.begin(entry, kind) if kind else None
        self.app.push_screen(picker)

    def stop(self) -> bool:
        """Stop what is being computed, and say so; whether there was anything."""
        if not self.jobs.cancel(GROUP):
            return False
        self._wanted, self._is_coming, self._steps = None, False, 0
        scene = self.scene
        if scene is not None and not scene.is_whole:
            self._lay(replace(scene, is_whole=True), scene.key)
        is_shown = self.state.question.view == "timeline"
        self.say("stopped; what came so far is shown" if is_shown else "stopped", "warn")
        return True

    def one_up(self) -> bool:
        """One timeline back, else the view from which the first was asked for."""
        if not self._before:
            self.post_message(self.Turned(self.came_from))
            return True
        scene, key = self._before.pop()
        self._lay(scene, key)
        self.resized()
        self.post_message(self.Updated())
        return True

    # What is shown

    def _lay(self, scene: Scene, key: object) -> None:
        """Show a scene, or as much of it as is of one log, with the cursor on a line, or near where that was."""
        notation, here = self.state.notation, self.moment()
        self.scene = scene
        self.rows = rows(scene, notation, self.state.question.log)
        self.lanes.zone = zone(scene.window[0], notation.tz)
        self.lanes.empty = self.state.keyed(NO_TIME)
        self.story.show(headline(scene, notation), said_of(scene))
        row = row_near(self.rows, key, here)
        self.lanes.show(drawn(self.rows, scene), row=row, offset=self.lanes.row - self.lanes.top)

    def _clear(self) -> None:
        """Show nothing, as at first."""
        self.scene, self.rows = None, ()
        self.lanes.empty = self.state.keyed(NO_TIMELINE)
        self.lanes.show(Lines())
        self.story.show((), "")
        self.curve.show((), "", None)

    @property
    def points(self) -> int:
        """How many points of the curve fit, also before the view is first shown."""
        return max(1, self.screen.size.width - LABEL - NOTE)

    # Under the cursor

    def _key_under_cursor(self) -> object:
        line = self.table.current_line
        return line.key if line else None

    @property
    def row(self) -> Row | None:
        return self.rows[self.table.row] if self.table.row < len(self.rows) else None

    @property
    def event(self) -> Event | None:
        return self.row.event if self.row else None

    def entry_at(self, row: int) -> Entry | None:
        event = self.rows[row].event if 0 <= row < len(self.rows) else None
        return entry_of(event) if event else None

    def moment(self) -> datetime | None:
        return self.row.moment if self.row else None

    def known_error(self) -> Correlated | None:
        scene, event = self.scene, self.event
        if scene is not None and event is not None and event.key == scene.key:
            return scene.error
        return super().known_error()

    def about(self) -> list[Fact]:
        return story_facts(self.scene, self.event, self.state.notation) if self.scene and self.event else []

    def table_cell(self) -> CursorCell | None:
        event = self.event
        if event is None:
            return None
        if event.is_error:
            return CursorCell("reason", event.values.get("reason"))
        return CursorCell("path", path_of(event))
