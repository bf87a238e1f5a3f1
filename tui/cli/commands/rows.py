"""Rows and sources: ``query``, ``count``, ``index``, ``rejects``."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from parsing.errors import UsageError
from parsing.export import of_frames
from parsing.filters import field_named, nearest_field
from parsing.knowledge import META
from parsing.questions import Count, answer
from parsing.wording import size
from tui.cli.console import form_of, refuse_parquet_on_terminal, remark
from tui.cli.logs import logs, sources_in_order
from tui.cli.numbers import whole_number
from tui.cli.output import write_frame, write_records
from tui.cli.progress import Meter, meter

if TYPE_CHECKING:
    from parsing.index import Snapshot

_TABLE = ("c-ip", "cs-method", "uri", "sc-status", "sc-win32-status", "time-taken", "s-reason", "s-queuename")
"""What a table shows of a row unless columns are named."""

_REJECTS = {"source": pl.String(), "line": pl.Int64(), "why": pl.String(), "text": pl.String()}
_DAMAGE = {"source": pl.String(), "line": pl.Int64(), "field": pl.String(), "value": pl.String()}


def query(arguments: Namespace) -> int:
    from parsing.questions import rows_in_order

    refuse_parquet_on_terminal(arguments)
    limit = whole_number(arguments.limit, "--limit")
    offset = whole_number(arguments.offset, "--offset", 0) or 0
    with logs(arguments) as found:
        if arguments.sort:
            known_field(arguments.sort.removeprefix("-"), found.snapshot, "--sort")
        columns = _columns(arguments, found.snapshot)
        with meter("writing", is_quiet=arguments.quiet or _is_shown(arguments)) as shown:
            frames = rows_in_order(found.snapshot, found.where, columns, arguments.log, arguments.sort, offset, limit)
            write_records(arguments, of_frames(_counted(frames, shown)))
        return found.status(arguments)


def _is_shown(arguments: Namespace) -> bool:
    """Whether the rows themselves go to the terminal, where a line of progress would stand between them."""
    return arguments.out is None and sys.stdout.isatty()


def _counted(frames: Iterator[pl.DataFrame], shown: Meter) -> Iterator[pl.DataFrame]:
    done = 0
    for frame in frames:
        done += frame.height
        shown.rows(done)
        yield frame


def _columns(arguments: Namespace, snapshot: Snapshot) -> list[str] | None:
    """The fields of the records; a table without ``--columns`` shows the chief ones, and says which are left out."""
    if arguments.columns is not None:
        return [known_field(name.strip(), snapshot, "--columns") for name in split_names(arguments.columns)]
    names = list(snapshot.fields_of(arguments.log))
    if form_of(arguments) != "table":
        return names
    chief = [name for name in _TABLE if name in names or (name == "uri" and {"cs-uri", "cs-uri-stem"} & {*names})]
    left_out = [name for name in names if name not in (*chief, "cs-uri", "cs-uri-stem", "cs-uri-query")]
    if left_out:
        remark(arguments, f"{len(left_out)} more fields with --columns: {', '.join(left_out)}")
    return chief


def split_names(text: str) -> list[str]:
    """The names in a list with commas."""
    return [name for name in (part.strip() for part in text.split(",")) if name]


def known_field(name: str, snapshot: Snapshot, option: str) -> str:
    """The wire or virtual name of a field; raises ``UsageError`` for an unknown one, with the name that is near."""
    found = field_named(name, snapshot.field_names)
    if found is None:
        near = nearest_field(name, snapshot.field_names)
        raise UsageError(f"unknown field {name}", where=option, hint=f"did you mean {near}?" if near else "")
    if name in META:
        return name
    from parsing.questions import resolve_field

    return resolve_field(name, snapshot)


def count(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    with logs(arguments) as found:
        counted = answer(found.snapshot, Count(found.where, arguments.log))
        write_frame(arguments, pl.DataFrame({"count": [counted.total]}), has_header=False)
        return found.status(arguments)


def index(arguments: Namespace) -> int:
    from parsing.correlation import with_offset_notes
    from parsing.export import source_records

    refuse_parquet_on_terminal(arguments)
    with logs(arguments) as found:
        sources = with_offset_notes(found.snapshot, found.log_set.listed(found.snapshot))
        if not sources:
            found.refuse_without_any(arguments)
        write_frame(arguments, source_records(sources_in_order(sources)))
        for source in found.snapshot.sources:
            if source.unfinished:
                remark(arguments, f"{source.name}: its last line, {size(source.unfinished)}, waits for its end")
        remark(arguments, f"the index takes {size(found.log_set.size())}")
        return found.status(arguments)


def rejects(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    with logs(arguments) as found:
        found.refuse_without_any(arguments)
        lines = found.log_set.damage() if arguments.damaged else found.log_set.rejects()
        columns = _DAMAGE if arguments.damaged else _REJECTS
        write_records(arguments, of_frames(_as_records(lines, columns)))
        return found.status(arguments)


def _as_records(frames: Iterator[pl.DataFrame], columns: dict[str, pl.DataType]) -> Iterator[pl.DataFrame]:
    """At least one frame, so that there are columns."""
    yield pl.DataFrame(schema=columns)
    for frame in frames:
        yield frame.rename(dict(zip(_REJECTS, columns, strict=True))).select(
            pl.col(name).cast(dtype) for name, dtype in columns.items()
        )
