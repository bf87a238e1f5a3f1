"""Second stage of reading: pieces become rows, rejects and counts, and the record of their source moves on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import polars as pl

from parsing.errors import LogError
from parsing.formats.layouts import Layout
from parsing.formats.log_locale import LogLocale
from parsing.formats.parser import Parser, parser_of
from parsing.formats.rows import Log, ParsedBlock
from parsing.formats.small_logs import Beginning, Together, parse_together
from parsing.index.reading.byte_stage import SourcePiece, marks_after
from parsing.index.store.records import Counts, FileKind, Milestone, SourceRecord, Status
from parsing.knowledge.fields import SERVER_NAME

_COMPUTER = "s-computername"

REJECTS_SCHEMA = pl.Schema({"source": pl.UInt32(), "line": pl.Int64(), "why": pl.String(), "text": pl.String()})


@dataclass(frozen=True, slots=True)
class SourceRows:
    """Rows of one layout. ``frame`` has the columns ``time``, ``source`` and ``line``, then the ``fields``."""

    log: Log
    fields: tuple[str, ...]
    frame: pl.DataFrame
    is_tail: bool = False


def with_server(
    log: Log, fields: tuple[str, ...], frame: pl.DataFrame, servers: pl.Series, *, is_tail: bool = False
) -> SourceRows:
    """Rows with the field SERVER_NAME: ``s-computername``, else their ``servers``; without it where neither is known.

    Where only case differs, the folder's spelling counts: rows of Httperr.log have no other name of their server.
    """
    is_logged = _COMPUTER in fields
    if not is_logged and servers.null_count() == len(servers):
        return SourceRows(log, fields, frame, is_tail)
    folder = servers.alias(SERVER_NAME)
    if is_logged:
        computer = frame[_COMPUTER]
        is_folder = (computer.str.to_lowercase() == folder.str.to_lowercase()).fill_null(value=False)
        folder = pl.DataFrame({"computer": computer.set(is_folder, None), "folder": folder}).select(
            pl.coalesce("computer", "folder").alias(SERVER_NAME)
        )[SERVER_NAME]
    return SourceRows(log, (*fields, SERVER_NAME), frame.with_columns(folder), is_tail)


@dataclass(slots=True)
class PieceResult:
    """What came of a piece, or of several small sources. ``rejects`` are frames, of which kind, and whether they are of a tail.

    ``replaced`` is the id of a source whose rows have to go, since the file is another; ``size`` the bytes taken.
    """

    records: list[SourceRecord] = field(default_factory=list)
    rows: list[SourceRows] = field(default_factory=list)
    rejects: list[tuple[pl.DataFrame, FileKind, bool]] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    replaced: int | None = None
    size: int = 0

    def add(self, number: int, block: ParsedBlock, server: str, *, is_tail: bool = False) -> None:
        """The rows and rejects of a block of a source, whose folder is that of ``server``."""
        for section in block.sections:
            if section.frame.height:
                source = pl.Series("source", [number], dtype=pl.UInt32).new_from_index(0, section.frame.height)
                time, line, *values = section.frame.get_columns()
                frame = pl.DataFrame([time, source, line, *values])
                servers = pl.Series([server or None], dtype=pl.String).new_from_index(0, frame.height)
                self.rows.append(with_server(section.log, section.fields, frame, servers, is_tail=is_tail))
        kinds: tuple[tuple[FileKind, pl.DataFrame], ...] = (("rejects", block.rejects), ("damage", block.damage))
        for kind, lines in kinds:
            if lines.height:
                named = lines.select(pl.lit(number, pl.UInt32).alias("source"), "line", "why", "text")
                self.rejects.append((named.cast(REJECTS_SCHEMA), kind, is_tail))


_WHEN = 19
"""Bytes of the date and time that a row begins with."""


class _Begun(NamedTuple):
    """A source whose directives have been read."""

    piece: SourcePiece
    parser: Parser
    beginning: Beginning

    def first_moment(self) -> bytes:
        return self.piece.data[self.beginning.start : self.beginning.start + _WHEN]


def parse_small(bundle: Sequence[SourcePiece], locale: LogLocale) -> tuple[list[PieceResult], list[SourcePiece]]:
    """The results of small sources by their layout, in the order of time; and those to be parsed one by one instead."""
    results: list[PieceResult] = []
    apart: list[SourcePiece] = []
    alike: dict[tuple[Layout, bool], list[_Begun]] = {}
    for piece in bundle:
        parser = parser_of(locale, piece.format, piece.task.record.name, piece.parser)
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
            results.append(_small_result(sources, rows))
    return results, apart


def _small_result(sources: Sequence[_Begun], together: Together) -> PieceResult:
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
    return PieceResult(
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
        opening=piece.opening,
    )


@dataclass(slots=True)
class PieceParser:
    """Parses pieces in the order of their sources and offsets. For one thread.

    ``failed`` are sources of this reading that gave up; further pieces of them are of no use.
    """

    _new_source: Callable[[], int]
    _locale: LogLocale
    _failed: set[int]
    _record: SourceRecord | None = None
    _task: object = None
    _parser: Parser | None = None
    _first_state: Mapping[str, Any] | None = None
    _is_rough: bool = False
    """Whether the last bundle did not fit; then to try the next one as a whole is a waste of time."""

    def parse(self, bundle: Sequence[SourcePiece]) -> Iterator[PieceResult]:
        """The outcome of pieces that were read together; nothing for a source that has failed already."""
        rest = bundle
        fault: Exception | None = None
        if len(bundle) > 1 and not self._is_rough:
            try:
                results, rest = parse_small(bundle, self._locale)
                yield from results
            except Exception as error:  # noqa: BLE001 parsed one by one, only the source at fault fails, with its reason
                fault = error
        self._is_rough = len(bundle) > 1 and not self._is_rough and len(rest) * 2 > len(bundle)
        for piece in rest:
            if piece.task.record.id not in self._failed:
                yield self._parse_piece(piece)
        if fault is not None and not any(piece.task.record.id in self._failed for piece in bundle):
            raise fault

    def _parse_piece(self, piece: SourcePiece) -> PieceResult:
        record, replaced = self._begin(piece)
        result = PieceResult(replaced=replaced, size=len(piece.data))
        try:
            record = self._parse(piece, record, result)
        except LogError as error:
            result, record = self._fail(piece, result, record, error.reason)
        except Exception as error:  # noqa: BLE001 one file among many must not stop the others
            reason = f"cannot be parsed: {type(error).__name__}: {error}"
            result, record = self._fail(piece, result, record, reason)
        result.records = [record]
        self._record = record
        return result

    def _begin(self, piece: SourcePiece) -> tuple[SourceRecord, int | None]:
        if self._record is not None and self._task is piece.task:
            return self._record, None
        self._task = piece.task
        record = piece.task.record
        replaced = None
        if piece.is_replaced:
            replaced = record.id
            record = SourceRecord(
                self._new_source(),
                record.name,
                record.path,
                record.member,
                record.server,
                size=record.size,
                stamp=record.stamp,
            )
        self._parser = None
        opening = piece.opening or record.opening
        self._record = record = replace(
            record, tail=Counts(), tail_layouts=(), unfinished=0, error="", status="partial", opening=opening
        )
        return record, replaced

    def _parse(self, piece: SourcePiece, record: SourceRecord, result: PieceResult) -> SourceRecord:
        if piece.why:
            return replace(record, format="unknown", status="not-a-log", error=piece.why, disk=record.size)
        body, tail = _split(piece)
        self._first_state = piece.parser
        if piece.format and piece.format != record.format:
            record = replace(record, format=piece.format)
            self._parser = None
        if len(body):
            can_grow = piece.can_grow or not piece.is_last
            record = self._parse_body(body, record, result, is_last=piece.is_last and not tail, can_grow=can_grow)
        if tail:
            record = self._parse_tail(tail, record, result)
        if piece.error:
            # What could not be read may be readable the next time, although the file looks the same.
            stamp = record.stamp if piece.is_final else ()
            return replace(record, stamp=stamp, disk=record.size, status=_broken_off(record), error=piece.error)
        return replace(record, disk=piece.disk, status="ok" if piece.is_last else "partial")

    def _parse_body(
        self, body: bytes, record: SourceRecord, result: PieceResult, *, is_last: bool, can_grow: bool
    ) -> SourceRecord:
        if self._parser is None:
            self._parser = parser_of(self._locale, record.format, record.name, record.parser or self._first_state)
        first_line = record.counts.lines + 1
        block = self._parser.parse(body, first_line, is_last=is_last, can_grow=can_grow)
        result.add(record.id, block, record.server)
        result.milestones.append((record.id, first_line, record.offset + block.skipped))
        consumed = memoryview(body)[: block.consumed]
        return replace(
            record,
            offset=record.offset + block.consumed,
            unfinished=_waiting(body, block.consumed),
            parser=self._parser.state,
            counts=record.counts + counts_of(block),
            layouts=tuple(dict.fromkeys([*record.layouts, *block.layouts])),
            notes=tuple(dict.fromkeys([*record.notes, *block.notes])),
            marks=marks_after(record.marks, consumed) if len(consumed) else record.marks,
        )

    def _parse_tail(self, tail: bytes, record: SourceRecord, result: PieceResult) -> SourceRecord:
        """A last line without line end counts as it stands, but reading will go on from before it."""
        parser = parser_of(self._locale, record.format, record.name, record.parser or self._first_state)
        block = parser.parse(tail, record.counts.lines + 1, is_last=True)
        result.add(record.id, block, record.server, is_tail=True)
        unfinished = _waiting(tail, block.consumed)
        notes = tuple(dict.fromkeys([*record.notes, *block.notes]))
        return replace(record, tail=counts_of(block), tail_layouts=block.layouts, unfinished=unfinished, notes=notes)

    def _fail(
        self, piece: SourcePiece, result: PieceResult, record: SourceRecord, reason: str
    ) -> tuple[PieceResult, SourceRecord]:
        self._failed.add(piece.task.record.id)
        return (
            PieceResult(replaced=result.replaced, size=result.size),
            replace(record, status=_broken_off(record), error=reason),
        )


def _split(piece: SourcePiece) -> tuple[bytes, bytes]:
    """The whole lines of a piece and the last line without line end. Only a file that cannot grow has no such tail."""
    if not piece.is_last or not piece.can_grow or piece.data.endswith(b"\n"):
        return piece.data, b""
    cut = piece.data.rfind(b"\n") + 1
    return piece.data[:cut], piece.data[cut:]


def counts_of(block: ParsedBlock) -> Counts:
    return Counts(
        block.lines, block.rows, block.directives, block.blank, block.rejected, block.damaged, block.first, block.last
    )


def _waiting(data: bytes, consumed: int) -> int:
    """Bytes of a line that is not parsed yet; padding does not count."""
    rest = data[consumed:]
    return len(rest) if rest.strip(b"\0 \t\r\n") else 0


def _broken_off(record: SourceRecord) -> Status:
    """The status of a source that cannot be read, or not further."""
    return "partial" if record.counts.lines else "failed"
