"""How far the clock of logs in local time is from UTC, by the same clients and paths in both logs.

A client that has an error in Httperr.log has requests of the same path in the IIS log around it: the request itself, or its
retries. Where all of these are the same number of quarter hours apart, that is the zone of the IIS log's clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from parsing.correlation.logs.errors import decoded
from parsing.correlation.logs.keys import normal_addresses, normal_text, split_uris
from parsing.formats import LOCAL_AS_UTC
from parsing.index.snapshot import Segment, Snapshot, Source

_QUARTER = 15 * 60_000
_NEAR = 150_000
"""Milliseconds from a whole quarter of an hour up to which a request is of the error: a zombie's two minutes, and a sweep."""

_FURTHEST = 14 * 3_600_000 + _NEAR
_MOST_ERRORS = 5_000
_LEAST_ERRORS = 4
"""Errors that have to fit: fewer may be chance."""
_CLEAR = 2.0
"""How many times as many errors as of the next best distance have to fit."""


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """``minutes`` that local time is ahead of UTC, which ``fitting`` of so many ``errors`` show."""

    minutes: int
    fitting: int
    errors: int

    @property
    def zone(self) -> str:
        """As ``--log-tz`` takes it: ``+02:00``."""
        hours, minutes = divmod(abs(self.minutes), 60)
        return f"{'-' if self.minutes < 0 else '+'}{hours:02}:{minutes:02}"

    def __str__(self) -> str:
        hours = f"{abs(self.minutes) / 60:g} h {'earlier' if self.minutes > 0 else 'later'}"
        fits = f"{self.fitting:,} of {self.errors:,} errors whose client and path it has, too"
        return f"Httperr.log has the same clients and paths {hours} ({fits}): --log-tz {self.zone} fits"


def with_offset_notes(snapshot: Snapshot, sources: Sequence[Source]) -> tuple[Source, ...]:
    """Sources, those in local time of an unknown zone with a note on the zone that the logs themselves show."""
    if not any(map(is_local, sources)) or (offset := clock_offset(snapshot)) is None:
        return tuple(sources)
    return tuple(replace(one, notes=(*one.notes, str(offset))) if is_local(one) else one for one in sources)


def is_local(source: Source) -> bool:
    """Whether the times of a source are of a zone that nobody named."""
    return LOCAL_AS_UTC in source.notes


def clock_offset(snapshot: Snapshot) -> ClockOffset | None:
    """The distance of the clock of logs in local time from that of Httperr.log; None where they show none clearly."""
    found: ClockOffset | None = snapshot.once("clock offset", lambda: _clock_offset(snapshot))
    return found


def _clock_offset(snapshot: Snapshot) -> ClockOffset | None:
    local = [source.id for source in snapshot.sources if is_local(source)]
    errors = _errors(snapshot) if local else None
    if errors is None or errors.is_empty():
        return None
    parts = [
        _fits(snapshot, segment, local, errors) for segment in snapshot.segments if _has_paths(segment, "cs-uri-stem")
    ]
    if not parts:
        return None
    fits = pl.concat(parts).unique()
    counts = fits.group_by("quarters").len().sort("len", "quarters", descending=[True, False])
    best, second = [*counts["len"].to_list(), 0, 0][:2]
    minutes = counts["quarters"].to_list()[:1]
    if best < _LEAST_ERRORS or best < _CLEAR * second or not minutes[0]:
        return None
    return ClockOffset(minutes[0] * 15, best, fits["e"].n_unique())


def _has_paths(segment: Segment, name: str) -> bool:
    return "c-ip" in segment.fields and name in segment.fields


def _errors(snapshot: Snapshot) -> pl.DataFrame | None:
    """Errors with a client and a path: ``e t client path``, of very many only some, evenly."""
    parts = []
    for segment in snapshot.segments:
        if segment.log == "httperr" and _has_paths(segment, "cs-uri"):
            rows = segment.scan().select(pl.col("time").cast(pl.Int64).alias("t"), "c-ip", "cs-uri").drop_nulls()
            frame = rows.collect()
            client, uri = (decoded(snapshot, segment, frame, name) for name in ("c-ip", "cs-uri"))
            parts.append(pl.DataFrame({"t": frame["t"], "client": client, "uri": uri}))
    if not parts:
        return None
    whole = pl.concat(parts)
    some = whole.gather_every(-(-whole.height // _MOST_ERRORS)) if whole.height else whole
    paths = split_uris(some["uri"])["path"]
    return some.select("t").with_columns(normal_addresses(some["client"]), paths).with_row_index("e")


def _fits(snapshot: Snapshot, segment: Segment, local: Sequence[int], errors: pl.DataFrame) -> pl.DataFrame:
    """Errors with the distances, in quarters of an hour, at which a request of the same client and path was logged."""
    nothing = pl.DataFrame(schema={"e": pl.UInt32, "quarters": pl.Int64})
    rows = segment.scan().filter(pl.col("source").is_in(local))
    if "c-ip" in segment.coded:
        known = normal_addresses(snapshot.dictionary("c-ip")).is_in(errors["client"].unique().to_list())
        rows = rows.filter(pl.col("c-ip").is_in(known.arg_true().cast(pl.UInt32).to_list()))
    frame = rows.select(pl.col("time").cast(pl.Int64).alias("at"), "c-ip", "cs-uri-stem").drop_nulls().collect()
    if frame.is_empty():
        return nothing
    client, path = (decoded(snapshot, segment, frame, name) for name in ("c-ip", "cs-uri-stem"))
    # One request of a client for a path in ten seconds is as good as all of them.
    requests = pl.DataFrame(
        {"at": frame["at"] // 10_000 * 10_000, "client": normal_addresses(client), "path": normal_text(path)}
    ).unique()
    apart = pl.col("at") - pl.col("t")
    quarters = ((apart + _QUARTER // 2) // _QUARTER).alias("quarters")
    near = (apart - (apart + _QUARTER // 2) // _QUARTER * _QUARTER).abs() <= _NEAR
    pairs = errors.lazy().join(requests.lazy(), on=["client", "path"]).filter(apart.abs() <= _FURTHEST, near)
    return pairs.select("e", quarters).unique().collect()
