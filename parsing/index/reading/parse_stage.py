"""Second stage of reading: pieces become rows, rejects and counts, and the record of their source moves on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import tzinfo

from parsing.errors import LogError
from parsing.formats.parser import Parser
from parsing.formats.rows import ParsedBlock
from parsing.index.reading.byte_stage import Piece, marks_after
from parsing.index.reading.parsed_rows import Taken
from parsing.index.reading.small_sources import take_together
from parsing.index.store.records import Counts, SourceRecord, Status


class Taker:
    """Parses pieces in the order of their sources and offsets. For one thread.

    ``failed`` are sources of this reading that gave up; further pieces of them are of no use.
    """

    def __init__(self, new_source: Callable[[], int], zone: tzinfo, failed: set[int]) -> None:
        self._new_source = new_source
        self._zone = zone
        self._record: SourceRecord | None = None
        self._task: object = None
        self._parser: Parser | None = None
        self._failed = failed
        self._is_rough = False
        """Whether the last bundle did not fit; then to try the next one as a whole is a waste of time."""

    def take(self, bundle: Sequence[Piece]) -> Iterator[Taken]:
        """The outcome of pieces that were read together; nothing for a source that has failed already."""
        rest = bundle
        fault: Exception | None = None
        if len(bundle) > 1 and not self._is_rough:
            try:
                taken, rest = take_together(bundle, self._zone)
                yield from taken
            except Exception as error:  # noqa: BLE001 taken one by one, only the source at fault fails, with its reason
                fault = error
        self._is_rough = len(bundle) > 1 and not self._is_rough and len(rest) * 2 > len(bundle)
        for piece in rest:
            if piece.task.record.id not in self._failed:
                yield self._take(piece)
        if fault is not None and not any(piece.task.record.id in self._failed for piece in bundle):
            raise fault

    def _take(self, piece: Piece) -> Taken:
        record, replaced = self._begin(piece)
        taken = Taken(replaced=replaced, size=len(piece.data))
        try:
            record = self._parse(piece, record, taken)
        except LogError as error:
            taken, record = self._fail(piece, taken, record, error.reason)
        except Exception as error:  # noqa: BLE001 one file among many must not stop the others
            reason = f"cannot be parsed: {type(error).__name__}: {error}"
            taken, record = self._fail(piece, taken, record, reason)
        taken.records = [record]
        self._record = record
        return taken

    def _begin(self, piece: Piece) -> tuple[SourceRecord, int | None]:
        if self._record is not None and self._task is piece.task:
            return self._record, None
        self._task = piece.task
        record = piece.task.record
        replaced = None
        if piece.is_anew:
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
        self._record = record = replace(
            record, tail=Counts(), tail_layouts=(), unfinished=0, error="", status="partial"
        )
        return record, replaced

    def _parse(self, piece: Piece, record: SourceRecord, taken: Taken) -> SourceRecord:
        if piece.why:
            return replace(record, format="unknown", status="not-a-log", error=piece.why, disk=record.size)
        body, tail = _split(piece)
        if piece.format and piece.format != record.format:
            record = replace(record, format=piece.format)
            self._parser = None
        if len(body):
            can_grow = piece.can_grow or not piece.is_last
            record = self._take_body(body, record, taken, is_last=piece.is_last and not tail, can_grow=can_grow)
        if tail:
            record = self._take_tail(tail, record, taken)
        if piece.error:
            # What could not be read may be readable the next time, although the file looks the same.
            stamp = record.stamp if piece.is_final else ()
            return replace(record, stamp=stamp, disk=record.size, status=_broken_off(record), error=piece.error)
        return replace(record, disk=piece.disk, status="ok" if piece.is_last else "partial")

    def _take_body(
        self, body: bytes, record: SourceRecord, taken: Taken, *, is_last: bool, can_grow: bool
    ) -> SourceRecord:
        if self._parser is None:
            self._parser = Parser(record.format, record.name, record.parser, self._zone)
        first_line = record.counts.lines + 1
        block = self._parser.parse(body, first_line, is_last=is_last, can_grow=can_grow)
        taken.add(record.id, block, record.server)
        taken.milestones.append((record.id, first_line, record.offset + block.skipped))
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

    def _take_tail(self, tail: bytes, record: SourceRecord, taken: Taken) -> SourceRecord:
        """A last line without line end counts as it stands, but reading will go on from before it."""
        parser = Parser(record.format, record.name, record.parser, self._zone)
        block = parser.parse(tail, record.counts.lines + 1, is_last=True)
        taken.add(record.id, block, record.server, is_tail=True)
        unfinished = _waiting(tail, block.consumed)
        notes = tuple(dict.fromkeys([*record.notes, *block.notes]))
        return replace(record, tail=counts_of(block), tail_layouts=block.layouts, unfinished=unfinished, notes=notes)

    def _fail(self, piece: Piece, taken: Taken, record: SourceRecord, reason: str) -> tuple[Taken, SourceRecord]:
        self._failed.add(piece.task.record.id)
        return (
            Taken(replaced=taken.replaced, size=taken.size),
            replace(record, status=_broken_off(record), error=reason),
        )


def _split(piece: Piece) -> tuple[bytes, bytes]:
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
    """Bytes of a line that is not taken yet; padding waits for nothing."""
    rest = data[consumed:]
    return len(rest) if rest.strip(b"\0 \t\r\n") else 0


def _broken_off(record: SourceRecord) -> Status:
    """The status of a source that cannot be read, or not further."""
    return "partial" if record.counts.lines else "failed"
