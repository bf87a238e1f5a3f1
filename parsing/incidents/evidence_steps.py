"""What the server's own event logs say of an incident, as steps of its story."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from parsing.evidence import ExplainingEvent, events_of_rows, explainable_errors, is_covered
from parsing.incidents.incident import Step
from parsing.index.snapshot import Snapshot

_MOST = 8
"""Events of one story: a crash loop has two for each of five crashes, and says the same each time."""


def with_evidence(steps: Sequence[Step], snapshot: Snapshot, errors: pl.DataFrame) -> tuple[Step, ...]:
    """The story of ``errors`` with the events that explain some of them, in time order.

    Of many events only those of each id that explain most become steps.
    """
    events = events_of_rows(snapshot, errors)
    if not events:
        return tuple(steps)
    explaining = [Step(one.time, one.text, one.source, one.line) for one in _chosen(events)]
    return tuple(sorted([*steps, *explaining], key=lambda step: step.time))


def uncovered(snapshot: Snapshot, errors: pl.DataFrame, first: datetime, last: datetime) -> str:
    """That no event log covers an incident whose errors an event could explain; empty where one does, or none is here at all."""
    if is_covered(snapshot, first, last):
        return ""
    places = errors.select("source", "line")
    if explainable_errors(snapshot).join(places, on=["source", "line"], how="semi").is_empty():
        return ""
    return "no System log here covers this time: that the story names no event of WAS means nothing"


def _chosen(events: Sequence[ExplainingEvent]) -> list[ExplainingEvent]:
    by_id: dict[int, list[ExplainingEvent]] = {}
    for event in events:
        by_id.setdefault(event.event, []).append(event)
    for same in by_id.values():
        same.sort(key=lambda event: (-event.explained.count, event.time))
    ranks = [(rank, event) for same in by_id.values() for rank, event in enumerate(same)]
    ranks.sort(key=lambda item: (item[0], -item[1].explained.count, item[1].time))
    return [event for _, event in ranks[:_MOST]]
