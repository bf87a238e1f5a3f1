"""Clients that left before the end, path by path: ``client-gone``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

import polars as pl

from parsing.correlation import ClientsGone
from parsing.correlation import client_gone as gone
from parsing.export import Hide, Records, of_frames
from tui.cli.console import refuse_parquet_on_terminal, remark
from tui.cli.logs import logs
from tui.cli.numbers import whole_number
from tui.cli.output import hiding, write_records

_NUMBERS = (
    "in_time", "broken_writes", "outlived", "list_full", "closed_by_application", "undecided",
    "median_taken", "p95_taken", "longest_taken",
)  # fmt: skip
_RECORD = {"path": pl.String(), **dict.fromkeys(_NUMBERS, pl.Int64()), "verdict": pl.String()}


def client_gone(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    top = whole_number(arguments.top, "--top")
    with logs(arguments) as found:
        paths = gone(found.snapshot, found.where)
        write_records(arguments, _records(paths[:top], hiding(arguments)), is_redacted=True)
        if top is not None and len(paths) > top:
            remark(arguments, f"{len(paths) - top:,} more paths")
        return found.status(arguments)


def _records(paths: list[ClientsGone], hide: Hide) -> Records:
    def frames() -> Iterator[pl.DataFrame]:
        yield pl.DataFrame([_hidden(one.record(), hide) for one in paths], schema=_RECORD)

    return of_frames(frames())


def _hidden(record: dict[str, Any], hide: Hide) -> dict[str, Any]:
    path = record["path"]
    return record | {"path": path and hide("path", path)}
