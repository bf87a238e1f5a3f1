"""What the sources of a log set cover, and which answers depend on what they do not.

A bundle is cut unevenly: IIS logs and event logs of two days next to a Httperr.log of years, and IIS logs of some sites next to
errors of all. Where a request or an event is not found, that means something only for times and sites that are covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from parsing.correlation.logs.errors import decoded
from parsing.evidence.evidence import evidence_of
from parsing.evidence.linking import explainable_errors
from parsing.evidence.sites import sites_of_requests
from parsing.index import Log, Segment, Snapshot
from parsing.index.epoch import milliseconds
from parsing.wording import counted

SLACK = timedelta(hours=1)
"""A log that begins or ends so much sooner than another one may simply have been quiet."""

Span = tuple[datetime, datetime]


def span_of_log(snapshot: Snapshot, log: Log) -> Span | None:
    """The earliest and the latest row of a log; ``None`` where it has none."""
    segments = _segments(snapshot, log)
    return (min(one.first for one in segments), max(one.last for one in segments)) if segments else None


def span_of_events(snapshot: Snapshot, channel: str = "System") -> Span | None:
    """The earliest and the latest event of a channel; ``None`` where there is none."""
    times = evidence_of(snapshot).filter((pl.col("kind") == "event") & (pl.col("channel") == channel))["time"]
    first, last = times.min(), times.max()
    return (first, last) if isinstance(first, datetime) and isinstance(last, datetime) else None


def is_covered(snapshot: Snapshot, first: datetime, last: datetime) -> bool:
    """Whether the System log, which has the events of WAS, covers a time; also where there is no evidence to be asked at all."""
    if not snapshot.evidence:
        return True
    span = span_of_events(snapshot)
    return span is not None and span[0] - SLACK <= first and last <= span[1] + SLACK


def coverage_notes(snapshot: Snapshot) -> tuple[str, ...]:
    """A sentence for each way in which the parts of a log set do not cover each other; none where they do."""
    return tuple(note for note in (*log_coverage_notes(snapshot), _of_events(snapshot)) if note)


def log_coverage_notes(snapshot: Snapshot) -> tuple[str, ...]:
    """The sentences on the two logs: errors of times and of sites of which there is no IIS log here."""
    return tuple(note for note in (_of_times(snapshot), _of_sites(snapshot)) if note)


def _of_times(snapshot: Snapshot) -> str:
    iis, errors = span_of_log(snapshot, "iis"), _segments(snapshot, "httperr")
    if iis is None or not errors:
        return ""
    outside = _count_outside(errors, iis)
    if not outside:
        return ""
    return (
        f"{counted(outside, 'error is', 'errors are')} of times that no IIS log here covers ({_worded(iis)}):"
        " that no request is found for them means nothing"
    )


def _of_events(snapshot: Snapshot) -> str:
    if not snapshot.evidence:
        return ""
    errors, span = explainable_errors(snapshot), span_of_events(snapshot)
    if span is None:
        what = counted(errors.height, "error that an event could explain is", "errors that an event could explain are")
        return f"{what} here, but no System log: that no event is found for them means nothing" if errors.height else ""
    first, last = (milliseconds(moment) for moment in span)
    slack = SLACK // timedelta(milliseconds=1)
    outside = errors.filter((pl.col("t") < first - slack) | (pl.col("t") > last + slack)).height
    if not outside:
        return ""
    what = counted(outside, "error that an event could explain is", "errors that an event could explain are")
    return f"{what} of times that no System log here covers ({_worded(span)}): that no event is found means nothing"


def _of_sites(snapshot: Snapshot) -> str:
    known = sites_of_requests(snapshot)
    if not known:
        return ""
    found: set[str] = set()
    for segment in _segments(snapshot, "httperr"):
        if "s-siteid" in segment.fields:
            frame = segment.scan().select("s-siteid").unique().collect()
            found |= set(decoded(snapshot, segment, frame, "s-siteid").drop_nulls())
    missing = sorted((site for site in found if site.isdecimal() and site not in known), key=int)
    if not missing:
        return ""
    sites = f"site {missing[0]}" if len(missing) == 1 else f"sites {', '.join(missing)}"
    return f"Httperr.log has errors of {sites}, of which no IIS log is here: no request can be found for them"


def _segments(snapshot: Snapshot, log: Log) -> list[Segment]:
    return [segment for segment in snapshot.segments if segment.log == log and segment.rows]


def _count_outside(segments: Sequence[Segment], span: Span) -> int:
    first, last = span[0] - SLACK, span[1] + SLACK
    count = 0
    for segment in segments:
        if first <= segment.first and segment.last <= last:
            continue
        if segment.last < first or segment.first > last:
            count += segment.rows
            continue
        is_outside = ~pl.col("time").is_between(first, last)
        count += int(segment.scan().filter(is_outside).select(pl.len()).collect().item())
    return count


def _worded(span: Span) -> str:
    return f"{span[0]:%Y-%m-%d %H:%M} to {span[1]:%Y-%m-%d %H:%M} UTC"
