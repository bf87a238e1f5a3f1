"""Realistic logs of any size, quickly: text is built by Polars in chunks, never line by line.

Run it: ``python -m tests.bench.generate OUT --lines 6000000``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

IIS_FIELDS = (
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) "
    "sc-status sc-substatus sc-win32-status time-taken"
).split()
HTTPERR_FIELDS = (
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename"
).split()

CHUNK = 500_000
START = datetime(2026, 6, 15)  # noqa: DTZ001
AGENTS = 400
REFERERS = 2_000
QUERIES = 50_000
SECTIONS = ("reports", "orders", "api/v2/items", "account", "search", "images/products", "scripts", "help")
ENDINGS = ("aspx", "ashx", "html", "svc", "png", "js")
REASONS = (
    ("Timer_ConnectionIdle", 54),
    ("Connection_Dropped", 20),
    ("Timer_MinBytesPerSecond", 6),
    ("Connection_Abandoned_By_ReqQueue", 6),
    ("Client_Reset", 5),
    ("URL", 4),
    ("Hostname", 3),
    ("QueueFull", 2),
)
WITHOUT_REQUEST = ("Timer_ConnectionIdle", "Timer_MinBytesPerSecond")
STATUS_OF = {"URL": "400", "Hostname": "400", "QueueFull": "503"}


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rows look like: how many distinct paths and clients, rows a second, and the seed of the chances."""

    paths: int = 20_000
    clients: int = 50_000
    rows_per_second: int = 70
    seed: int = 1


REALISTIC = Shape()
HARD = Shape(paths=300_000, clients=800_000)
"""More distinct values than most servers see: the case that dictionaries find hardest."""


def write_iis(path: Path, lines: int, shape: Shape = REALISTIC, *, first_row: int = 0) -> None:
    """An IIS W3C log of ``lines`` entries with the 15 default fields of IIS 10 and CRLF line ends."""
    chunks = (_iis_chunk(start, size, shape) for start, size in _chunks(first_row, lines))
    _write(path, "Microsoft Internet Information Services 10.0", IIS_FIELDS, chunks)


def write_httperr(path: Path, lines: int, shape: Shape = REALISTIC, *, first_row: int = 0) -> None:
    """A Httperr.log of ``lines`` entries with the 13 columns of Windows Server 2008 to 2012 R2."""
    chunks = (_httperr_chunk(start, size, shape) for start, size in _chunks(first_row, lines))
    _write(path, "Microsoft HTTP API 2.0", HTTPERR_FIELDS, chunks)


def _chunks(first_row: int, lines: int) -> Iterator[tuple[int, int]]:
    for start in range(0, lines, CHUNK):
        yield first_row + start, min(CHUNK, lines - start)


def _write(path: Path, software: str, fields: Sequence[str], chunks: Iterator[pl.DataFrame]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        head = (f"#Software: {software}", "#Version: 1.0", f"#Date: {START}", "#Fields: " + " ".join(fields), "")
        out.write("\r\n".join(head).encode())
        for chunk in chunks:
            chunk.select(fields).write_csv(
                out, include_header=False, separator=" ", line_terminator="\r\n", quote_style="never", null_value="-"
            )


class _Dice:
    """Reproducible chances for a range of row numbers: the hash of row number and name of the throw."""

    def __init__(self, start: int, size: int, seed: int) -> None:
        self._rows = pl.int_range(start, start + size, dtype=pl.UInt64, eager=True)
        self._seed = seed

    def chance(self, name: str) -> pl.Series:
        """Evenly spread numbers from 0 to 1."""
        salt = sum(byte * 131**position for position, byte in enumerate(name.encode())) % 2**32
        return self._rows.hash((self._seed << 32) + salt).hash(self._seed).cast(pl.Float64) / 2.0**64

    def below(self, count: int, name: str, *, skew: float = 1.0) -> pl.Series:
        """Whole numbers under ``count``; a larger ``skew`` makes the low ones more frequent."""
        return (self.chance(name).pow(skew) * count).floor().cast(pl.Int64).clip(0, count - 1)

    def one_of(self, values: Sequence[str], name: str, *, skew: float = 1.0) -> pl.Series:
        return pl.Series(values).gather(self.below(len(values), name, skew=skew))

    def weighted(self, values: Sequence[tuple[str, int]], name: str) -> pl.Series:
        return self.one_of([value for value, weight in values for _ in range(weight)], name)


def _iis_chunk(start: int, size: int, shape: Shape) -> pl.DataFrame:
    dice = _Dice(start, size, shape.seed)
    frame = pl.DataFrame(
        {
            "s-ip": dice.weighted((("10.1.0.20", 3), ("10.1.0.21", 1)), "s-ip"),
            "cs-method": dice.weighted((("GET", 85), ("POST", 12), ("HEAD", 2), ("PUT", 1)), "method"),
            "path": dice.below(shape.paths, "path", skew=1.5),
            "query": dice.below(QUERIES, "query"),
            "has query": dice.chance("has query") < 0.2,
            "user": dice.below(5_000, "user", skew=2.0),
            "has user": dice.chance("has user") < 0.15,
            "client": dice.below(shape.clients, "client", skew=1.2),
            "cs(User-Agent)": dice.one_of(_agents(), "agent", skew=2.0),
            "referer": dice.below(REFERERS, "referer", skew=2.0),
            "has referer": dice.chance("has referer") < 0.5,
            "ending": dice.weighted(
                (("200 0 0", 880), ("304 0 0", 60), ("404 0 2", 30), ("302 0 0", 20), ("500 0 64", 5), ("200 0 64", 5)),
                "status",
            ),
            "time-taken": (dice.chance("taken").pow(8) * 30_000).floor().cast(pl.Int64),
        }
    )
    return frame.with_columns(
        *_clock(start, size, shape),
        s_port=pl.lit(443),
    ).with_columns(
        _path(pl.col("path")).alias("cs-uri-stem"),
        pl.when("has query").then(pl.format("id={}&lang=en", "query")).alias("cs-uri-query"),
        pl.col("s_port").alias("s-port"),
        pl.when("has user").then(pl.format("CORP\\user{}", "user")).alias("cs-username"),
        _address(pl.col("client")).alias("c-ip"),
        pl.when("has referer").then(pl.format("https://www.example.com/pages/{}.html", "referer")).alias("cs(Referer)"),
        *_split("ending", ("sc-status", "sc-substatus", "sc-win32-status")),
    )


def _httperr_chunk(start: int, size: int, shape: Shape) -> pl.DataFrame:
    dice = _Dice(start, size, shape.seed + 1)
    frame = pl.DataFrame(
        {
            "client": dice.below(shape.clients, "client", skew=1.2),
            "c-port": dice.below(64_511, "port") + 1_024,
            "path": dice.below(shape.paths, "path", skew=1.5),
            "s-reason": dice.weighted(REASONS, "reason"),
            "method": dice.weighted((("GET", 8), ("POST", 2)), "method"),
            "pool": dice.weighted((("DefaultAppPool", 3), ("Reports", 2), ("Api", 1)), "pool"),
        }
    )
    has_request = ~pl.col("s-reason").is_in(WITHOUT_REQUEST)
    return frame.with_columns(
        *_clock(start, size, shape),
        _address(pl.col("client")).alias("c-ip"),
        pl.lit("10.1.0.20").alias("s-ip"),
        pl.lit(443).alias("s-port"),
        pl.when(has_request).then(pl.lit("HTTP/1.1")).alias("cs-version"),
        pl.when(has_request).then("method").alias("cs-method"),
        pl.when(has_request).then(_path(pl.col("path"))).alias("cs-uri"),
        pl.col("s-reason").replace_strict(STATUS_OF, default=None).alias("sc-status"),
        pl.when(has_request).then(pl.lit("1")).alias("s-siteid"),
        pl.when(has_request).then("pool").alias("s-queuename"),
    )


def _clock(start: int, size: int, shape: Shape) -> list[pl.Expr]:
    seconds = pl.int_range(start, start + size, dtype=pl.Int64) // shape.rows_per_second
    moment = pl.lit(START) + pl.duration(seconds=seconds)
    return [moment.dt.strftime("%Y-%m-%d").alias("date"), moment.dt.strftime("%H:%M:%S").alias("time")]


def _path(number: pl.Expr) -> pl.Expr:
    section = number.map_batches(lambda s: pl.Series(SECTIONS).gather(s % len(SECTIONS)), return_dtype=pl.String)
    ending = number.map_batches(lambda s: pl.Series(ENDINGS).gather(s % len(ENDINGS)), return_dtype=pl.String)
    return pl.format("/{}/view{}.{}", section, number, ending)


def _address(number: pl.Expr) -> pl.Expr:
    """Distinct public addresses: the number spread over four parts."""
    spread = number * 2_654_435_761 % 2**31
    return pl.format(
        "{}.{}.{}.{}", spread // 2**24 % 200 + 11, spread // 2**16 % 256, spread // 2**8 % 256, spread % 256
    )


def _split(column: str, names: Sequence[str]) -> list[pl.Expr]:
    parts = pl.col(column).str.split(" ")
    return [parts.list.get(position).alias(name) for position, name in enumerate(names)]


def _agents() -> list[str]:
    return [
        f"Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/{major}.0.{build}.0+Safari/537.36"
        for major, build in ((100 + number % 40, 4_000 + number) for number in range(AGENTS))
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder to write u_ex260615.log and httperr1.log to")
    parser.add_argument("--lines", type=int, default=6_000_000, help="entries of the IIS log")
    parser.add_argument("--errors", type=int, default=60_000, help="entries of Httperr.log")
    parser.add_argument("--paths", type=int, default=REALISTIC.paths)
    parser.add_argument("--clients", type=int, default=REALISTIC.clients)
    parser.add_argument("--seed", type=int, default=REALISTIC.seed)
    options = parser.parse_args()
    shape = Shape(options.paths, options.clients, seed=options.seed)
    write_iis(options.out / "u_ex260615.log", options.lines, shape)
    write_httperr(options.out / "httperr1.log", options.errors, shape)


if __name__ == "__main__":
    main()
