"""Makes lost files of the index again from the logs, and nothing else of it.

A file knows the ids of its sources. These are read again from their beginning, and of their lines those are stored that
no other file has. Lost values of dictionaries are found by rows that have their codes. A source whose log is not what it
was, or cannot be read, leaves the index: the reading that follows finds it as if it were new, and says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace

import polars as pl

from parsing.errors import CancelledError, SourceError
from parsing.formats.log_locale import LogLocale
from parsing.index.reading.byte_stage import Openings, Task, is_same, pieces
from parsing.index.reading.commit_stage import BYTES_BETWEEN_COMMITS, ENCODERS, ROWS_BETWEEN_COMMITS
from parsing.index.reading.parse_stage import PieceParser, PieceResult
from parsing.index.reading.plan import Key
from parsing.index.snapshot import Log, Progress
from parsing.index.store import segments
from parsing.index.store.dictionaries import Encoder, store_values
from parsing.index.store.records import Change, Counts, DictionaryPart, FileKind, SourceRecord, StoredFile
from parsing.index.store.segments import Batch, SegmentLayout
from parsing.index.store.store import Store
from parsing.index.store.stored_files import check_file
from parsing.sources.discovery import SourceFile
from parsing.sources.stream import open_source

_PLACE = ("source", "line")
_PLACES = {"source": pl.UInt32(), "line": pl.Int64()}
_CODE, _FIRST, _LAST = " code", " first", " last"


class _ChangedSource(Exception):  # noqa: N818
    """The log of a source is not what was read."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass(slots=True)
class Repair:
    """One repair of a store. The caller holds the writer's lock; ``files`` are the sources that are there now."""

    store: Store
    locale: LogLocale
    files: Mapping[Key, SourceFile]
    on_progress: Callable[[Progress], None]
    cancelled: Callable[[], bool]

    def run(self) -> None:
        """Make what is missing again and commit it. Raises ``CancelledError``: then nothing has changed for the worse."""
        self.store.check_files()
        self._leave_to_reading()
        while self.store.missing:
            try:
                if self._missing_parts():
                    self._make_parts()
                else:
                    self._make_files()
            except _ChangedSource as changed:
                self._forget(changed.number)

    def _missing_files(self) -> list[StoredFile]:
        return [file for file in self.store.state.files.values() if file.name in self.store.missing]

    def _missing_parts(self) -> list[DictionaryPart]:
        return [part for part in self.store.state.parts.values() if part.name in self.store.missing]

    def _leave_to_reading(self) -> None:
        """Give up what reading makes again by itself: evidence, and last lines without line end."""
        state = self.store.state
        parts = self._missing_parts()
        lost = self._missing_files()
        lost += [
            file for file in state.files.values() if file.is_tail and any(self._codes(file, part) for part in parts)
        ]
        unknown = {number for file in lost if file.kind == "evidence" for number in file.sources}
        unread = {number for file in lost if file.is_tail for number in file.sources}
        files = state.files.values()
        gone = [file for file in files if file.kind == "evidence" and file.sources & unknown]
        gone += [file for file in lost if file.is_tail]
        if gone:
            records = (state.sources[number] for number in unknown | unread if number in state.sources)
            self._commit(
                Change(sources=[replace(record, stamp=(), evidence=None) for record in records], gone_files=gone)
            )

    def _forget(self, number: int) -> None:
        """Take a source out of the index, with all its lines that are left."""
        files = [file for file in self.store.state.files.values() if number in file.sources]
        lost = [file for file in files if file.name in self.store.missing]
        there = [file for file in files if file.name not in self.store.missing]
        gone, new = segments.without_sources(there, frozenset([number]), self.store.folder, self.store.file_numbers)
        others = [replace(file, sources=file.sources - {number}) for file in lost if file.sources - {number}]
        gone += [file for file in lost if not file.sources - {number}]
        self._commit(Change(gone_sources=[number], gone_files=gone, files=new + others))

    def _commit(self, change: Change) -> None:
        state = self.store.state
        change.done, change.total, change.is_whole = state.done, state.total, False
        self.store.commit(change)

    def _make_parts(self) -> None:
        """Make the missing parts of dictionaries again, with the same codes for the same values."""
        lost = self._missing_parts()
        wanted = {part.id: self._rows_with_codes(part) for part in lost}
        places = [frame for fields in wanted.values() for frame in fields.values()]
        sources = {number for frame in places for number in frame["source"].unique()}
        found: dict[tuple[int, str], list[pl.DataFrame]] = {}
        for result in self._read_again(sources):
            for part, fields in wanted.items():
                for name, rows in fields.items():
                    found.setdefault((part, name), []).extend(_values(result, name, rows))
        made = [self._part(part, {name: found.get((part.id, name), []) for name in part.spans}) for part in lost]
        self._commit(Change(parts=made))

    def _rows_with_codes(self, part: DictionaryPart) -> dict[str, pl.DataFrame]:
        """For each field of a part, a row for each code of it that any row has: ``source``, ``line`` and the code."""
        found = {name: [pl.DataFrame(schema={**_PLACES, _CODE: pl.UInt32()})] for name in part.spans}
        for file in self.store.state.files.values():
            for name, rows in self._codes(file, part).items():
                found[name].append(rows)
        return {
            name: pl.concat(frames).unique(_CODE, keep="first", maintain_order=True) for name, frames in found.items()
        }

    def _codes(self, file: StoredFile, part: DictionaryPart) -> dict[str, pl.DataFrame]:
        """The same of one file, for those fields of which it has codes of the part."""
        found = {}
        for name in part.spans.keys() & file.coded if file.name not in self.store.missing else ():
            start, count = part.spans[name]
            rows = pl.scan_parquet(self.store.folder / file.name).select(*_PLACE, pl.col(name).alias(_CODE))
            rows = rows.filter(pl.col(_CODE).is_between(start, start + count - 1))
            some = rows.unique(_CODE, keep="first", maintain_order=True).collect()
            if some.height:
                found[name] = some
        return found

    def _part(self, part: DictionaryPart, found: Mapping[str, list[pl.DataFrame]]) -> DictionaryPart:
        """A part with the values found. Codes without one are of rows that have left: any value will do for them."""
        values = {}
        for name, (start, count) in part.spans.items():
            codes = pl.DataFrame({_CODE: pl.int_range(start, start + count, dtype=pl.UInt32, eager=True)})
            known = pl.concat([pl.DataFrame(schema={_CODE: pl.UInt32(), name: pl.String()}), *found[name]])
            filled = pl.col(name).fill_null(pl.format("(code {} of no row)", _CODE))
            values[name] = codes.join(known, on=_CODE, how="left", maintain_order="left").select(filled)[name]
        number = self.store.file_numbers(1)[0]
        made = store_values(self.store.folder, number, values, part.spans)
        # Parts are in the order of their ids, so that it keeps its own.
        return replace(made, id=part.id)

    def _make_files(self) -> None:
        """Make the missing files of rows, rejects and damage again."""
        store = self.store
        lost = self._missing_files()
        sources = frozenset[int]().union(*(file.sources for file in lost))
        layouts = {(file.log, file.fields) for file in lost if file.kind == "rows"}
        kinds = {file.kind for file in lost}
        known = self._known_lines(kinds, layouts, sources)
        encoder = Encoder(store.dictionaries, store.state.text_fields)
        batch, made = Batch(), []
        with ThreadPoolExecutor(ENCODERS, thread_name_prefix="encode") as pool:
            for result in self._read_again(sources):
                for rows in result.rows:
                    frame = _not_in(rows.frame, known["rows"]) if (rows.log, rows.fields) in layouts else None
                    if frame is not None and frame.height:
                        text = [name for name in rows.fields if frame.schema[name] == pl.String]
                        encoded, coded = encoder.encode(frame, text, pool)
                        batch.add(SegmentLayout(rows.log, rows.fields, coded), encoded)
                for lines, kind, _ in result.rejects:
                    frame = _not_in(lines, known[kind]) if kind in kinds else None
                    if frame is not None and frame.height:
                        batch.add_rejects(frame, kind, is_tail=False)
                if batch.height >= ROWS_BETWEEN_COMMITS or batch.bytes >= BYTES_BETWEEN_COMMITS:
                    made += segments.write_batch(batch, store.folder, store.file_numbers)
                    batch = Batch()
        made += segments.write_batch(batch, store.folder, store.file_numbers)
        part = encoder.store(store.folder, store.file_numbers(1)[0])
        parts = [part] if part is not None else []
        self._commit(Change(files=made, gone_files=lost, parts=parts, text_fields=encoder.take_text_fields()))

    def _known_lines(
        self, kinds: set[FileKind], layouts: set[tuple[Log, tuple[str, ...]]], sources: frozenset[int]
    ) -> dict[FileKind, pl.DataFrame]:
        """For each kind of file, the lines of some sources that the files have which are left, as ranges of lines."""
        found: dict[FileKind, list[pl.DataFrame]] = {kind: [_ranges(pl.DataFrame(schema=_PLACES))] for kind in kinds}
        found.setdefault("rows", [])
        for file in self.store.state.files.values():
            is_alike = file.kind in kinds and (file.kind != "rows" or (file.log, file.fields) in layouts)
            if is_alike and file.sources & sources and not file.is_tail and file.name not in self.store.missing:
                path = self.store.folder / file.name
                check_file(path, file.digest)
                found[file.kind].append(_ranges(pl.read_parquet(path, columns=list(_PLACE))))
        return {kind: pl.concat(frames).sort(_FIRST) for kind, frames in found.items() if frames}

    def _read_again(self, sources: Iterable[int]) -> Iterator[PieceResult]:
        """What parsing makes of sources as far as they were read, without last lines that had no line end."""
        state = self.store.state
        wanted = sorted(sources)
        left = sum(state.sources[number].size for number in wanted)
        for number in wanted:
            record = state.sources[number]
            self.on_progress(Progress(max(0, state.total - left), state.total, is_whole=False))
            yield from self._source_again(record)
            left -= record.size

    def _source_again(self, record: SourceRecord) -> Iterator[PieceResult]:
        file = self.files.get((record.path, record.member))
        if file is None or not _is_unchanged(file, record):
            raise _ChangedSource(record.id)
        begun = SourceRecord(record.id, record.name, record.path, record.member, record.server, size=record.size)
        parser = PieceParser(self._no_new_source, self.locale, set())
        counts = Counts()
        for piece in pieces(Task(begun, file, is_compared=True), Openings()):
            if self.cancelled():
                raise CancelledError
            for result in parser.parse([piece]):
                known = _up_to(result, record.counts.lines)
                counts += _counted(known)
                yield known
            if result.records[0].counts.lines >= record.counts.lines:
                break
        was = record.counts
        if (counts.rows, counts.rejected, counts.damaged) != (was.rows, was.rejected, was.damaged):
            raise _ChangedSource(record.id)

    def _no_new_source(self) -> int:
        raise AssertionError("a source that is read from its beginning is not replaced")


def _is_unchanged(file: SourceFile, record: SourceRecord) -> bool:
    try:
        with closing(open_source(file)) as stream:
            return is_same(stream, record)
    except (SourceError, OSError):
        return False


def _up_to(result: PieceResult, lines: int) -> PieceResult:
    """What was result of the lines up to one, without tails."""
    is_known = pl.col("line") <= lines
    rows = [replace(rows, frame=rows.frame.filter(is_known)) for rows in result.rows if not rows.is_tail]
    rejects = [(frame.filter(is_known), kind, False) for frame, kind, tail in result.rejects if not tail]
    return PieceResult(result.records, rows, rejects)


def _counted(result: PieceResult) -> Counts:
    def lines(kind: FileKind) -> int:
        return sum(frame["line"].n_unique() for frame, of, _ in result.rejects if of == kind)

    return Counts(
        rows=sum(rows.frame.height for rows in result.rows), rejected=lines("rejects"), damaged=lines("damage")
    )


def _values(result: PieceResult, name: str, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Codes of some rows with their values."""
    for some in result.rows:
        if name in some.fields:
            yield some.frame.select(*_PLACE, name).join(rows, on=_PLACE).select(_CODE, name)


def _ranges(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines as ranges: ``source``, first and last line of each."""
    ordered = lines.sort(_PLACE)
    source, line = (pl.col(name) for name in _PLACE)
    follows = (source == source.shift()) & (line == line.shift() + 1)
    run = (~follows.fill_null(value=False)).cum_sum().alias("run")
    return (
        ordered.group_by("source", run, maintain_order=True)
        .agg(line.min().alias(_FIRST), line.max().alias(_LAST))
        .drop("run")
    )


def _not_in(frame: pl.DataFrame, ranges: pl.DataFrame) -> pl.DataFrame:
    """The rows of a frame whose lines are in none of the ranges, which are in order of their first line."""
    found = frame.sort("line", maintain_order=True).join_asof(
        ranges, left_on="line", right_on=_FIRST, by="source", strategy="backward", check_sortedness=False
    )
    is_new = pl.col(_LAST).is_null() | (pl.col("line") > pl.col(_LAST))
    return found.filter(is_new).select(frame.columns)
