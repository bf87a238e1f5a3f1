"""Small whole sources taken together, those of one layout in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import NamedTuple

import polars as pl

from parsing.formats.layouts import Layout
from parsing.formats.parser import Parser
from parsing.formats.small_logs import Beginning, Together, parse_together
from parsing.index.reading.byte_stage import Piece, marks_after
from parsing.index.reading.parsed_rows import Taken, with_server
from parsing.index.store.records import Counts, SourceRecord

_WHEN = 19
"""Bytes of the date and time that a row begins with."""


class _Begun(NamedTuple):
    """A source whose directives have been read."""

    piece: Piece
    parser: Parser
    beginning: Beginning

    def first_moment(self) -> bytes:
        return self.piece.data[self.beginning.start : self.beginning.start + _WHEN]


def take_together(bundle: Sequence[Piece], zone: tzinfo) -> tuple[list[Taken], list[Piece]]:
    """The outcome of small sources by their layout, in the order of time; and those to be taken one by one instead."""
    taken: list[Taken] = []
    apart: list[Piece] = []
    alike: dict[tuple[Layout, bool], list[_Begun]] = {}
    for piece in bundle:
        parser = Parser(piece.format, piece.task.record.name, tz=zone)
        beginning = parser.begin(piece.data)
        if beginning is None:
            apart.append(piece)
        else:
            has_server = bool(piece.task.record.server)
            alike.setdefault((beginning.layout, has_server), []).append(_Begun(piece, parser, beginning))
    for (layout, _), sources in alike.items():
        sources.sort(key=_Begun.first_moment)
        logs = [(source.piece.data, source.beginning) for source in sources]
        rows = parse_together(layout, logs) if len(logs) > 1 else None
        if rows is None:
            apart.extend(source.piece for source in sources)
        else:
            taken.append(_taken(sources, rows))
    return taken, apart


def _taken(sources: Sequence[_Begun], together: Together) -> Taken:
    section = together.section
    numbers = [source.piece.task.record.id for source in sources]
    source = _repeated(pl.Series("source", numbers, dtype=pl.UInt32), together.heights)
    names = [begun.piece.task.record.server or None for begun in sources]
    servers = _repeated(pl.Series(names, dtype=pl.String), together.heights)
    time, line, *values = section.frame.get_columns()
    frame = pl.DataFrame([time, source, line, *values])
    records = []
    for begun, height, (first, last) in zip(sources, together.heights, together.spans, strict=True):
        lines = begun.beginning.lines
        counts = Counts(lines=lines + height, rows=height, directives=lines, first=first, last=last)
        records.append(_record(begun, counts, section.layout))
    return Taken(
        records,
        [with_server(section.log, section.fields, frame, servers)],
        milestones=[(number, 1, 0) for number in numbers],
        size=sum(len(source.piece.data) for source in sources),
    )


def _repeated(values: pl.Series, heights: Sequence[int]) -> pl.Series:
    return pl.concat(values.new_from_index(place, height) for place, height in enumerate(heights))


def _record(source: _Begun, counts: Counts, layout: tuple[str, ...]) -> SourceRecord:
    piece = source.piece
    return replace(
        piece.task.record,
        format=piece.format,
        status="ok",
        error="",
        marks=marks_after(None, piece.data),
        offset=len(piece.data),
        disk=piece.disk,
        parser=source.parser.state,
        counts=counts,
        tail=Counts(),
        unfinished=0,
        layouts=(layout,),
        tail_layouts=(),
    )
