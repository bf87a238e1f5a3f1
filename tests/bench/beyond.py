"""More rows than 2^27, more text than 2^31 bytes in a column, and a file over 4 GiB: every answer against arithmetic.

Row ``i`` of the log says all of itself by ``i``, so that what is right needs no second reading of ten gigabytes.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from parsing.filters import parse
from parsing.index.log_set import LogSet
from parsing.index.snapshot import Snapshot
from parsing.questions.count import Count
from parsing.questions.question import answer
from parsing.questions.rows.ordered_rows import OrderedRows
from parsing.questions.times.histogram import Histogram
from parsing.questions.values.breakdown import Breakdown
from tests.bench.ingest import index
from tests.bench.table import MIB, Measure

ROWS = 135_000_000
"""More than 2^27, which is 134,217,728."""

_CHUNK = 1_000_000
_A_SECOND = 1_000
_START = datetime(2026, 6, 15)  # noqa: DTZ001
_HEAD = "#Software: Microsoft HTTP API 2.0\r\n#Version: 1.0\r\n#Fields: date time c-ip cs-uri s-reason s-queuename\r\n"
_REASONS = ("Client_Reset", "Connection_Dropped", "Hostname", "QueueFull", "Timer_ConnectionIdle", "URL", "Verb")
_CLIENTS = 251


def _uri(row: int) -> str:
    return f"/beyond/{row:012d}.html"


def _write(path: Path, rows: int) -> None:
    path.parent.mkdir(parents=True)
    with path.open("wb") as out:
        out.write(_HEAD.encode())
        for start in range(0, rows, _CHUNK):
            row = pl.int_range(start, min(start + _CHUNK, rows), dtype=pl.Int64)
            moment = pl.lit(_START) + pl.duration(seconds=row // _A_SECOND)
            chunk = pl.select(
                moment.dt.strftime("%Y-%m-%d %H:%M:%S").alias("time"),
                pl.format("10.0.0.{}", row % _CLIENTS).alias("client"),
                pl.format("/beyond/{}.html", row.cast(pl.String).str.zfill(12)).alias("uri"),
                pl.lit(pl.Series(_REASONS)).gather(row % len(_REASONS)).alias("reason"),
                pl.lit("DefaultAppPool").alias("pool"),
            )
            chunk.write_csv(out, include_header=False, separator=" ", line_terminator="\r\n", quote_style="never")


def measures(folder: Path, rows: int = ROWS) -> Iterator[Measure]:
    """The time and memory of reading such a log, and for each question whether its answer is right."""
    log, cache = folder / "beyond" / "httperr1.log", folder / "beyond-index"
    _write(log, rows)
    size = log.stat().st_size
    made = index(log, cache)
    detail = f"{rows:,} lines, {size / 2**30:.1f} GiB, {made.seconds['rows']:,} rows in {made.seconds['read']:.0f} s"
    yield Measure("memory beyond 2^27 rows", made.run.peak / MIB, "MiB", 1024, detail)
    again = index(log, cache, is_new=False)
    yield Measure("open again beyond 2^27 rows", again.seconds["open"] + again.seconds["read"], "s", 0.3)
    with LogSet.open([str(log)], index_dir=cache) as log_set:
        log_set.read()
        for what, found, right in _checks(log_set, rows):
            took, value = _timed(found)
            detail = f"{value}"[:80] if value == right else f"{value}, but {right} is right"[:160]
            yield Measure(f"wrong beyond 2^27: {what}", float(value != right), "answers", 0, f"{took:.2f} s: {detail}")
    shutil.rmtree(log.parent)
    shutil.rmtree(cache)


def _timed(found: Callable[[], object]) -> tuple[float, object]:
    started = time.perf_counter()
    value = found()
    return time.perf_counter() - started, value


def _checks(log_set: LogSet, rows: int) -> Iterator[tuple[str, Callable[[], object], object]]:
    """What is asked, the answer, and what is right."""
    snapshot = log_set.snapshot()
    yield "rows", lambda: answer(snapshot, Count()).total, rows
    yield "bytes of text", lambda: _text_bytes(snapshot), rows * len(_uri(0))
    reasons = {reason: len(range(place, rows, len(_REASONS))) for place, reason in enumerate(_REASONS)}
    yield "rows by reason", lambda: _tallied(snapshot, "s-reason"), reasons
    clients = {f"10.0.0.{place}": len(range(place, rows, _CLIENTS)) for place in range(_CLIENTS)}
    yield "rows by client", lambda: _tallied(snapshot, "c-ip"), clients
    hours = [min(rows, start + 3_600 * _A_SECOND) - start for start in range(0, rows, 3_600 * _A_SECOND)]
    yield "rows by hour", lambda: _by_hour(snapshot), hours
    last = rows - 1
    needle = parse(f"uri:*{_uri(last)[8:]}")
    yield "rows with one text", lambda: answer(snapshot, Count(needle)).total, 1
    wanted = parse("reason:QueueFull")
    kept = range(_REASONS.index("QueueFull"), rows, len(_REASONS))
    yield from _pages(snapshot, OrderedRows(), range(rows), "all rows")
    yield from _pages(snapshot, OrderedRows(wanted), kept, "a filter")
    clients_first = [*range(0, rows, _CLIENTS)]
    yield from _pages(snapshot, OrderedRows(sort="client"), clients_first, "by client", offsets=(0, 2**18))
    line = last + 1 + _HEAD.count("\n")
    source = snapshot.sources[0]
    yield "number of the last line", lambda: _last(snapshot)["line"], line
    yield "bytes of the last line", lambda: _uri(last).encode() in log_set.raw_line(source.number, line), True
    yield "time of the last row", lambda: snapshot.newest, _START + timedelta(seconds=last // _A_SECOND)


def _pages(
    snapshot: Snapshot, view: OrderedRows, kept: range | list[int], what: str, offsets: tuple[int, ...] = ()
) -> Iterator[tuple[str, Callable[[], object], object]]:
    """Pages around powers of two and at the end; ``kept`` are the rows of the view in order."""
    rows = answer(snapshot, view)
    for offset in offsets or (0, 2**24, 2**27 - 10, len(kept) - 20):
        if 0 <= offset <= len(kept) - 20:
            right = [_uri(row) for row in kept[offset : offset + 20]]
            page = lambda offset=offset: rows.page(offset, 20, ("cs-uri",))["cs-uri"].to_list()  # noqa: E731
            yield f"page of {what} at {offset:,}", page, right


def _text_bytes(snapshot: Snapshot) -> int:
    """Bytes of the paths as text, whether they are kept as text or as codes."""
    total = 0
    for segment in snapshot.segments:
        values = segment.scan().select("cs-uri").collect().to_series()
        texts = snapshot.dictionary("cs-uri").gather(values) if "cs-uri" in segment.coded else values
        total += int(texts.str.len_bytes().cast(pl.Int64).sum())
    return total


def _tallied(snapshot: Snapshot, field: str) -> dict[str, int]:
    table = answer(snapshot, Breakdown(by=(field,))).table
    return dict(table.select(field, "count").sort(field).iter_rows())


def _by_hour(snapshot: Snapshot) -> list[int]:
    found = answer(snapshot, Histogram(every=timedelta(hours=1))).table
    return [int(count) for count in found["httperr"]]


def _last(snapshot: Snapshot) -> dict[str, object]:
    rows = answer(snapshot, OrderedRows())
    return rows.page(rows.count - 1, 1).row(0, named=True)
