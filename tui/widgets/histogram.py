"""Both logs over time: one bar a bucket, one lane a log, the bucket of the current row and the brushed span marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from parsing.wording import elapsed, level, short
from tui.glyphs import Glyphs
from tui.model.bars import LogBars, Times
from tui.model.fact import Part
from tui.model.incident import IncidentSpan
from tui.widgets.cells import fit
from tui.widgets.toned import Toned
from tui.wording import local

LEFT, RIGHT, TALL_RIGHT = 9, 17, 24
"""Cells left and right of the bars: the name of a lane, and what a bar means; of lanes two rows high, the colours too."""
_TICK = timedelta(milliseconds=1)


def columns_of(layers: Sequence[tuple[str, int]], tallest: int, rows: int) -> list[tuple[int, str]]:
    """One bar as (eighths, tone) for each row from the top down. What is there at all is at least one eighth high."""
    total = sum(count for _, count in layers)
    if not total or not tallest:
        return [(0, "plain")] * rows
    height = level(total, tallest, rows * 8)
    cells = []
    for row in reversed(range(rows)):
        filled = min(8, max(0, height - row * 8))
        middle = (row * 8 + filled / 2) / height * total
        cells.append((filled, _tone_at(layers, middle) if filled else "plain"))
    return cells


def _tone_at(layers: Sequence[tuple[str, int]], height: float) -> str:
    reached = 0
    for tone, count in layers:
        reached += count
        if height <= reached:
            return tone
    return layers[-1][0]


@dataclass(frozen=True, slots=True)
class Brush:
    """A span that is being chosen, by the times of the bars at its ends: other bars may come, and mean other times."""

    anchor: Times
    moving: Times

    @property
    def span(self) -> Times:
        return min(self.anchor[0], self.moving[0]), max(self.anchor[1], self.moving[1])


class LogHistogram(Toned):
    """Draws ``LogBars``; the screen decides what they are and where the brush is."""

    DEFAULT_CSS = """
    LogHistogram { height: 2; }
    LogHistogram.-marked { height: 3; }
    """

    @dataclass
    class Picked(Message):
        """A bar was clicked."""

        bucket: int

    def __init__(self, glyphs: Glyphs, *, tz: tzinfo = UTC, id: str | None = None) -> None:  # noqa: A002
        super().__init__(glyphs, id=id)
        self.tz = tz
        self.bars: LogBars | None = None
        self.current: int | None = None
        self.brush: Brush | None = None
        self.marked: tuple[IncidentSpan, ...] = ()
        """Spans over which there is a line above the bars, the gravest first."""
        self._brushed = range(0)
        self._columns: list[list[list[tuple[int, str]]]] = []
        self._stacked_rows = 0

    @property
    def room(self) -> int:
        """How many bars fit."""
        return max(1, self.size.width - LEFT - (TALL_RIGHT if self.size.height > 2 else RIGHT))

    def cells_of(self, bucket: int) -> range:
        """The cells of a bar: where there are fewer bars than cells, some are wider, so that all are used."""
        count = self.bars.count if self.bars is not None else 0
        if not 0 < count < self.room:
            return range(bucket, bucket + 1)
        return range(-(-bucket * self.room // count), -(-(bucket + 1) * self.room // count))

    def _bucket(self, cell: int) -> int:
        """The bar of a cell."""
        count = self.bars.count if self.bars is not None else 0
        return cell * count // self.room if count < self.room else cell

    @property
    def lane_rows(self) -> int:
        height = self.size.height - bool(self.marked)
        return max(1, (height - (height > 2)) // 2)

    def show(self, bars: LogBars | None) -> None:
        self.bars = bars
        self._mark_brush()
        self._stack()
        self.refresh()

    def set_current(self, moment: datetime | None) -> None:
        """Mark the bucket of the current row."""
        bucket = self.bars.bucket(moment) if self.bars and self.bars.count and moment else None
        if bucket != self.current:
            old, self.current = self.current, bucket
            marked = (self.cells_of(b) for b in (old, bucket) if b is not None)
            self.refresh(*(Region(LEFT + cells.start, 0, len(cells), self.size.height) for cells in marked))

    def mark(self, spans: tuple[IncidentSpan, ...]) -> None:
        """Draw a line over spans, in a row of its own above the bars."""
        if spans != self.marked:
            self.marked = spans
            self.set_class(bool(spans), "-marked")
            self.refresh()

    def set_brush(self, brush: Brush | None) -> None:
        """Mark the buckets of a span."""
        self.brush = brush
        self._mark_brush()
        self.refresh()

    def _mark_brush(self) -> None:
        self._brushed = range(0)
        if self.brush is not None and self.bars is not None:
            start, end = self.brush.span
            self._brushed = range(self.bars.bucket(start), self.bars.bucket(end - _TICK) + 1)

    def _stack(self) -> None:
        self._columns, self._stacked_rows = [], self.lane_rows
        if self.bars is None:
            return
        for lane in self.bars.lanes:
            tallest = max(lane.totals(), default=0)
            self._columns.append(
                [
                    columns_of([(tone, counts[bucket]) for tone, counts in lane.layers], tallest, self.lane_rows)
                    for bucket in range(self.bars.count)
                ]
            )

    def on_resize(self) -> None:
        self._stack()

    def render_line(self, y: int) -> Strip:
        if self.marked:
            if y == 0:
                return self._marks()
            y -= 1
        lane, row = divmod(y, self.lane_rows)
        tone = ("iis", "httperr", "dim")[min(lane, 2)]
        is_lowest = row == self.lane_rows - 1
        if lane > 1:
            return self._axis() if y == self.lane_rows * 2 else self.strip([])
        name = (fit(("IIS", "HTTPERR")[lane] if is_lowest else "", LEFT - 1, "right") + " ", tone)
        if self._stacked_rows != self.lane_rows:
            self._stack()  # painted before the event of the new size has come
        if self.bars is None or not self._columns:
            return self.strip([name])
        note = [(self._note(lane), "dim")] if is_lowest else self.bars.lanes[lane].legend(self.glyphs)
        if self.bars.lanes[lane].is_left_out:
            text = f"left out: only log:{('httperr', 'iis')[lane]} is shown" if is_lowest else ""
            return self.strip(
                [(name[0], "dim"), (fit(text, self.room, ellipsis=self.glyphs.ellipsis), "dim"), (" ", "dim"), *note]
            )
        return self.strip([name, *self._bars(lane, row), (" ", "dim"), *note])

    def _bars(self, lane: int, row: int) -> list[Part]:
        """The bars of one row in runs of one style; an empty cell joins the run before it."""
        parts: list[Part] = []
        text, run_tone, run_state = "", "", ""
        for bucket, cells in enumerate(self._columns[lane][: self.room]):
            filled, tone = cells[row]
            width = len(self.cells_of(bucket))
            state = self._state(bucket)
            if text and (state != run_state or (filled and run_tone and tone != run_tone)):
                parts.append((text, (run_tone or "plain") + run_state))
                text, run_tone = "", ""
            text += self.glyphs.levels[filled] * width
            run_tone, run_state = run_tone or (tone if filled else ""), state
        return [*parts, (text, (run_tone or "plain") + run_state)]

    def _state(self, bucket: int) -> str:
        if bucket in self._brushed:
            return "+cell"
        return "+cursor" if bucket == self.current and self.brush is None else ""

    def _note(self, lane: int) -> str:
        assert self.bars is not None
        if lane == 0:
            return f"1 bar = {elapsed(self.bars.every)}"
        tallest = [short(max(lane.totals(), default=0)) for lane in self.bars.lanes if not lane.is_left_out]
        return self.bars.note or f"max {' / '.join(tallest)}"

    def _marks(self) -> Strip:
        """The line over the spans that are marked; where several are in a bar, the gravest."""
        bars = self.bars
        if bars is None or not bars.count:
            return self.strip([])
        cells = [(" ", "plain")] * bars.count
        for span in reversed(self.marked):
            if span.end >= bars.start and span.begin < bars.begin(bars.count):
                for bucket in range(bars.bucket(span.begin), bars.bucket(span.end) + 1):
                    cells[bucket] = (self.glyphs.bar, span.tone)
        return self.strip([(fit("incident", LEFT - 1, "right") + " ", "dim"), *cells])

    def _axis(self) -> Strip:
        """Times under the bars, as many as fit."""
        if self.bars is None:
            return self.strip([])
        text, step = "", 12
        length = self.bars.every * self.bars.count
        form = "%Y-%m-%d" if length > timedelta(days=100) else "%m-%d %H:%M" if length > timedelta(days=2) else "%H:%M"
        for bucket in range(0, self.bars.count, step):
            moment = local(self.bars.begin(bucket), self.tz)
            text = text.ljust(self.cells_of(bucket).start) + moment.strftime(form)
        return self.strip([(" " * LEFT + text[: self.room], "dim")])

    def on_click(self, event: events.Click) -> None:
        if self.bars is not None and 0 <= event.x - LEFT < self.room and self._bucket(event.x - LEFT) < self.bars.count:
            self.post_message(self.Picked(self._bucket(event.x - LEFT)))
