"""What the explorer asks of the engine, in the terms of the screen. Everything here blocks: it is called in threads.

Polars is imported by the first call, so that the first paint does not wait for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from parsing.errors import UsageError
from parsing.filters import Filter
from parsing.knowledge import named_field, wire_field
from tui.model.bars import Lane, LogBars
from tui.model.entry import Entry, entries, sort_field
from tui.model.page import CHUNK, Rows
from tui.model.question import ScreenQuestion

if TYPE_CHECKING:
    from parsing.index import LogSet, Progress, Snapshot
    from parsing.questions import RowCounts
    from tui.model.options import Options

Cancelled = Callable[[], bool]

FIRST_AFTER, THEN_EVERY = 0.1, 0.4
"""Seconds until the first partial answer, and between later ones."""


def rhythm() -> Callable[[], bool]:
    """Says when a partial answer is wanted."""
    due = time.monotonic() + FIRST_AFTER

    def is_wanted() -> bool:
        nonlocal due
        now = time.monotonic()
        if now < due:
            return False
        due = now + THEN_EVERY
        return True

    return is_wanted


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the cursor should be: on an entry, else at a time, else on a row; with ``at_end`` on the last row."""

    at_end: bool = False
    entry: Entry | None = None
    moment: datetime | None = None
    row: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of a question: where to page, where the cursor goes, and the entries around it."""

    question: ScreenQuestion
    rows: Rows
    row: int
    chunks: dict[int, list[Entry]]
    is_whole: bool


def open_log_set(options: Options) -> LogSet:

    from parsing.index import LogSet

    return LogSet.open(
        options.paths,
        index_dir=options.index_dir,
        cache=options.cache,
        tz=options.log_tz,
        exclude=options.exclude,
        encoding=options.encoding,
    )


def read(log_set: LogSet, on_progress: Callable[[Progress], None], cancelled: Cancelled) -> None:
    log_set.read(on_progress=on_progress, cancelled=cancelled)


POLL = 0.25
"""Seconds between two looks for new rows."""


def follow(log_set: LogSet, cancelled: Cancelled) -> Iterator[None]:
    """Says each time that rows were added, until it is cancelled."""
    pause = threading.Event()
    while not cancelled():
        if log_set.poll(cancelled=cancelled):
            yield
        pause.wait(POLL)


def find(
    snapshot: Snapshot,
    question: ScreenQuestion,
    fields: Sequence[str],
    anchor: Anchor,
    window: int,
    cancelled: Cancelled,
    *,
    partial: bool,
) -> Iterator[Found]:
    """The rows of a question, more of them with each answer when ``partial``; ``window`` rows are shown at once."""
    from parsing.questions import OrderedRows, ask

    where, log, span = question.rows
    wanted = rhythm() if partial else (lambda: False)
    sort = sort_field(question.sort)
    for answer in ask(snapshot, OrderedRows(where, log, span, sort), cancelled=cancelled, every=wanted):
        rows: Rows = answer.value
        row = place(rows, anchor)
        last_top = max(0, rows.count - window)
        numbers = chunks_around(min(max(0, row - window), last_top), min(rows.count, row + window))
        yield Found(question, rows, row, fetch(rows, numbers, fields, cancelled), answer.is_whole)


def place(rows: Rows, anchor: Anchor) -> int:
    """The row on which the cursor goes."""
    last = max(0, rows.count - 1)
    if anchor.at_end or not rows.count:
        return last
    if anchor.entry is not None:
        found = rows.offset_of_row(anchor.entry.source, anchor.entry.line, anchor.entry.time)
        if found is not None:
            return min(found, last)
        return min(rows.offset_of(anchor.entry.time), last)
    return min(rows.offset_of(anchor.moment) if anchor.moment is not None else anchor.row, last)


def chunks_around(first: int, last: int) -> list[int]:
    return list(range(first // CHUNK, max(first, last - 1) // CHUNK + 1))


def fetch(rows: Rows, numbers: Sequence[int], fields: Sequence[str], cancelled: Cancelled) -> dict[int, list[Entry]]:
    """The chunks with these numbers; neighbours are read together."""
    result: dict[int, list[Entry]] = {}
    for first, count in _runs(sorted(numbers)):
        if cancelled():
            break
        found = entries(rows.page(first * CHUNK, count * CHUNK, fields).to_dicts())
        for index in range(count):
            result[first + index] = found[index * CHUNK : (index + 1) * CHUNK]
    return result


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and sum(runs[-1]) == number:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return runs


def raw_line(log_set: LogSet, snapshot: Snapshot, entry: Entry) -> bytes:
    """The exact bytes of a row; raises ``LogError`` where it is gone or its file cannot be read any more."""
    number = {source.name: source.number for source in snapshot.sources}.get(entry.source)
    if number is None:
        raise _gone(entry.source, entry.line)
    return log_set.raw_line(number, entry.line)


def _gone(source: str, line: int) -> UsageError:
    return UsageError("this row is no longer there", where=f"{source}:{line}")


def count(snapshot: Snapshot, where: Filter, cancelled: Cancelled) -> RowCounts:
    """How many rows a filter keeps."""
    from parsing.questions import Count, answer

    return answer(snapshot, Count(where), cancelled)


def hints(snapshot: Snapshot, where: Filter, tz: tzinfo, cancelled: Cancelled) -> tuple[str, ...]:
    """What to say below a filter that is typed: why it keeps nothing, what looks like a mistake; not safe yet."""
    from parsing.filters import time_notes
    from parsing.questions import filter_hints

    return *filter_hints(snapshot, where, tz=tz, cancelled=cancelled), *time_notes(where)


_CLASS_TONES = {"5xx": "error", "4xx": "warn"}
_ENDED_TONES = {"client": "plain", "worker": "error"}
OTHER = "other"


def bars(snapshot: Snapshot, question: ScreenQuestion, room: int, cancelled: Cancelled) -> Iterator[LogBars | None]:
    """Both logs over time, stacked by status class and by who ended it, in at most ``room`` bars; none without rows."""
    from parsing.questions import Histogram, ask

    where, log, span = question.rows
    parts = [
        Histogram(where, buckets=room, span=span, by="status-class", log="iis"),
        Histogram(where, buckets=room, span=span, by="ended-by", log="httperr"),
    ]
    lanes: list[Lane] = []
    for part, tones, default in zip(parts, (_CLASS_TONES, _ENDED_TONES), ("iis", "httperr"), strict=True):
        for answer in ask(snapshot, part, cancelled=cancelled, every=lambda: False):
            counted = answer.value
            if counted.span is None:
                yield None
                return
            names = {default: OTHER} | {tone: kind for kind, tone in tones.items()}
            is_left_out = log not in (None, part.log)
            nothing = ((default, (0,) * counted.table.height),)
            lanes.append(Lane(nothing if is_left_out else _layers(counted, tones, default), names, is_left_out))
            if len(lanes) == len(parts):
                note = "" if answer.is_whole else "not all is read"
                yield LogBars(counted.span[0], counted.every, tuple(lanes), note)


def _layers(counted: Any, tones: dict[str, str], default: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Counts of each tone by bucket, the usual tone at the bottom."""
    size = counted.table.height
    layers: dict[str, list[int]] = {default: [0] * size}
    for tone in tones.values():
        layers.setdefault(tone, [0] * size)
    start = counted.span[0]
    for moment, kind, count in counted.kinds.select("time", "kind", "count").iter_rows():
        layers[tones.get(kind, default)][(moment - start) // counted.every] += count
    return tuple((tone, tuple(counts)) for tone, counts in layers.items())


def row_of(
    snapshot: Snapshot, source: str, line: int, time: datetime, fields: Sequence[str] | None = None
) -> dict[str, Any]:
    """A record by its place, with the fields that are asked for. Raises ``UsageError`` where it is gone."""
    from parsing.filters import both, only
    from parsing.questions import Page, answer

    where = both(only("source", source), only("line", line))
    chosen = None if fields is None else tuple(fields)
    found = answer(snapshot, Page(where, chosen, limit=1, span=(time, time + timedelta(milliseconds=1)))).to_dicts()
    if not found:
        raise _gone(source, line)
    row = found[0]
    for name in fields or ():
        known = named_field(name)
        if known is not None and name not in row:
            row[name] = row.get(known.name)
    return row


def _after(found: Rows, rows: Rows, here: int, by: int) -> int:
    """Which of the rows that were found comes next after, or last before, a row of all in the same order."""

    def offset(place: int) -> int:
        entry = entries(found.page(place, 1, ()).to_dicts())[0]
        known = rows.offset_of_row(entry.source, entry.line, entry.time)
        return -1 if known is None else known

    low, high = 0, found.count
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if offset(middle) > here else (middle + 1, high)
    # ``low`` is the first beyond the row; the one before it may be the row itself.
    if by > 0:
        return low
    return low - 2 if low and offset(low - 1) == here else low - 1


def _having(text: str, snapshot: Snapshot) -> Filter:
    """The rows that have a text in any field; digits may be part of a number too."""
    from parsing.filters import disjunction, parse, quoted, spelled

    fields = map(wire_field, snapshot.field_names if text.isdecimal() and text.isascii() else ())
    numbers = [parse(f"{spelled(field)}~{text}", custom=(field.name,)) for field in fields if field.is_number]
    return disjunction([parse(quoted(text)), *numbers])


def find_text(
    snapshot: Snapshot, question: ScreenQuestion, rows: Rows, text: str, here: int, by: int, cancelled: Cancelled
) -> tuple[int | None, tuple[str, ...]]:
    """The row after (``by`` 1) or before (-1) another that has a text, and in which fields; ``None`` for no row."""
    from parsing.filters import both
    from parsing.questions import OrderedRows, answer

    where, log, span = question.rows
    wanted = both(where, _having(text, snapshot))
    found = answer(snapshot, OrderedRows(wanted, log, span, sort_field(question.sort)), cancelled)
    place = _after(found, rows, here, by)
    if not 0 <= place < found.count:
        return None, ()
    entry = entries(found.page(place, 1).to_dicts())[0]
    folded = text.casefold()
    fields = tuple(name for name, value in entry.values.items() if folded in str(value).casefold())
    return rows.offset_of_row(entry.source, entry.line, entry.time), fields
