"""Segments and rejects as files: writing them in order, joining small ones, taking sources out of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from parsing.errors import IndexStoreError
from parsing.index.snapshot import Log, Segment
from parsing.index.store.records import DictionaryPart, FileKind, StoredFile
from parsing.index.store.stored_files import DAMAGED, HINT, DamagedError, block_times_note, check_file, write_parquet
from parsing.sources.names import natural_key

ROWS = 1_000_000
"""About the most rows of a segment."""

JOINED = 8
"""How many files of about the same size are joined into one."""

BYTES_JOINED = 24 * 2**20
"""About the most bytes of a file that is joined from others; unpacked they take ten times the memory."""

ORDER = ("time", "source", "line")

_PLACE = " place"


@dataclass(frozen=True, slots=True)
class SegmentLayout:
    """What the rows of one segment have in common."""

    log: Log
    fields: tuple[str, ...]
    coded: frozenset[str] = frozenset()
    is_tail: bool = False


@dataclass(slots=True)
class Batch:
    """Rows and rejects that will be committed together, by layout and in the order of their arrival."""

    rows: dict[SegmentLayout, list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))
    rejects: dict[tuple[FileKind, bool], list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))
    height: int = 0
    bytes: int = 0

    def add(self, layout: SegmentLayout, frame: pl.DataFrame) -> None:
        self.rows[layout].append(frame)
        self._weigh(frame)

    def add_rejects(self, frame: pl.DataFrame, kind: FileKind, *, is_tail: bool) -> None:
        self.rejects[kind, is_tail].append(frame)
        self._weigh(frame)

    def _weigh(self, frame: pl.DataFrame) -> None:
        self.height += frame.height
        self.bytes += int(frame.estimated_size())


def write_batch(batch: Batch, folder: Path, numbers: Callable[[int], Sequence[int]]) -> list[StoredFile]:
    """Write a batch as one file for each layout and kind."""
    ids = iter(numbers(len(batch.rows) + len(batch.rejects)))
    files = [write_rows(folder, next(ids), layout, pl.concat(in_time(fs))) for layout, fs in batch.rows.items()]
    for (kind, is_tail), frames in batch.rejects.items():
        files.append(write_rejects(folder, next(ids), pl.concat(frames), kind, is_tail=is_tail))
    return files


def write_rows(folder: Path, number: int, layout: SegmentLayout, frame: pl.DataFrame) -> StoredFile:
    """Write one segment; ``frame`` has the columns of the layout in any order of rows."""
    ordered = _in_order(frame[[*ORDER, *layout.fields]])
    times = ordered["time"]
    first, last = times[0], times[-1]
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        raise DamagedError("a segment without time", where=str(folder))
    name = f"rows-{number}.parquet"
    size, digest = write_parquet(ordered, folder / name, block_times_note(times))
    return StoredFile(
        id=number,
        kind="rows",
        name=name,
        sources=_sources_of(ordered),
        rows=ordered.height,
        bytes=size,
        digest=digest,
        is_tail=layout.is_tail,
        log=layout.log,
        fields=layout.fields,
        coded=layout.coded,
        first=first,
        last=last,
    )


def write_rejects(folder: Path, number: int, frame: pl.DataFrame, kind: FileKind, *, is_tail: bool) -> StoredFile:
    name = f"{kind}-{number}.parquet"
    size, digest = write_parquet(frame.sort("source", "line", maintain_order=True), folder / name)
    return StoredFile(number, kind, name, _sources_of(frame), frame.height, size, digest, is_tail=is_tail)


def write_evidence(folder: Path, number: int, frame: pl.DataFrame) -> StoredFile:
    """Write evidence of one source, in its order."""
    name = f"evidence-{number}.parquet"
    size, digest = write_parquet(frame, folder / name)
    return StoredFile(number, "evidence", name, _sources_of(frame), frame.height, size, digest)


def in_time(frames: Iterable[pl.DataFrame]) -> list[pl.DataFrame]:
    """Frames by the first time of each: those of sources that follow each other are then in order as a whole."""
    return sorted(frames, key=lambda frame: frame["time"][0])


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Logs are all but sorted, so that looking before sorting pays."""
    time, source, line = (pl.col(name) for name in ORDER)
    within = (source > source.shift()) | ((source == source.shift()) & (line > line.shift()))
    later = (time > time.shift()) | ((time == time.shift()) & within)
    return frame if frame.select(later.all()).item() else frame.sort(ORDER)


def _sources_of(frame: pl.DataFrame) -> frozenset[int]:
    return frozenset(frame["source"].unique().to_list())


def layout_of(file: StoredFile) -> SegmentLayout:
    return SegmentLayout(file.log, file.fields, file.coded, file.is_tail)


def segment(file: StoredFile, folder: Path, source_ids: pl.Series | None = None) -> Segment:
    """A stored file as questions see it, with the ids that sources have for them."""
    path = folder / file.name
    return Segment(path, file.log, file.fields, file.coded, file.rows, file.first, file.last, file.digest, source_ids)


def read(file: StoredFile, folder: Path) -> pl.DataFrame:
    """All rows of a stored file; raises ``DamagedError`` when it is not as it was written."""
    path = folder / file.name
    check_file(path, file.digest)
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DamagedError(DAMAGED, where=str(path), hint=HINT) from error


def rejects_in_order(files: Iterable[StoredFile], names: Mapping[int, str], folder: Path) -> Iterator[pl.DataFrame]:
    """Frames of rejects by source, in the order of names, and line; ``names`` are those of the sources by id.

    A source has lines in the file of every commit that read some, so what is read waits until no file can have more
    of its sources. Raises ``DamagedError`` for a file that is not as it was written.
    """
    ids = sorted(names, key=lambda number: natural_key(names[number]))
    places = {number: place for place, number in enumerate(ids)}
    waiting: list[pl.DataFrame] = []
    begins = ((min(places.get(number, 0) for number in file.sources), file.id, file) for file in files if file.sources)
    for begin, _, file in sorted(begins):
        ready = [frame.filter(pl.col(_PLACE) < begin) for frame in waiting]
        yield from _named(ready, names)
        waiting = [frame.filter(pl.col(_PLACE) >= begin) for frame in waiting]
        place = pl.col("source").replace_strict(places, default=0, return_dtype=pl.UInt32)
        waiting = [frame for frame in waiting if frame.height]
        waiting.append(read(file, folder).with_columns(place.alias(_PLACE)))
    yield from _named(waiting, names)


def _named(frames: Iterable[pl.DataFrame], names: Mapping[int, str]) -> Iterator[pl.DataFrame]:
    found = [frame for frame in frames if frame.height]
    if found:
        name = pl.col("source").replace_strict(names, default="", return_dtype=pl.String)
        yield pl.concat(found).sort(_PLACE, "line", maintain_order=True).drop(_PLACE).with_columns(name)


def without_sources(
    files: Iterable[StoredFile], gone: frozenset[int], folder: Path, numbers: Callable[[int], Sequence[int]]
) -> tuple[list[StoredFile], list[StoredFile]]:
    """Files that have to go because they hold lines of ``gone`` sources, and the files that take their place."""
    affected = [file for file in files if file.sources & gone]
    rewritten = [file for file in affected if file.sources - gone]
    new = []
    for file, number in zip(rewritten, numbers(len(rewritten)), strict=True):
        kept = read(file, folder).filter(~pl.col("source").is_in(sorted(gone)))
        if file.kind == "rows":
            new.append(write_rows(folder, number, layout_of(file), kept))
        else:
            new.append(write_rejects(folder, number, kept, file.kind, is_tail=file.is_tail))
    return affected, new


def joinable(files: Iterable[StoredFile], *, at_least: int = JOINED) -> list[list[StoredFile]]:
    """Groups of small files that belong in one: of the same kind and layout, of about the same size, near in time."""
    groups: dict[tuple[str, SegmentLayout, int], list[StoredFile]] = defaultdict(list)
    for file in sorted(files, key=lambda file: (file.first, file.id)):
        if file.kind != "evidence" and file.rows < ROWS // 2 and file.bytes < BYTES_JOINED // 2:
            size = file.rows.bit_length() // 3
            groups[(file.kind, layout_of(file), size)].append(file)
    found = []
    for group in groups.values():
        for run in _runs(group):
            if len(run) >= at_least:
                found.append(run)
    return found


def _runs(group: Sequence[StoredFile]) -> Iterable[list[StoredFile]]:
    run: list[StoredFile] = []
    height = size = 0
    for file in group:
        height, size = height + file.rows, size + file.bytes
        if run and (height > ROWS or size > BYTES_JOINED):
            yield run
            run, height, size = [], file.rows, file.bytes
        run.append(file)
    if run:
        yield run


def join(group: Sequence[StoredFile], folder: Path, number: int) -> StoredFile:
    """One file with the lines of several."""
    frames = pl.concat([read(file, folder) for file in group])
    first = group[0]
    if first.kind == "rows":
        return write_rows(folder, number, layout_of(first), frames)
    return write_rejects(folder, number, frames, first.kind, is_tail=first.is_tail)


def missing(files: Iterable[StoredFile | DictionaryPart], folder: Path) -> frozenset[str]:
    """Names of files that are not there or have another size (a look at the folder, not at their content)."""
    found = set()
    for file in files:
        path = folder / file.name
        try:
            is_there = path.stat().st_size == file.bytes
        except FileNotFoundError:
            is_there = False
        except OSError as error:
            raise IndexStoreError(f"cannot use the index: {error.strerror}", where=str(path)) from error
        if not is_there:
            found.add(file.name)
    return frozenset(found)
