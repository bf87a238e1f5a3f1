"""Both logs side by side: requests as bars at the left, the time in the middle, what HTTP.sys ended at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.message import Message
from textual.strip import Strip

from tui.glyphs import Glyphs
from tui.model.fact import Part
from tui.model.line import Line, RowSource
from tui.widgets.cells import fit, fit_end
from tui.widgets.facts import wrap_parts
from tui.widgets.grid import Grid
from tui.widgets.histogram import columns_of
from tui.widgets.toned import Toned

TIME = 8
ROOMY = 100
"""Columns from which there are blanks around the time."""
MOST_OUTCOME = 10
"""Cells of an outcome that is shown whole, whatever the room."""
LABEL, NOTE = 11, 19
"""Cells left and right of the curve."""
BARS = 60
"""Columns from which the bars of requests are drawn."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request: ``start`` and ``end`` are parts of the window, 0 its beginning and 1 its end; no start: not known."""

    method: str
    subject: str
    outcome: str
    taken: str
    start: float | None
    end: float
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Remark:
    """What stands in the right lane: the longest of ``texts`` that fits. ``end`` is cut at its beginning to follow.

    ``method`` stands before the end where that is not cut.
    """

    texts: tuple[str, ...]
    tone: str = "plain"
    end: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class LaneLine:
    """One moment. ``rail`` is drawn before the remark: the shade of a wait, or the error that it led to."""

    key: object
    time: str
    request: Request | None = None
    remark: Remark | None = None
    rail: str = ""


@dataclass(frozen=True, slots=True)
class LaneLines:
    """Lines that are all here. ``guide`` is where in the window the error in focus is, as a part of it."""

    lines: Sequence[LaneLine] = ()
    guide: float | None = None

    @property
    def total(self) -> int:
        return len(self.lines)

    def line(self, index: int) -> Line | None:
        """The texts of a line, as they are copied."""
        line = self.lane_line(index)
        if line is None:
            return None
        request, remark = line.request, line.remark
        left = (request.method, request.subject, request.outcome, request.taken) if request else ("", "", "", "")
        right = f"{remark.texts[0]}{' ' if remark.end else ''}{remark.end}" if remark else ""
        return Line((*left, line.time, right), (), line.key)

    def lane_line(self, index: int) -> LaneLine | None:
        return self.lines[index] if 0 <= index < len(self.lines) else None


class Lanes(Grid):
    """Draws lane lines under a header that names the lanes; left and right move the window, not a cell."""

    @dataclass
    class Panned(Message):
        """The window is to move: ``by`` is -1 for earlier, 1 for later."""

        by: int

    def __init__(self, glyphs: Glyphs, *, id: str | None = None, empty: str = "") -> None:  # noqa: A002
        super().__init__(glyphs, id=id, empty=empty)
        self.zone = "UTC"

    def move_columns(self, by: int) -> None:
        self.post_message(self.Panned(by))

    # Layout

    def _lay_out(self) -> None:
        """No columns: the lanes share the width."""

    @property
    def _gap(self) -> str:
        upright = self.glyphs.upright
        return f" {upright} " if self.size.width >= ROOMY else upright

    @property
    def lane_widths(self) -> tuple[int, int]:
        """Cells of the two lanes."""
        free = max(0, self.size.width - 2 - TIME - 2 * len(self._gap))
        left = max(min(free, 24), free * 56 // 100)
        return left, free - left

    # Drawing

    def _header(self) -> Strip:
        left, right = self.lane_widths
        gap = self._gap
        names = ("IIS: what the application answered", "IIS answered", "IIS")
        errors = ("HTTPERR: what HTTP.sys ended by itself", "HTTPERR: ended by HTTP.sys", "HTTPERR")
        parts: list[Part] = [
            (f" {fit(_longest(names, left), left, 'right')}", "iis"),
            (f"{gap}{fit(f'{self.zone:^{TIME}}', TIME)}{gap}", "dim"),
            (fit(_longest(errors, right), right), "httperr"),
        ]
        return self.strip(parts)

    def _row(self, line: Line, index: int, y: int, over: str) -> Strip:
        source: RowSource = self.source
        lane_line = source.lane_line(index) if isinstance(source, LaneLines) else None
        if lane_line is None:
            return self.strip([])
        left, right = self.lane_widths
        mark = (self.glyphs.mark if line.key in self.marked else " ", "accent")
        gap = self._gap
        parts = [
            mark,
            *self._request(lane_line.request, left),
            (f"{gap}{fit(lane_line.time, TIME)}{gap}", "dim"),
            *self._right(lane_line, right),
        ]
        if self._is_thumb(y):
            return self.strip(_runs(parts), [(self.glyphs.thumb, "plain")], over=over)
        return self.strip(_runs([*parts, (" ", "")]), over=over)

    def _request(self, request: Request | None, width: int) -> list[Part]:
        """Method, subject and outcome, then the bar on the window and how long it took."""
        bars = max(8, width // 4) if self.size.width >= BARS else 0
        taken = 7
        rest = max(0, width - taken - (bars + 1 if bars else 0))
        if request is None:
            before = min(width, rest + 1)
            return [(" " * before, ""), (self._bar(None, bars), "iis"), (" " * (width - before - bars), "")]
        words = max(0, rest - min(cell_len(request.outcome), MOST_OUTCOME) - 1)
        method = f"{request.method} " if cell_len(request.method) + 9 <= words else ""
        subject = method + fit_end(request.subject, words - cell_len(method), self.glyphs.ellipsis)
        bar = self._bar(request, bars)
        return [
            (fit(subject, words, ellipsis=self.glyphs.ellipsis) + " ", "plain"),
            (fit(request.outcome, rest - words - 1, "right", self.glyphs.ellipsis), request.tone),
            (f" {bar}{fit(request.taken, taken, 'right')}" if bars else fit(request.taken, taken, "right"), "iis"),
        ]

    def _bar(self, request: Request | None, width: int) -> str:
        """The window in ``width`` cells: the request from start to end, else the guide of the error in focus."""
        if not width:
            return ""
        cells = [" "] * width
        guide = self.source.guide if isinstance(self.source, LaneLines) else None
        if guide is not None and 0 <= guide <= 1:
            cells[_cell(guide, width)] = self.glyphs.guide
        if request is None:
            return "".join(cells)
        start = request.end if request.start is None else request.start
        first, last = _cell(start, width), _cell(request.end, width)
        cells[first : last + 1] = [self.glyphs.bar if request.start is not None else self.glyphs.dot] * (
            last - first + 1
        )
        if start < 0:
            cells[0] = "<"
        if request.end > 1:
            cells[-1] = ">"
        return "".join(cells)

    def _right(self, line: LaneLine, width: int) -> list[Part]:
        rail = fit(line.rail, 1)
        remark = line.remark
        if remark is None:
            return [(rail + " " * max(0, width - 1), "httperr")]
        room = width - 1
        text = _longest(remark.texts, room)
        left = room - cell_len(text) - 1
        whole = f"{remark.method} {remark.end}".strip()
        if whole and left >= 6:
            end = whole if cell_len(whole) <= left else fit_end(remark.end or whole, left, self.glyphs.ellipsis)
            text += f" {end}"
        return [(rail + fit(text, room, ellipsis=self.glyphs.ellipsis), remark.tone)]


def _cell(part: float, width: int) -> int:
    return min(max(0, int(part * width)), width - 1)


def _longest(texts: Sequence[str], width: int) -> str:
    """The first text that fits, else the last."""
    return next((text for text in texts if cell_len(text) <= width), texts[-1])


def _runs(parts: Sequence[Part]) -> list[Part]:
    """Fewer and longer runs: blanks take the tone next to them."""
    runs: list[Part] = []
    for text, tone in parts:
        if runs and (tone == runs[-1][1] or not text.strip()):
            runs[-1] = (runs[-1][0] + text, runs[-1][1])
        elif runs and not runs[-1][0].strip():
            runs[-1] = (runs[-1][0] + text, tone)
        else:
            runs.append((text, tone or "plain"))
    return [(text, tone or "plain") for text, tone in runs]


class Curve(Toned):
    """How many requests were in flight over the window, a cell a moment; that of the error in focus is marked."""

    DEFAULT_CSS = "Curve { height: 1; }"

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(glyphs, id=id)
        self.counts: tuple[int, ...] = ()
        self.note = ""
        self.marked: int | None = None

    @property
    def room(self) -> int:
        """How many moments fit."""
        return max(1, self.size.width - LABEL - NOTE)

    def show(self, counts: Sequence[int], note: str, mark: float | None) -> None:
        """Show counts, and mark a moment, as a part of the window."""
        at = _cell(mark, len(counts)) if mark is not None and 0 <= mark <= 1 and counts else None
        if (tuple(counts), note, at) != (self.counts, self.note, self.marked):
            self.counts, self.note, self.marked = tuple(counts), note, at
            self.refresh()

    def render_line(self, y: int) -> Strip:
        height = max(1, self.size.height)
        tallest = max(self.counts, default=0)
        drawn = self.counts[: self.room]
        levels = [columns_of([("iis", count)], tallest, height)[y][0] for count in drawn]
        text = "".join(self.glyphs.levels[level] for level in levels)
        is_lowest = y == height - 1
        name = fit(" in flight" if is_lowest else "", LABEL)
        parts: list[Part] = [(name, "dim")]
        if self.marked is None or self.marked >= len(text):
            parts.append((text, "iis"))
        else:
            at = self.marked
            parts += [(text[:at], "iis"), (text[at], "iis+cursor"), (text[at + 1 :], "iis")]
        rest = max(0, self.room - len(text))
        parts.append(
            (" " * rest + fit(f" {self.note}" if is_lowest else "", NOTE, ellipsis=self.glyphs.ellipsis), "dim")
        )
        return self.strip(parts)


def in_lines(said: str, width: int, most: int, ellipsis: str) -> list[list[Part]]:
    """A sentence in at most ``most`` lines; what does not fit is cut at its end."""
    lines = wrap_parts([(said, "plain")], width) if said else []
    if len(lines) <= most:
        return lines
    rest = " ".join("".join(text for text, _ in line).strip() for line in lines[most - 1 :])
    return [*lines[: most - 1], [(fit(rest, width, ellipsis=ellipsis), "plain")]]


class Story(Toned):
    """What the lanes are about, in a line, and below it what is said of it in at most ``most`` lines."""

    DEFAULT_CSS = "Story { height: 1; }"

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(glyphs, id=id)
        self.head: tuple[Part, ...] = ()
        self.said = ""
        self.most = 2
        self._lines: list[list[Part]] = []

    def show(self, head: Sequence[Part], said: str) -> None:
        shown = tuple(head), said
        if shown != (self.head, self.said):
            self.head, self.said = shown
            self._lay_out()
            self.refresh()

    def _lay_out(self) -> None:
        self._lines = in_lines(self.said, max(10, self.size.width - 2), self.most, self.glyphs.ellipsis)
        self.styles.height = 1 + len(self._lines)

    def on_resize(self) -> None:
        self._lay_out()
        self.refresh()  # it may have been painted in the new size before this event came

    def render_line(self, y: int) -> Strip:
        if y == 0:
            return self.strip(self.head)
        return self.strip([(" ", "plain"), *self._lines[y - 1]] if y <= len(self._lines) else [])
