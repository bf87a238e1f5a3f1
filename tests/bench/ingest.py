"""Reading logs into a committed index, against a bare conversion by Polars of the same file in the same run."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.generate import HARD, REALISTIC, Shape
from tests.bench.processes import Run, run_python
from tests.bench.table import MIB, Measure
from tests.bench.yardsticks import bare_polars, goaccess, lnav

_INDEX = """
import json, sys, time
started = time.perf_counter()
from pathlib import Path
from parsing.index.log_set import LogSet
imported = time.perf_counter()
first = []
with LogSet.open([sys.argv[2]], index_dir=Path(sys.argv[1])) as log_set:
    known = log_set.snapshot()
    reopened = time.perf_counter()
    def look(progress):
        if not first and log_set.snapshot().segments:
            first.append(time.perf_counter())
    log_set.read(on_progress=look)
    done = time.perf_counter()
    rows = sum(segment.rows for segment in log_set.snapshot().segments)
    print(json.dumps({
        "imports": imported - started, "open": reopened - imported, "read": done - reopened,
        "first rows": (first[0] if first else done) - started, "rows": rows, "size": log_set.size(),
    }))
"""


_GENERATE = """
import sys
from pathlib import Path
from tests.bench import generate
writer, path, lines, *shape = sys.argv[1:]
getattr(generate, writer)(Path(path), int(lines), generate.Shape(*map(int, shape)))
"""
"""Logs are written by processes of their own: memory of this one would count as that of the processes it starts."""

_MANY = """
import sys
from pathlib import Path
from tests.bench.generate import write_httperr
lines = int(sys.argv[3])
for number in range(int(sys.argv[2])):
    write_httperr(Path(sys.argv[1], f"httperr{number + 1}.log"), lines, first_row=number * lines)
"""


def _generate(writer: str, path: Path, lines: int, shape: Shape) -> None:
    values = (shape.paths, shape.clients, shape.rows_per_second, shape.seed)
    run_python(_GENERATE, writer, path, str(lines), *map(str, values))


@dataclass(frozen=True, slots=True)
class Indexed:
    """One process that indexed: as a whole, and by its own clock."""

    run: Run
    seconds: dict[str, float]


def index(logs: Path, cache: Path, *, is_new: bool = True) -> Indexed:
    """Index a file or folder in a process of its own, from nothing or once more."""
    if is_new:
        shutil.rmtree(cache, ignore_errors=True)
    run = run_python(_INDEX, cache, logs)
    return Indexed(run, json.loads(run.output.splitlines()[-1]))


def measures(folder: Path, lines: int, *, is_long: bool = False) -> Iterator[Measure]:
    """All measurements of reading; files are written below ``folder`` and deleted again."""
    for name, shape in (("realistic", REALISTIC), ("hard", HARD)):
        log = folder / name / "u_ex260615.log"
        _generate("write_iis", log, lines, shape)
        yield from _one_log(log, f"{lines / 1e6:g} M lines, {name}", folder / "index")
        if shape is REALISTIC:
            yield from _compressed(log, folder)
            if is_long:
                yield from _ten_times(folder, lines, shape)
        shutil.rmtree(log.parent)
    yield from _goaccess(folder)
    yield from _small_files(folder)
    shutil.rmtree(folder / "index", ignore_errors=True)


def _goaccess(folder: Path, lines: int = 300_000) -> Iterator[Measure]:
    """GoAccess needs half a minute for a million lines, so that it gets fewer of them than the others."""
    log = folder / "reported" / "u_ex260615.log"
    _generate("write_iis", log, lines, REALISTIC)
    theirs = goaccess(log, log.with_suffix(".html"))
    if theirs is not None:
        ours = index(log, folder / "index").run
        detail = f"{ours.seconds:.1f} s against {theirs.seconds:.1f} s into a report; only {lines:,} lines"
        yield Measure("against GoAccess", ours.seconds / theirs.seconds, "x", 1.0, detail)
    shutil.rmtree(log.parent)


def _one_log(log: Path, what: str, cache: Path) -> Iterator[Measure]:
    bare = bare_polars(log, log.with_suffix(".parquet"))
    made = index(log, cache)
    size = log.stat().st_size / MIB
    detail = f"{made.run.seconds:.1f} s against {bare.seconds:.1f} s of bare Polars, {size:,.0f} MiB"
    yield Measure(f"index, {what}", made.run.seconds / bare.seconds, "x", 2.5, detail)
    yield Measure(f"memory, {what}", made.run.peak / MIB, "MiB", 1024, f"bare Polars {bare.peak / MIB:,.0f} MiB")
    yield Measure(f"first rows, {what}", made.seconds["first rows"], "s", 1.5, "imports included")
    again = index(log, cache, is_new=False)
    known = again.seconds["open"] + again.seconds["read"]
    yield Measure(f"open again, {what}", known, "s", 0.3, f"imports {again.seconds['imports']:.1f} s not included")
    loaded = lnav(log)
    if loaded is not None:
        detail = f"{loaded.seconds:.1f} s; bare Polars takes {bare.seconds / loaded.seconds:.2f} x"
        yield Measure(f"against lnav, {what}", made.run.seconds / loaded.seconds, "x", 0.35, detail)


def _compressed(log: Path, folder: Path) -> Iterator[Measure]:
    target = folder / "compressed" / "u_ex260615.log.gz"
    target.parent.mkdir(exist_ok=True)
    with log.open("rb") as plain, gzip.open(target, "wb", compresslevel=1) as packed:
        shutil.copyfileobj(plain, packed, 4 * MIB)
    plain_run, packed_run = index(log, folder / "index"), index(target, folder / "index")
    speed = plain_run.seconds["read"] / packed_run.seconds["read"]
    yield Measure("gzip against plain", speed, "x", 0.6, f"{packed_run.seconds['read']:.1f} s", is_least=True)
    shutil.rmtree(target.parent)


def _ten_times(folder: Path, lines: int, shape: Shape) -> Iterator[Measure]:
    once, tenfold = folder / "once.log", folder / "tenfold.log"
    _generate("write_iis", once, lines, shape)
    _generate("write_iis", tenfold, 10 * lines, shape)
    small, large = index(once, folder / "index"), index(tenfold, folder / "index")
    growth = large.seconds["read"] / small.seconds["read"]
    detail = f"{small.seconds['read']:.1f} s and {large.seconds['read']:.1f} s"
    yield Measure("ten times the lines", growth, "x", 11, detail)
    yield Measure(f"memory, {lines / 1e5:g} M lines", large.run.peak / MIB, "MiB", 1024)
    again = index(tenfold, folder / "index", is_new=False)
    yield Measure(f"open again, {lines / 1e5:g} M lines", again.seconds["open"] + again.seconds["read"], "s", 0.3)
    once.unlink()
    tenfold.unlink()


def _small_files(folder: Path, count: int = 1_000, lines: int = 10_000) -> Iterator[Measure]:
    many, one = folder / "many", folder / "one"
    run_python(_MANY, many, str(count), str(lines))
    _generate("write_httperr", one / "httperr1.log", count * lines, REALISTIC)
    single = index(one, folder / "single")
    several = index(many, folder / "index")
    detail = f"{several.seconds['read']:.1f} s against {single.seconds['read']:.1f} s"
    ratio = several.seconds["read"] / single.seconds["read"]
    yield Measure(f"{count:,} files of 1 MB against one", ratio, "x", 1.1, detail)
    yield Measure(f"memory, {count:,} files", several.run.peak / MIB, "MiB", 1024)
    for made in (many, one, folder / "single"):
        shutil.rmtree(made)
    yield from _known_files(folder)


def _known_files(folder: Path, count: int = 5_000) -> Iterator[Measure]:
    many = folder / "many"
    run_python(_MANY, many, str(count), "100")
    index(many, folder / "index")
    again = index(many, folder / "index", is_new=False)
    yield Measure(f"open again, {count:,} files", again.seconds["open"] + again.seconds["read"], "s", 2.0)
    shutil.rmtree(many)
