"""Times: zoom, brush, jump. A span that is chosen becomes part of the question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from parsing.filters import during
from parsing.wording import elapsed
from tui.commands.protocols import Draws, Shows
from tui.jobs.engine import Anchor
from tui.model import times
from tui.model.exploration import Exploration
from tui.model.question import Span
from tui.widgets.histogram import Brush
from tui.wording import NOTHING_HERE, local

BRUSHING = "{move_left} {move_right} bar, {move_up} {move_down} row, {other_end} other end, {detail} keeps"
_SECOND = timedelta(seconds=1)


class Spans:
    """The commands that concern time; each is named after its action."""

    def __init__(self, screen: Draws) -> None:
        self._screen = screen

    def _whole(self) -> Span | None:
        return whole_span(self._screen.state)

    def zoom_in(self) -> None:
        self._zoom(0.5)

    def zoom_out(self) -> None:
        self._zoom(2)

    def earlier(self) -> None:
        self._pan(-0.5)

    def later(self) -> None:
        self._pan(0.5)

    def _pan(self, by: float) -> None:
        """Move the span by a part of its length."""
        span, whole = self._screen.state.question.span, self._whole()
        if span is None or whole is None:
            self._screen.say(self._screen.state.keyed("the whole time is shown; {zoom_in} zooms in"), "dim")
            return
        length = span[1] - span[0]
        start = min(max(whole[0], span[0] + length * by), whole[1] - length)
        self._take((start.replace(microsecond=0), start.replace(microsecond=0) + length))

    def _zoom(self, factor: float) -> None:
        whole = self._whole()
        if whole is None:
            self._screen.say(NOTHING_HERE, "dim")
            return
        question = self._screen.state.question
        span = question.span or whole
        around = self._screen.view.moment()
        if around is None or factor > 1:
            around = span[0] + (span[1] - span[0]) / 2
        self._take(times.zoomed(span, whole, around, factor))

    def _take(self, span: Span | None) -> None:
        screen = self._screen
        said = f"{during(*span, screen.state.notation.tz)}, {elapsed(span[1] - span[0])}" if span else "the whole time"
        now = screen.state.question.span
        if span == now:
            screen.say(f"{said}: as far as it goes", "dim")
        elif span is not None and (now is None or (now[0] <= span[0] and span[1] <= now[1])):
            screen.go_down(replace(screen.state.question, span=span), said)
        else:
            screen.change(replace(screen.state.question, span=span), said, is_same_level=True)

    # The brush

    def brush(self) -> None:
        """Mark a span on the histogram from the keyboard."""
        screen, bars = self._screen, self._screen.histogram.bars
        if bars is None or not bars.count:
            screen.say(NOTHING_HERE, "dim")
            return
        here = screen.view.moment()
        bucket = bars.bucket(here) if here else bars.count // 2
        screen.histogram.set_brush(Brush(bars.span(bucket), bars.span(bucket)))
        mode = {
            "move_left": lambda: self._stretch(-1),
            "move_right": lambda: self._stretch(1),
            "move_up": lambda: self._step(-1),
            "move_down": lambda: self._step(1),
            "half_up": lambda: self._stretch(-10),
            "half_down": lambda: self._stretch(10),
            "other_end": self._other_end,
            "brush": self._other_end,
            "detail": self._keep_brush,
            "back": self._leave_brush,
        }
        screen.set_mode(mode)
        self._say_brush()

    def _stretch(self, by: int) -> None:
        histogram = self._screen.histogram
        if histogram.brush is None or histogram.bars is None:
            return
        moving = histogram.bars.bucket(histogram.brush.moving[0])
        self._reach(min(max(0, moving + by), histogram.bars.count - 1))

    def _step(self, by: int) -> None:
        """Move this end of the brush to the next row, or the one before; where rows have no times, to the next bar."""
        screen, brush = self._screen, self._screen.histogram.brush
        here = screen.view.moment()
        if here is None or brush is None:
            self._stretch(by)
            return
        if brush.anchor == brush.moving:
            brush = Brush((here, here + _SECOND), brush.moving)
        screen.view.table.move_rows(by)
        moment = screen.view.moment() or here
        screen.histogram.set_brush(replace(brush, moving=(moment, moment + _SECOND)))
        self._say_brush()

    def _reach(self, bucket: int) -> None:
        """Move this end of the brush to a bar."""
        histogram = self._screen.histogram
        if histogram.brush is not None and histogram.bars is not None:
            histogram.set_brush(replace(histogram.brush, moving=histogram.bars.span(bucket)))
            self._say_brush()

    def _other_end(self) -> None:
        histogram = self._screen.histogram
        if histogram.brush is not None:
            histogram.set_brush(Brush(histogram.brush.moving, histogram.brush.anchor))
            self._say_brush()

    def _brushed(self) -> Span | None:
        brush, limit = self._screen.histogram.brush, self._screen.state.question.span
        if brush is None:
            return None
        start, end = brush.span
        return (max(start, limit[0]), min(end, limit[1])) if limit else (start, end)

    def _say_brush(self) -> None:
        span = self._brushed()
        if span:
            self._screen.say(f"{self._shown(*span)}  {self._screen.state.keyed(BRUSHING)}")

    def _shown(self, start: datetime, end: datetime) -> str:
        """A span in few words: the second day only where it is another one, seconds only where they are not 0."""
        notation = self._screen.state.notation
        clock = "%H:%M:%S" if start.second or end.second else "%H:%M"
        is_one_day = local(start, notation.tz).date() == local(end, notation.tz).date()
        until = local(end, notation.tz).strftime(clock) if is_one_day else notation.dated(end, clock)
        return f"{notation.dated(start, clock)} to {until}"

    def _keep_brush(self) -> None:
        span = self._brushed()
        self._leave_brush()
        if span:
            self._take(span)

    def _leave_brush(self) -> None:
        self._screen.set_mode({})
        self._screen.histogram.set_brush(None)

    def picked(self, bucket: int) -> None:
        """A bar was clicked: go to its time, or while brushing move this end there."""
        screen, histogram = self._screen, self._screen.histogram
        if histogram.bars is None:
            return
        if histogram.brush is not None:
            self._reach(bucket)
            return
        moment = histogram.bars.begin(bucket)
        screen.go_to(Anchor(moment=moment))
        keys = screen.state.keyed("{brush} brushes a span, {zoom_in} zooms in")
        screen.say(f"from {screen.state.notation.dated(moment)}; {keys}", "dim")

    def other_end(self) -> None:
        hint = "{other_end} moves the other end of the span while the histogram is brushed; {brush} begins"
        self._screen.say(self._screen.state.keyed(hint), "dim")

    # Going to a time

    def jump_time(self) -> None:
        screen, hint = self._screen, "10:31, 2026-06-15 10:31 or -15m; Enter goes there"
        ask_moment(screen, "Jump to time", lambda moment: screen.go_to(Anchor(moment=moment)), hint=hint)


def whole_span(state: Exploration) -> Span | None:
    """From the first row that is read to just after the last."""
    snapshot = state.snapshot
    if snapshot is None or snapshot.oldest is None or snapshot.newest is None:
        return None
    return snapshot.oldest, snapshot.newest + timedelta(seconds=1)


def ask_moment(screen: Shows, title: str, then: Callable[[datetime], None], *, hint: str) -> None:
    """Ask for a moment, typed as ``times.moment`` reads it from the row under the cursor; then do something with it."""
    whole = whole_span(screen.state)
    if whole is None:
        screen.say(NOTHING_HERE, "dim")
        return
    here = screen.view.moment() or whole[1]

    def moment_of(text: str) -> datetime | None:
        return times.moment(text, here, whole[1], screen.state.notation.tz)

    def done(text: str | None) -> None:
        moment = moment_of(text) if text else None
        if moment is not None:
            then(moment)

    screen.ask_line(title, done, hint=hint, check=lambda text: "" if moment_of(text) else times.FORMS)


def span_from_here(screen: Shows) -> Span | None:
    """As long as a bar of the histogram, from the row under the cursor on or up to the end of the set."""
    whole, here, bars = whole_span(screen.state), screen.view.moment(), screen.histogram.bars
    if whole is None or here is None or bars is None or not bars.count:
        return None
    start = max(min(here, whole[1] - bars.every), whole[0])
    return start, start + bars.every
