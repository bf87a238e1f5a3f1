"""Third stage of reading: rows get their codes, gather to segments, and are committed together with their sources."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

import polars as pl

from parsing.formats.log_locale import LogLocale
from parsing.index.reading.byte_stage import BLOCK, SourcePiece, bundles
from parsing.index.reading.channel import Channel, Closed
from parsing.index.reading.parse_stage import PieceParser, PieceResult
from parsing.index.reading.plan import Plan
from parsing.index.snapshot import Log, Progress
from parsing.index.store import segments
from parsing.index.store.dictionaries import Encoder, join_parts, joinable_parts
from parsing.index.store.records import Change, SourceRecord, StoredFile
from parsing.index.store.segments import Batch, SegmentLayout, in_time
from parsing.index.store.store import Store

SECONDS_BETWEEN_COMMITS = 2.0
"""The longest time for which what was read is not yet committed; the first commits come much sooner."""

ROWS_BETWEEN_COMMITS = segments.ROWS - 100_000
"""Rows that make a segment; a block more may be added to them."""

BYTES_BETWEEN_COMMITS = 128 * 2**20
"""Memory that rows and rejects may take until they are committed: long text makes for shorter segments.

Half as much may wait for its codes.
"""

ROWS_ENCODED = 100_000
"""Rows for which a turn of the encoder pays."""

PARSERS = 2
"""Threads that parse: Polars divides a large block between the processors, but small files only keep one busy each."""

ENCODERS = 2
"""Threads that encode columns."""

BYTES_WAITING = 4 * BLOCK
"""Bytes that may wait between two stages."""

_CANCEL_SECONDS = 0.05

SECONDS_AFTER_INTERRUPT = 0.5
"""How long Ctrl+C waits for a thread that reads: one that waits for a dead share never ends, and dies with the process."""


class Ingest:
    """One reading of all that is unread in a log set. The caller holds the writer's lock."""

    def __init__(
        self,
        store: Store,
        encoder: Encoder,
        locale: LogLocale,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._on_progress = on_progress
        self._cancelled = cancelled
        self._locale = locale
        self._failed: set[int] = set()
        self._pool = ThreadPoolExecutor(ENCODERS, thread_name_prefix="encode")
        self._batch = Batch()
        self._plain: dict[tuple[Log, tuple[str, ...], bool], list[pl.DataFrame]] = {}
        self._plain_rows = 0
        self._plain_bytes = 0
        self._records: dict[int, SourceRecord] = {}
        self._replaced: set[int] = set()
        self._milestones: list[tuple[int, int, int]] = []
        self._committed_at = time.monotonic()
        self._wait = 0.0

    def run(self, plan: Plan) -> bool:
        """Read what the plan says; false when it was cancelled. What was read until then is committed.

        Sources that may have the content of another are left waiting in ``plan.openings``.
        """
        self._register(plan)
        with self._pool:
            is_whole = self._read(plan) if plan.tasks else True
            self._records.update({record.id: record for record in plan.still_not_logs})
            self._commit(is_whole=is_whole and not plan.openings.waiting)
        if is_whole and plan.tasks:
            join_small(self._store, self._cancelled, is_thorough=self._wait >= SECONDS_BETWEEN_COMMITS)
        return is_whole

    def _register(self, plan: Plan) -> None:
        """Show new sources before they are read, and take out those that have left."""
        gone = frozenset(plan.gone)
        change = Change(sources=plan.new + plan.renamed, gone_sources=plan.gone)
        change.gone_files, change.files = self._without(gone, frozenset())
        if change.sources or gone:
            self._put(change, is_whole=not plan.tasks)

    def _read(self, plan: Plan) -> bool:
        raw = [Channel[list[SourcePiece]](BYTES_WAITING // PARSERS, _weight) for _ in range(PARSERS)]
        parsed = Channel[PieceResult](BYTES_WAITING, lambda result: result.size, putters=PARSERS)
        stages = [Thread(target=self._read_pieces, args=(plan, raw), name="read", daemon=True)]
        stages += [Thread(target=self._parse, args=(channel, parsed), name="parse", daemon=True) for channel in raw]
        for stage in stages:
            stage.start()
        patience: float | None = None
        try:
            return self._gather(parsed)
        except KeyboardInterrupt:
            patience = SECONDS_AFTER_INTERRUPT
            raise
        finally:
            parsed.abandon()
            for channel in raw:
                channel.abandon()
            for stage in stages:
                stage.join(patience)

    def _read_pieces(self, plan: Plan, raw: list[Channel[list[SourcePiece]]]) -> None:
        """Put the pieces of each source into the same channel, and the sources or bundles of small ones by turns."""
        error: BaseException | None = None
        try:
            for number, bundle in bundles(plan.tasks, self._failed, plan.openings):
                raw[number % len(raw)].put(bundle)
        except Closed:
            pass
        except BaseException as caught:  # noqa: BLE001 handed over to the thread that waits
            error = caught
        for channel in raw:
            channel.finish(error)

    def _parse(self, raw: Channel[list[SourcePiece]], parsed: Channel[PieceResult]) -> None:
        parser = PieceParser(self._new_source, self._locale, self._failed)
        error: BaseException | None = None
        try:
            for bundle in raw:
                for result in parser.parse(bundle):
                    parsed.put(result)
        except Closed:
            pass
        except BaseException as caught:  # noqa: BLE001 handed over to the thread that waits
            error = caught
        parsed.finish(error)

    def _new_source(self) -> int:
        return self._store.source_numbers(1)[0]

    def _gather(self, parsed: Channel[PieceResult]) -> bool:
        while not self._cancelled():
            try:
                result = parsed.get(_CANCEL_SECONDS)
            except Closed:
                return True
            if result is not None:
                self._add(result)
            if self._is_due():
                self._commit(is_whole=False)
        return False

    def _is_due(self) -> bool:
        if not self._records:
            return False
        if self._batch.height + self._plain_rows >= ROWS_BETWEEN_COMMITS or self._batch.bytes >= BYTES_BETWEEN_COMMITS:
            return True
        return time.monotonic() - self._committed_at >= self._wait

    def _add(self, result: PieceResult) -> None:
        for rows in result.rows:
            self._plain.setdefault((rows.log, rows.fields, rows.is_tail), []).append(rows.frame)
            self._plain_rows += rows.frame.height
            self._plain_bytes += int(rows.frame.estimated_size())
            if self._plain_rows >= ROWS_ENCODED or self._plain_bytes >= BYTES_BETWEEN_COMMITS // 2:
                self._encode()
        for lines, kind, is_tail in result.rejects:
            self._batch.add_rejects(lines, kind, is_tail=is_tail)
        if result.replaced is not None:
            self._replaced.add(result.replaced)
        self._records.update({record.id: record for record in result.records})
        self._milestones.extend(result.milestones)

    def _encode(self) -> None:
        """Give codes to the rows that wait for them, those of many small sources at once."""
        for (log, fields, is_tail), frames in self._plain.items():
            ordered = in_time(frames)
            frame = pl.concat(ordered)
            text = [name for name in fields if frame.schema[name] == pl.String]
            encoded, coded = self._encoder.encode(frame, text, self._pool)
            # Apart again: sources that are read side by side arrive in no order, but each of them is in order itself.
            start = 0
            for each in ordered:
                self._batch.add(SegmentLayout(log, fields, coded, is_tail), encoded.slice(start, each.height))
                start += each.height
        self._plain.clear()
        self._plain_rows = self._plain_bytes = 0

    def _commit(self, *, is_whole: bool) -> None:
        if not self._records and is_whole == self._store.state.is_whole:
            return
        self._encode()
        change = Change(
            sources=list(self._records.values()), gone_sources=sorted(self._replaced), milestones=self._milestones
        )
        with_tail = {number for number in self._records if self._had_tail(number)}
        change.gone_files, change.files = self._without(frozenset(self._replaced), frozenset(with_tail))
        change.files += segments.write_batch(self._batch, self._store.folder, self._store.file_numbers)
        part = self._encoder.store(self._store.folder, self._store.file_numbers(1)[0])
        change.parts = [part] if part is not None else []
        change.text_fields = self._encoder.take_text_fields()
        self._put(change, is_whole=is_whole)
        self._batch = Batch()
        self._records, self._replaced, self._milestones = {}, set(), []
        self._committed_at = time.monotonic()
        self._wait = min(SECONDS_BETWEEN_COMMITS, max(0.25, self._wait * 2))

    def _had_tail(self, number: int) -> bool:
        record = self._store.state.sources.get(number)
        return record is not None and record.tail.lines > 0

    def _without(self, gone: frozenset[int], with_tail: frozenset[int]) -> tuple[list[StoredFile], list[StoredFile]]:
        if not gone and not with_tail:
            return [], []
        store = self._store
        tails = [file for file in store.state.files.values() if file.is_tail]
        whole = [file for file in store.state.files.values() if not file.is_tail]
        old_tails, new_tails = segments.without_sources(tails, gone | with_tail, store.folder, store.file_numbers)
        old, new = segments.without_sources(whole, gone, store.folder, store.file_numbers)
        return old_tails + old, new_tails + new

    def _put(self, change: Change, *, is_whole: bool) -> None:
        sources = {**self._store.state.sources, **{record.id: record for record in change.sources}}
        for number in change.gone_sources:
            sources.pop(number, None)
        change.total = sum(record.size for record in sources.values())
        change.done = sum(_done(record) for record in sources.values())
        change.is_whole = is_whole
        self._store.commit(change)
        self._on_progress(self._store.snapshot().progress)


def _weight(bundle: Sequence[SourcePiece]) -> int:
    return sum(len(piece.data) for piece in bundle)


def _done(record: SourceRecord) -> int:
    return min(record.disk, record.size) if record.status == "partial" else record.size


def join_small(store: Store, cancelled: Callable[[], bool], *, is_thorough: bool) -> None:
    """Join small files of the same kind, a group at a time; readers of older snapshots keep theirs.

    ``is_thorough``: after a long reading, leave as few files as possible; otherwise join only what has piled up. What
    is left when it is cancelled, the next reading joins.
    """
    state = store.state
    groups = segments.joinable(state.files.values(), at_least=2 if is_thorough else segments.JOINED)
    for group, number in zip(groups, store.file_numbers(len(groups)), strict=True):
        if cancelled():
            return
        joined = segments.join(group, store.folder, number)
        store.commit(_joining(store, files=[joined], gone_files=group))
    parts = joinable_parts(state.parts.values())
    if parts and not cancelled():
        whole = join_parts(parts, store.folder, store.file_numbers(1)[0])
        store.commit(_joining(store, parts=[whole], gone_parts=parts))


def _joining(store: Store, **files: Any) -> Change:
    return Change(done=store.state.done, total=store.state.total, is_whole=store.state.is_whole, **files)
