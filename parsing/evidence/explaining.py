"""What the evidence of a log set explains: the records of ``dropline evidence``, and the events behind a row or an incident."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from parsing.evidence.event_texts import text_of, text_with_place
from parsing.evidence.evidence import evidence_of
from parsing.evidence.linking import (
    ErrorLanes,
    EventSpan,
    Explained,
    event_spans,
    explainable_errors,
    has_several_servers,
)
from parsing.index import Snapshot

RECORD_SCHEMA: dict[str, pl.DataType] = {
    "time": pl.Datetime("ms"),
    "kind": pl.String(),
    "event": pl.Int64(),
    "pool": pl.String(),
    "site": pl.String(),
    "pid": pl.Int64(),
    "text": pl.String(),
    "source": pl.String(),
    "explains": pl.Struct({"source": pl.String(), "line": pl.Int64(), "count": pl.Int64()}),
}
"""The record of ``dropline evidence``."""


@dataclass(frozen=True, slots=True)
class ExplainingEvent:
    """An event that explains rows. ``text`` says what happened and where it stands; ``proves_not`` what does not follow from it.

    ``source`` and ``line`` are those of the event; ``explained`` are the rows. Times are UTC without zone. The text holds
    values of the event and is as hostile as these.
    """

    time: datetime
    event: int
    pool: str | None
    pid: int | None
    text: str
    proves_not: str
    source: str
    line: int
    explained: Explained


def evidence_records(snapshot: Snapshot, *, only_explaining: bool = False) -> pl.DataFrame:
    """All evidence in time order, as records, or only what explains rows."""
    frame = evidence_of(snapshot)
    found = {
        (span.row["source"], span.row["line"], span.row["time"]): (span, explained)
        for span, explained in _links(snapshot)
    }
    names = {source.id: source.name for source in snapshot.sources}
    records = []
    for row in frame.iter_rows(named=True):
        span, explained = found.get((row["source"], row["line"], row["time"]), (None, None))
        if explained is None and only_explaining:
            continue
        records.append(
            (
                *(row[name] for name in ("time", "kind", "event", "pool", "site", "pid")),
                text_of(row, span.failures if span else 0),
                row["name"],
                explained and {"source": names[explained.source], "line": explained.line, "count": explained.count},
            )
        )
    return pl.DataFrame(records, schema=RECORD_SCHEMA, orient="row")


def events_of_rows(snapshot: Snapshot, rows: pl.DataFrame) -> tuple[ExplainingEvent, ...]:
    """The events that explain some of these errors (``source line``, others may be among them), in time order."""
    errors = explainable_errors(snapshot).join(rows.select("source", "line"), on=["source", "line"], how="semi")
    if errors.is_empty() or not snapshot.evidence:
        return ()
    lanes = ErrorLanes(errors, has_servers=has_several_servers(explainable_errors(snapshot)))
    found = ((span, lanes.explained(span)) for span, _ in _links(snapshot))
    return tuple(_explaining_event(span, explained) for span, explained in found if explained is not None)


def _explaining_event(span: EventSpan, explained: Explained) -> ExplainingEvent:
    row = span.row
    return ExplainingEvent(
        row["time"], row["event"], row["pool"], row["pid"], text_with_place(row, span.failures), span.known.proves_not,
        row["name"], row["line"], explained,
    )  # fmt: skip


def _links(snapshot: Snapshot) -> tuple[tuple[EventSpan, Explained], ...]:
    """The events that explain errors, each with what it explains; a span ends with the last row that it explains."""
    segments = tuple(segment.path for segment in snapshot.segments)
    key = ("events that explain", segments, snapshot.evidence, snapshot.source_names)
    found: tuple[tuple[EventSpan, Explained], ...] = snapshot.memory.partials.get(key, lambda: tuple(_linked(snapshot)))
    return found


def _linked(snapshot: Snapshot) -> Iterator[tuple[EventSpan, Explained]]:
    errors = explainable_errors(snapshot)
    lanes = ErrorLanes(errors, has_servers=has_several_servers(errors))
    for span in event_spans(evidence_of(snapshot)):
        explained = lanes.explained(span)
        if explained is not None:
            yield replace(span, end=explained.last, covered=explained.last), explained
