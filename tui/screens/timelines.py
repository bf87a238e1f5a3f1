"""The commands of the timeline: around what it is, which time it shows, where it goes next."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.filters import Filter, only
from parsing.safe_text import safe
from parsing.wording import elapsed
from tui.jobs import correlation
from tui.jobs.engine import Cancelled
from tui.model.entry import Entry
from tui.model.question import Span
from tui.scenes import Asked, Scene
from tui.screens.asking import Asking
from tui.screens.looking import Looking
from tui.screens.modal import Choice, Picker
from tui.widgets.cells import Column

if TYPE_CHECKING:
    from parsing.index.snapshot import Snapshot
    from tui.screens.main import MainScreen
    from tui.screens.messages import Curved, Laid, Located

SHORTEST, LONGEST = timedelta(seconds=2), timedelta(days=2)
MOST_KEPT = 50
"""Timelines that Esc goes back through."""

_KEYS = (
    "{next_burst} {previous_burst} next error  {zoom_in} {zoom_out} zoom  {move_left} {move_right} move  "
    "{columns} around  {detail} detail  {back} back"
)
"""What means something of its own here."""

_KINDS = (Column("kind", "around", 12, 11, 0), Column("what", "", 40, 20, 1))

Find = Callable[[Cancelled], Entry | None]


class Timelines:
    """Which timeline is shown and which were before; begun from any view."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._wanted: Asked | Scene | None = None
        """What is asked for, or was; ``None`` also while the row that it shall be around is looked for."""
        self._is_coming = False
        self._learned: Snapshot | None = None
        self._before: list[tuple[Scene, object]] = []
        self.came_from = "entries"
        self._asked_in = screen.question
        self.steps = 0
        """To how many errors further on is being gone."""

    @property
    def scene(self) -> Scene | None:
        return self._screen.timeline.scene

    # Beginning

    def timeline(self) -> None:
        """The story of the row under the cursor; of a value or a file, that of its newest error."""
        screen = self._screen
        entry = screen.view.entry()
        if entry is not None:
            self.begin(entry)
            return
        pages, row = screen.entries.pages, screen.entries.table.row
        if screen.question.view == "entries" and pages is not None and pages.total:
            self.locate(lambda _: correlation.numbered(pages.rows, row), "there is no such row")
            return
        where = self._where()
        snapshot = screen.snapshot
        if snapshot is None or where is None:
            screen.say("there is no row under the cursor", "warn")
            return
        self.locate(lambda cancelled: correlation.newest(snapshot, where, None, cancelled), "there is no such row")

    def view_timeline(self) -> None:
        """The timeline that was shown last, else that of the row under the cursor."""
        screen = self._screen
        if screen.question.view == "timeline":
            return
        if self.scene is not None:
            self.came_from = screen.question.view
            screen.look_at("timeline")
        elif screen.entries.entry() is not None:
            self.begin(screen.entries.entry())
        else:
            self.timeline()

    def _where(self) -> Filter | None:
        """The rows of the value or file under the cursor."""
        screen = self._screen
        record = screen.view.record
        if record is None:
            return None
        try:
            if screen.question.view == "sources":
                return only("source", record.name)
            return screen.question.of_values(record.values, screen.look.tz)
        except LogError as error:
            screen.fail("cannot filter by this value", error)
            return None

    def begin(self, entry: Entry | None, kind: str = "", *, is_next: bool = False) -> None:
        """Show the timeline around an entry; Esc comes back to here, but for a step to the next error."""
        self._asked_in = self._screen.question
        self._begin(entry, kind, is_next=is_next)

    def _begin(self, entry: Entry | None, kind: str, *, is_next: bool) -> None:
        screen, scene = self._screen, self.scene
        if entry is None or screen.snapshot is None:
            return
        if screen.question.view != "timeline":
            self.came_from = screen.question.view
            self._before.clear()
        elif scene is not None and not is_next:
            line = screen.timeline.table.current_line
            self._before.append((scene, line.key if line else None))
            del self._before[:-MOST_KEPT]
        self._is_coming = True
        if self._learned is not screen.snapshot:
            screen.say("correlating this row with the other log", "dim")
        self._ask(Asked(entry, kind))

    def _ask(self, asked: Asked) -> None:
        screen = self._screen
        if screen.snapshot is not None:
            self._wanted, is_learned = asked, self._learned is screen.snapshot
            screen.answers.lanes(screen.snapshot, asked, screen.timeline.points, is_learned=is_learned)

    def locate(self, find: Find, missing: str, kind: str = "", *, is_next: bool = False) -> None:
        """Look for a row, and show its timeline, in place of one that is still to come."""
        self._asked_in = self._screen.question
        self._wanted, self._is_coming = None, False
        self._screen.answers.locate(find, missing, kind, is_next=is_next)

    # Answers

    def failed(self, group: str) -> None:
        """What was being looked for will not come, so the next step begins at the error that is shown."""
        if group == "lanes":
            self._is_coming, self.steps = False, 0

    def located(self, message: Located) -> None:
        if message.entry is None:
            self.steps = 0
            self._screen.say(message.missing, "dim")
        else:
            self._begin(message.entry, message.kind, is_next=message.is_next)

    def laid(self, message: Laid) -> None:
        screen = self._screen
        if message.wanted is not self._wanted:
            return
        scene = message.scene
        if scene.is_whole:
            self._learned = message.snapshot
        line = screen.timeline.table.current_line
        is_new = self._is_coming or line is None
        self._show(scene, scene.key if is_new or line is None else line.key)
        if self._is_coming:
            self._is_coming, self.steps = False, 0
            self._come()
        screen.moved()

    def _come(self) -> None:
        """Show the timeline that was waited for; who has gone elsewhere in the meantime is only told of it."""
        screen, asked_in = self._screen, self._asked_in
        is_elsewhere = (screen.question.view, screen.question.rows) != (asked_in.view, asked_in.rows)
        if screen.question.view != "timeline" and is_elsewhere:
            screen.say(screen.keyed("the timeline is here now; {view_timeline} shows it"))
            return
        screen.look_at("timeline")
        screen.say(screen.keyed(_KEYS), "dim")

    def curved(self, message: Curved) -> None:
        if self.scene is not None and message.window == self.scene.window:
            self._screen.timeline.show_curve(message.curve)

    def _show(self, scene: Scene, key: object) -> None:
        screen = self._screen
        screen.timeline.lay(scene, screen.look, screen.question.log, key)

    def relay(self) -> None:
        """Draw the scene again, as the question asks for it now."""
        scene, line = self.scene, self._screen.timeline.table.current_line
        if scene is not None:
            self._show(scene, line.key if line else None)

    def forget(self, names: Container[str]) -> None:
        """The rows of some files are no more: leave timelines around them, and take them out of the others.

        What is looked for or still to come goes on, unless it is around one of these rows.
        """
        self._before = [(kept.without(names), key) for kept, key in self._before if kept.key[0] not in names]
        self._take_out(names)
        scene, wanted, was_coming = self.scene, self._wanted, self._is_coming
        if wanted is None:
            return
        was_running = self._screen.answers.cancel("lanes")
        if was_coming and isinstance(wanted, Asked) and wanted.entry.source not in names:
            self._ask(wanted)
            return
        self._wanted, self._is_coming, self.steps = None, False, 0
        if was_running and not was_coming and scene is not None:
            self._ask(replace(scene.asked, window=scene.window))

    def _take_out(self, names: Container[str]) -> None:
        """Take the rows of files out of the timeline that is shown, or leave it."""
        screen, scene = self._screen, self.scene
        if scene is None:
            return
        if scene.key[0] not in names:
            line = screen.timeline.table.current_line
            self._show(scene.without(names), line.key if line else None)
            return
        screen.timeline.clear()
        if screen.question.view == "timeline":
            screen.look_at("entries")
            self._asked_in = screen.question

    # The window

    def move_to(self, window: Span) -> None:
        """Show another time; rows that are not here are asked for."""
        screen, scene = self._screen, self.scene
        if scene is None or screen.snapshot is None:
            return
        line = screen.timeline.table.current_line
        self._wanted = moved = scene.moved_to(window)
        self._show(moved, line.key if line else None)
        screen.answers.lanes_moved(screen.snapshot, moved, screen.timeline.points)
        screen.moved()

    def resized(self) -> None:
        scene, snapshot = self.scene, self._screen.snapshot
        if scene is not None and snapshot is not None and not self._is_coming:
            self._wanted = scene
            self._screen.answers.lanes_moved(snapshot, scene, self._screen.timeline.points)

    def go_to(self, moment: datetime) -> None:
        """Show the time around a moment."""
        scene = self.scene
        if scene is not None:
            reach = (scene.window[1] - scene.window[0]) / 2
            self.move_to((moment - reach, moment + reach))

    def pan(self, by: float) -> None:
        scene = self.scene
        if scene is not None:
            step = (scene.window[1] - scene.window[0]) * by
            self.move_to((scene.window[0] + step, scene.window[1] + step))

    def zoom(self, factor: float) -> None:
        """Show less or more time around the row under the cursor."""
        screen, scene = self._screen, self.scene
        if scene is None:
            return
        length = scene.window[1] - scene.window[0]
        wanted = min(max(SHORTEST, length * factor), LONGEST)
        if wanted == length:
            screen.say(f"{elapsed(length)}: as far as it goes", "dim")
            return
        middle = screen.timeline.moment() or scene.window[0] + length / 2
        middle = min(max(middle, scene.window[0]), scene.window[1])
        self.move_to((middle - wanted / 2, middle + wanted / 2))

    # Back

    def stop(self) -> bool:
        """Stop what is being computed, and say so; whether there was anything."""
        screen = self._screen
        if not screen.answers.cancel("lanes"):
            return False
        self._wanted, self._is_coming, self.steps = None, False, 0
        scene = self.scene
        if scene is not None and not scene.is_whole:
            screen.timeline.lay(replace(scene, is_whole=True), screen.look, screen.question.log, scene.key)
        is_shown = screen.question.view == "timeline"
        screen.say("stopped; what came so far is shown" if is_shown else "stopped", "warn")
        return True

    def one_back(self) -> bool:
        """One timeline back; whether there was one."""
        screen = self._screen
        if not self._before:
            return False
        scene, key = self._before.pop()
        self._show(scene, key)
        self.resized()
        screen.moved()
        return True


class OnTimeline:
    """What actions do in the timeline instead of what they do elsewhere; each is named after its action."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._timelines = screen.timelines

    def zoom_in(self) -> None:
        self._timelines.zoom(0.5)

    def zoom_out(self) -> None:
        self._timelines.zoom(2)

    def earlier(self) -> None:
        self._timelines.pan(-0.5)

    def later(self) -> None:
        self._timelines.pan(0.5)

    def next_burst(self) -> None:
        self._next(1)

    def previous_burst(self) -> None:
        self._next(-1)

    def _next(self, by: int) -> None:
        """The next error of the question; around a client, path or queue, its next error."""
        screen, scene = self._screen, self._timelines.scene
        snapshot = screen.snapshot
        if scene is None or snapshot is None:
            return
        focus = scene.asked.entry
        here = focus if focus.is_error else screen.timeline.entry() or focus
        where, _, span = screen.question.rows
        self._timelines.steps += by
        steps, kind = self._timelines.steps, scene.asked.kind
        if not steps:
            self._timelines.begin(focus, kind, is_next=True)
            return
        if kind != "error":
            where, span = scene.where, None
        missing = f"no error {'after' if by > 0 else 'before'} this one"
        self._timelines.locate(
            lambda cancelled: correlation.next_error(snapshot, where, span, here, steps, cancelled),
            missing if kind == "error" else f"{missing} around {safe(scene.title)}",
            kind,
            is_next=True,
        )

    def columns(self) -> None:
        """Choose by which value of the row the lanes are around it."""
        screen, entry = self._screen, self._screen.timeline.entry()
        if entry is None:
            return
        choices = [
            Choice(kind, (kind, safe(what)), ("strong", "dim")) for kind, what in correlation.known_kinds(entry).items()
        ]

        def done(kind: str | None) -> None:
            if kind:
                self._timelines.begin(entry, kind)

        screen.app.push_screen(Picker(screen.glyphs, "The lanes around", _KINDS, choices), done)

    def log(self) -> None:
        Asking(self._screen).log()
        self._timelines.relay()

    def back(self) -> None:
        screen = self._screen
        if screen.view.side.has_focus:
            screen.view.focus_table()
        elif screen.view.is_open:
            screen.view.open_side(False)
        elif self._timelines.stop() or Looking(screen).stop_others():
            pass
        elif not self._timelines.one_back():
            screen.look_at(self._timelines.came_from)
