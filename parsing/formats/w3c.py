"""W3C extended logs of IIS and HTTP.sys: directives, sections, and the entries under them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from typing import Any

import polars as pl

from parsing.formats import clock
from parsing.formats.columns import Fitted, careful_columns, damage_frame, fast_columns
from parsing.formats.layouts import HEADERLESS, MOST_FIELDS, Layout, declared_layout, headerless_layouts
from parsing.formats.lines import PIECE, Sifted, careful_pieces, line_text, pieces, reject_frame, sift, spans
from parsing.formats.rows import GUESSED, LOCAL_AS_UTC, Log, ParsedRows, PieceRows
from parsing.formats.small_logs import Beginning

MOST_LAYOUTS = 100
"""Different ``#Fields`` in one source; a real one has a handful, and each becomes columns of its own."""

_MOST_PEELED = 64
_LONGEST_FIELDS = 1 << 18


@dataclass(slots=True)
class _Sections:
    """The sections of a piece, one for each directive that matters.

    ``starts`` are the rows (among the piece's lines) after which they begin, ``layouts`` the number of their layout in
    ``known``, and ``given`` how many of the dates ``declared`` stand before their entries.
    """

    known: list[Layout | None]
    starts: list[int] = field(default_factory=lambda: [-1])
    layouts: list[int] = field(default_factory=lambda: [0])
    given: list[int] = field(default_factory=lambda: [0])
    declared: list[tuple[date, int | None]] = field(default_factory=list)


class W3c:
    """What a W3C log carries from piece to piece: the layout in force and the day."""

    def __init__(self, log: Log, name: str, state: Mapping[str, Any], zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._log = log
        self._software = str(state.get("software", ""))
        self._fields: str | None = state.get("fields")
        self._seen: list[str] = list(state.get("seen", ()))
        self._layout = self._declared()
        carried = state.get("day")
        self._day = clock.DayCarry.restored(carried) if carried else clock.DayCarry(clock.named_date(name))
        self._back = clock.ClockBack(state.get("back"))
        self._is_rough = False
        """Whether most of the last block did not fit; then to try the next one as a whole is a waste of time."""

    @property
    def state(self) -> dict[str, Any]:
        return {
            "software": self._software,
            "fields": self._fields,
            "seen": list(self._seen),
            "day": self._day.state,
        } | ({"back": self._back.state} if self._back.state else {})

    def is_complete(self, line: str) -> bool:
        """Whether a line that may still be growing has all its fields."""
        width = len(self._layout.columns) if self._layout else min(len(layout.columns) for layout in HEADERLESS)
        return len(line.split()) >= width

    def parse(self, data: bytes, first_line: int) -> list[PieceRows]:
        """Rows of whole lines: all at once if they fit the layout, else piece by piece, and with care where needed."""
        head, start = self._head(data)
        parts = [head] if head.lines else []
        if start == len(data):
            return parts
        line = first_line + head.lines
        has_long_line = any(end - begin > PIECE for begin, end in spans(data, PIECE, start))
        fast = None if self._is_rough or has_long_line else self._fast(data, line, start, head.lines)
        if fast is not None:
            return [*parts, fast]
        return parts + self._by_pieces(data, start, line)

    def begin(self, data: bytes) -> Beginning | None:
        """Takes the directives at the start of a whole log; None where its rows cannot be parsed with those of others."""
        head, start = self._head(data)
        layout = self._layout
        if (
            layout is None
            or layout.fault
            or layout.is_quoted
            or layout.is_local
            or layout.columns[0] != "date"
            or start == len(data)
        ):
            return None
        return Beginning(layout, start, head.lines)

    def _by_pieces(self, data: bytes, start: int, line: int) -> list[PieceRows]:
        parts: list[PieceRows] = []
        rough = count = 0
        for count, piece in enumerate(pieces(data, start=start), 1):
            is_likely = rough * 2 < count and len(piece) <= PIECE and len(piece) < len(data) - start
            fast = self._fast(piece, line) if is_likely else None
            rough += fast is None
            new = [fast] if fast is not None else self._with_care(piece, line)
            line += sum(part.lines for part in new)
            parts += new
        self._is_rough = rough * 2 > count
        return parts

    def _with_care(self, data: bytes, line: int) -> list[PieceRows]:
        parts = []
        for piece in careful_pieces(data):
            parts.append(self._careful(piece, line))
            line += parts[-1].lines
        return parts

    def _head(self, data: bytes) -> tuple[PieceRows, int]:
        """Directives at the start of a piece, and where they end."""
        count = start = 0
        while data.startswith(b"#", start) and count < _MOST_PEELED:
            end = data.find(b"\n", start) + 1 or len(data)
            given = self._obey(line_text(data[start:end]))
            if given is not None:
                self._day = clock.DayCarry(given[0], 0, given[1])
            start, count = end, count + 1
        return PieceRows(lines=count, directives=count), start

    def _obey(self, directive: str) -> tuple[date, int | None] | None:
        """Takes note of a directive; the date, if it gives one."""
        word, _, rest = directive.partition(":")
        match word.lower():
            case "#fields":
                self._fields = directive if len(directive) <= _LONGEST_FIELDS else "#Fields:" + " x" * (MOST_FIELDS + 1)
                self._layout = self._declared()
            case "#software":
                self._software = rest.strip()[:200]
                self._layout = self._declared()
            case "#date":
                return clock.declared_date(directive)
        return None

    def _declared(self) -> Layout | None:
        if self._fields is None:
            return None
        layout = declared_layout(self._fields, self._software, self._log)
        mark = hashlib.blake2b(repr(layout.columns).encode(), digest_size=8).hexdigest()
        if layout.fault or mark in self._seen:
            return layout
        if len(self._seen) >= MOST_LAYOUTS:
            return Layout(layout.log, (), fault=f"its source has more than {MOST_LAYOUTS} different #Fields")
        self._seen.append(mark)
        return layout

    def _fast(self, data: bytes, first_line: int, start: int = 0, skip: int = 0) -> PieceRows | None:
        """The rows from ``start`` on, which is behind ``skip`` lines; None unless every line is a row without fault."""
        layout = self._layout
        if layout is None or layout.fault or layout.is_quoted or layout.is_local:
            return None
        frame = fast_columns(data, layout, start, skip)
        if frame is None:
            return None
        clocks = clock.time_of_day(pl.col("time"))
        if layout.has_date:
            times = frame.select(clock.moment(clock.any_date(pl.col("date")), clocks).alias("time"))["time"]
            if not clock.are_usable(times):
                return None
        else:
            of_day = frame.select(clock.milliseconds(clocks).alias("clock"))["clock"]
            if of_day.null_count() or self._day.base is None:
                return None
            times = self._carried(of_day, pl.repeat(0, len(of_day), dtype=pl.UInt32, eager=True), [])
            if times.null_count():
                return None
        lines = pl.int_range(first_line, first_line + frame.height, dtype=pl.Int64, eager=True)
        columns = dict(zip(frame.columns, frame.get_columns(), strict=True))
        rows = pl.DataFrame([times, lines.alias("line"), *(columns[name] for name in layout.fields)])
        return PieceRows([ParsedRows(layout.log, layout.fields, rows, layout.columns)], lines=frame.height)

    def _carried(self, clocks: pl.Series, given: pl.Series, declared: list[tuple[date, int | None]]) -> pl.Series:
        """Times of rows without a date column, from their times of day."""
        days = self._day.days(pl.DataFrame({"clock": clocks, "given": given}), declared)
        return (days.cast(pl.Datetime("ms")) + clocks.cast(pl.Duration("ms"))).alias("time")

    def _careful(self, data: bytes, first_line: int) -> PieceRows:
        sifted = sift(data, first_line)
        sections = self._sections(sifted)
        entries = sifted.entries
        section = pl.Series(sections.starts, dtype=pl.Int64).search_sorted(entries["row"], "left") - 1
        entries = entries.with_columns(
            pl.Series(sections.layouts, dtype=pl.UInt32).gather(section).alias("layout"),
            pl.Series(sections.given, dtype=pl.UInt32).gather(section).alias("given"),
        )
        piece = PieceRows([], [sifted.rejects], sifted.lines, sifted.directives, sifted.blank)
        fitted = self._fitted(entries, sections, piece)
        dateless = [(layout, each) for layout, each in fitted if not layout.has_date]
        moments = clock.moment(clock.calendar_date(pl.col("date")), clock.precise_time_of_day(pl.col("time")))
        for layout, each in fitted:
            if layout.has_date:
                times = each.columns.select(moments.alias("time"))["time"]
                if layout.is_local:
                    times = clock.to_utc(times, self._zone, self._back)
                    piece.notes += [LOCAL_AS_UTC] if self._zone is UTC else self._back.notes
                _add(piece, layout, each, times, "no usable date and time")
        if not dateless and not sections.declared:
            return piece
        for (layout, each), times in zip(dateless, self._dateless(dateless, sections), strict=True):
            _add(piece, layout, each, times, "no usable time, or no #Date before it nor a date in the file's name")
        return piece

    def _sections(self, sifted: Sifted) -> _Sections:
        sections = _Sections([self._layout])
        numbers: dict[Layout | None, int] = {self._layout: 0}
        for row, text in sifted.obeyed.iter_rows():
            given = self._obey(text)
            if given is not None:
                sections.declared.append(given)
            number = numbers.setdefault(self._layout, len(sections.known))
            if number == len(sections.known):
                sections.known.append(self._layout)
            sections.starts.append(row)
            sections.layouts.append(number)
            sections.given.append(len(sections.declared))
        return sections

    def _fitted(self, entries: pl.DataFrame, sections: _Sections, piece: PieceRows) -> list[tuple[Layout, Fitted]]:
        """Entries by layout, as columns; those that fit none are added to the piece's rejects."""
        fitted = []
        for (number,), part in entries.partition_by("layout", as_dict=True, maintain_order=True).items():
            layout = sections.known[number]
            if layout is None:
                found, rejects = headerless_layouts(part)
                if found:
                    piece.notes.append(GUESSED)
            elif layout.fault:
                found, rejects = [], part.with_columns(pl.lit(layout.fault).alias("why"))
            else:
                found, rejects = [(layout, part)], part.clear().with_columns(pl.lit("").alias("why"))
            piece.rejects.append(reject_frame(rejects))
            for each, rows in found:
                columns = careful_columns(rows, each)
                piece.rejects.append(reject_frame(columns.rejects))
                fitted.append((each, columns))
        return fitted

    def _dateless(self, dateless: list[tuple[Layout, Fitted]], sections: _Sections) -> list[pl.Series]:
        """Times of the rows of sections without a date column, which follow one another through all of them."""
        clocks = [
            each.columns.select(clock.milliseconds(clock.precise_time_of_day(pl.col("time"))).alias("clock"))["clock"]
            for _, each in dateless
        ]
        table = pl.concat(
            [
                pl.DataFrame(
                    {
                        "line": each.entries["line"],
                        "given": each.entries["given"],
                        "clock": of_day,
                        "part": pl.repeat(number, len(of_day), dtype=pl.UInt32, eager=True),
                    }
                )
                for number, ((_, each), of_day) in enumerate(zip(dateless, clocks, strict=True))
            ]
            or [pl.DataFrame(schema={"line": pl.Int64, "given": pl.UInt32, "clock": pl.Int64, "part": pl.UInt32})]
        ).sort("line")
        timed = table.filter(pl.col("clock").is_not_null())
        times = self._carried(timed["clock"], timed["given"], sections.declared)
        timed = timed.select("line", times)
        joined = table.join(timed, on="line", how="left", maintain_order="left")
        return [joined.filter(pl.col("part") == number)["time"] for number in range(len(dateless))]


def _add(piece: PieceRows, layout: Layout, fitted: Fitted, times: pl.Series, why: str) -> None:
    """Adds the rows that have a time to the piece, and the others to its rejects."""
    rows = fitted.columns.select(times, fitted.entries["line"], *(pl.col(name) for name in layout.fields))
    is_row = times.is_not_null()
    if times.null_count():
        piece.rejects.append(reject_frame(fitted.entries.filter(~is_row).with_columns(pl.lit(why).alias("why"))))
        rows = rows.filter(is_row)
    piece.damage.append(damage_frame(fitted.damage, fitted.entries["line"], is_row))
    piece.sections.append(ParsedRows(layout.log, layout.fields, rows, layout.columns))
