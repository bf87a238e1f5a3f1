"""What lies next to the logs: ``evidence``."""

from __future__ import annotations

from argparse import Namespace

import polars as pl

from parsing.errors import SourceError
from parsing.evidence import coverage_notes, evidence_records, explained_holes
from parsing.export import of_frame
from tui.cli.console import form_of, refuse_parquet_on_terminal, remark, say
from tui.cli.logs import Logs, bounds_of, logs
from tui.cli.output import write_records


def evidence(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    with logs(arguments) as found:
        _refuse_without_any(arguments, found)
        records = evidence_records(found.snapshot, only_explaining=arguments.explaining)
        since, until = bounds_of(arguments, records["time"].max())
        if since is not None:
            records = records.filter(pl.col("time") >= since)
        if until is not None:
            records = records.filter(pl.col("time") < until)
        is_table = form_of(arguments) == "table"
        write_records(arguments, of_frame(_for_people(records) if is_table else records))
        for note in coverage_notes(found.snapshot):
            remark(arguments, note)
        for hole in explained_holes(found.snapshot):
            log = "the IIS log" if hole.log == "iis" else "Httperr.log"
            remark(arguments, f"{log}, {hole.begin:%Y-%m-%d %H:%M:%S} to {hole.end:%Y-%m-%d %H:%M:%S} UTC: {hole.text}")
        return max(found.status(arguments, is_told=True), _losses(arguments, found))


def _for_people(records: pl.DataFrame) -> pl.DataFrame:
    """What is explained as a phrase; the columns that are empty all along are left out."""
    explained = pl.col("explains").struct
    phrase = pl.format("{} from {}:{}", explained.field("count"), explained.field("source"), explained.field("line"))
    shown = records.with_columns(pl.when(explained.field("count").is_not_null()).then(phrase).alias("explains"))
    kept = [
        name for name in shown.columns if name not in ("site", "pool", "pid") or shown[name].null_count() < shown.height
    ]
    return shown.select(kept)


def _refuse_without_any(arguments: Namespace, found: Logs) -> None:
    """Raise ``SourceError`` where no evidence is there at all: an empty answer would look as if nothing had happened."""
    if any(source.evidence and source.evidence.format for source in found.snapshot.sources):
        return
    found.status(arguments)
    hint = "Windows events are read from .evtx files and from exported XML"
    raise SourceError("no evidence is here", where=", ".join(arguments.words), hint=hint)


def _losses(arguments: Namespace, found: Logs) -> int:
    """Say what each source covers and what it has lost; 3 if anything could not be read."""
    status = 0
    for source in found.snapshot.sources:
        known = source.evidence
        if known is None or not known.format:
            continue
        if known.first and known.last:
            span = f"{known.first:%Y-%m-%d %H:%M:%S} to {known.last:%Y-%m-%d %H:%M:%S} UTC"
            remark(arguments, f"{source.name}: {known.rows:,} events, {span}; it covers no other times")
        if known.left_out:
            remark(arguments, f"{source.name}: {known.left_out:,} events of the Security log are left out")
        if known.error:
            say(f"{source.name}: {known.error}")
            status = 3
    return status
