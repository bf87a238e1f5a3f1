"""Both logs merged on one axis of time: ``timeline``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

import polars as pl

from parsing.correlation import EVENT, NAMES, Event, event_record, focus_on, lanes, with_neighbours
from parsing.correlation import timeline as around
from parsing.errors import UsageError
from parsing.export import Records, of_frames
from parsing.filters import both, only
from parsing.index import Snapshot
from parsing.knowledge import NO_PORT
from parsing.questions import Count, answer, rows_in_order
from tui.cli.console import form_of, refuse_parquet_on_terminal, remark
from tui.cli.logs import logs, port_field
from tui.cli.output import hiding, write_records
from tui.cli.progress import Meter, meter

_TABLE = (
    "start",
    "end",
    "log",
    "c-ip",
    "cs-method",
    "uri",
    "sc-status",
    "s-reason",
    "ended_by",
    "source",
    "line",
    "links",
)


def timeline(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    _refuse_conditions_around(arguments)
    with logs(arguments) as found:
        port = port_field(arguments, found.snapshot)
        with meter("correlating", is_quiet=arguments.quiet) as shown:
            if arguments.around:
                batches = iter([_around(arguments, found.snapshot, port)])
            else:
                total = answer(found.snapshot, Count(found.where)).total
                batches = _counted(lanes(found.snapshot, found.where, client_port=port), shown, total)
            write_records(arguments, _records(arguments, batches), is_redacted=True)
        return found.status(arguments)


def _refuse_conditions_around(arguments: Namespace) -> None:
    given = [f"--{name}" for name in ("where", "preset", "since", "until") if getattr(arguments, name)]
    if arguments.around and given:
        raise UsageError(
            f"takes no {' or '.join(given)}", where="--around", hint="what belongs to a row is shown whole"
        )


def _counted(batches: Iterator[list[Event]], shown: Meter, total: int) -> Iterator[list[Event]]:
    done = 0
    for batch in batches:
        done += len(batch)
        shown.rows(done, total)
        yield batch


def _around(arguments: Namespace, snapshot: Snapshot, port: str | None) -> list[Event]:
    """What happened around one row: its client's rows, and all that belongs to it where it is an error."""
    source, _, line = arguments.around.rpartition(":")
    if not source or not (line.isascii() and line.isdecimal()):
        raise UsageError("names no line", where="--around", hint="write SOURCE:LINE, as query and correlate show them")
    where = both(only("source", _source_named(source, snapshot)), only("line", int(line)))
    columns = [name for name in NAMES.values() if name != "uri"]
    rows = [row for frame in rows_in_order(snapshot, where, columns) for row in frame.to_dicts()]
    if not rows:
        raise UsageError(f"there is no row {arguments.around}", where="--around")
    row = rows[0] | {short: rows[0].get(name) for short, name in NAMES.items()}
    focus = focus_on("error" if row["log"] == "httperr" else "client", row)
    found = with_neighbours(snapshot, around(snapshot, focus, client_port=port), client_port=port)
    if found.error is not None:
        remark(arguments, hiding(arguments)("verdict", found.error.verdict))
    if found.note:
        remark(arguments, found.note)
    if found.lacks_port:
        remark(arguments, NO_PORT)
    if found.left_out:
        remark(arguments, f"{found.left_out:,} more rows are left out")
    return list(found.events)


def _source_named(name: str, snapshot: Snapshot) -> str:
    """The source of a name, or of a base name that only one source has; any other name as it is."""
    names = [source.name for source in snapshot.sources]
    found = [known for known in names if known.rpartition("/")[2] == name]
    if name in names or not found:
        return name
    if len(found) > 1:
        hint = f"write one of {', '.join(found[:5])}{' ...' if len(found) > 5 else ''}"
        raise UsageError(f"{len(found)} sources are called {name}", where="--around", hint=hint)
    return found[0]


def _records(arguments: Namespace, batches: Iterator[list[Event]]) -> Records:
    hide = hiding(arguments)
    is_table = form_of(arguments) == "table"

    def frames() -> Iterator[pl.DataFrame]:
        yield _shown(pl.DataFrame(schema=EVENT), is_table=is_table)
        for batch in batches:
            frame = pl.DataFrame([event_record(event, hide) for event in batch], schema=EVENT)
            yield _shown(frame, is_table=is_table)

    return of_frames(frames())


def _shown(frame: pl.DataFrame, *, is_table: bool) -> pl.DataFrame:
    """For people, one column says what each row is tied to."""
    if not is_table:
        return frame
    link = pl.element().struct
    phrase = pl.format("{} {}:{}", link.field("relation"), link.field("source"), link.field("line"))
    ties = pl.col("links").list.eval(phrase).list.join(", ")
    return frame.with_columns(links=pl.when(ties != "").then(ties)).select(_TABLE)
