"""What became of requests whose client left, path by path, from both logs.

By the rule of KB937692, a request that ends before the time-out of dead connections stands in the IIS log alone, one that
does not in Httperr.log alone, as ``Connection_Dropped``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import polars as pl

from parsing.correlation.correlate import correlated_frames, stretches
from parsing.correlation.correlated import Correlated
from parsing.correlation.logs.errors import NO_VALUE
from parsing.correlation.logs.keys import normal_text, split_uris
from parsing.correlation.logs.requests import BROKEN_WRITE, ENDED, UNKNOWN, ending
from parsing.correlation.server.began import BODY, LIST_FULL, NOW, SLOW_CLIENT, SLOW_READER, ZOMBIE
from parsing.correlation.server.survey import DROPPED
from parsing.correlation.stopping import Cancelled, never, stop_if
from parsing.correlation.verdict import FEW_DROPS
from parsing.filters import EVERYTHING, Filter, both, parse
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions import Selection, damage_worded
from parsing.wording import counted


@dataclass(frozen=True, slots=True)
class ClientsGone:
    """One path. Milliseconds are of the requests that are in the IIS log; null where time-taken is not logged.

    ``in_time`` ended before the time-out and are in the IIS log with a Windows status that says the client had gone;
    ``broken_writes`` are there as ``500 19 64``, which is a write to a dead connection and no configuration error.
    ``outlived`` did not end in time, ``list_full`` found too many dead connections waiting already, and
    ``closed_by_application`` were dropped far sooner than any time-out explains; of ``undecided`` drops it is open which
    of both. Requests that a timer of HTTP.sys cut off are not among them, though their Windows status says the same.
    """

    path: str
    in_time: int
    broken_writes: int
    outlived: int
    list_full: int
    closed_by_application: int
    median_taken: int | None
    p95_taken: int | None
    longest_taken: int | None
    undecided: int = 0
    verdict: str = field(init=False)
    """One sentence: who is slow, and what the misleading rows mean."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "verdict", self._verdict())

    @property
    def left(self) -> int:
        """Requests whose client left."""
        return self.in_time + self.broken_writes + self.outlived + self.list_full

    def record(self) -> dict[str, Any]:
        """All of it under its names; the path is null where none was logged."""
        return asdict(self) | {"path": None if self.path == NO_VALUE else self.path}

    def _grounds(self) -> str:
        """From how few drops of the path it is known who left, where that is worth saying."""
        drops = self.outlived + self.closed_by_application + self.undecided
        return f" (from {counted(drops, 'drop')} alone)" if drops < FEW_DROPS else ""

    def _verdict(self) -> str:
        parts = []
        if self.outlived:
            ended = self.in_time + self.broken_writes
            left = self.outlived + ended
            slow = ": the application is too slow" if self.outlived > ended else ""
            parts.append(
                f"{round(100 * self.outlived / left)} % of the {counted(left, 'request')} that clients left outlived the"
                f" time-out{slow}{self._grounds()}"
            )
        elif self.in_time:
            parts.append("clients left, and the abandoned requests finished in time")
        if self.closed_by_application:
            number = self.closed_by_application
            parts.append(
                f"{number:,} dropped far sooner than any time-out explains: the application closes connections itself"
            )
        if self.undecided:
            parts.append(
                f"of {counted(self.undecided, 'drop')} it is open whether the client left or the application closed"
            )
        if self.list_full:
            parts.append(f"{self.list_full:,} found too many dead connections waiting: many clients left at once")
        if self.broken_writes:
            parts.append(f"{self.broken_writes:,} as 500.19 with 64: {BROKEN}")
        return "; ".join(parts)


BROKEN = "a write to a dead connection, not a configuration error"


def client_gone(snapshot: Snapshot, where: Filter = EVERYTHING, *, cancelled: Cancelled = never) -> list[ClientsGone]:
    """The story of every path with such requests, those with the most first."""
    return _by_path(_requests(snapshot, where, cancelled), _drops(snapshot, where, cancelled))


def client_gone_of(
    snapshot: Snapshot, errors: Sequence[Correlated], requests: Filter = EVERYTHING, *, cancelled: Cancelled = never
) -> list[ClientsGone]:
    """The same for the paths of some errors that are correlated already; ``requests`` says which requests count."""
    uris = pl.Series("uri", [error.uri for error in errors], dtype=pl.String)
    kinds = [_KINDS.get(error.ended_by, NOW) for error in errors]
    rows = pl.DataFrame([split_uris(uris)["path"], uris]).with_columns(
        pl.Series("key", [error.reason.lower() for error in errors], dtype=pl.String),
        pl.Series("kind", kinds, dtype=pl.String),
    )
    drops = _counted([rows.filter(pl.col("key").is_in([DROPPED, LIST_FULL]))])
    if drops.is_empty():
        return []
    return _by_path(_requests(snapshot, requests, cancelled).join(drops, on="key", how="semi"), drops)


OPEN = "open"
_KINDS = {"client": ZOMBIE, "unknown": OPEN}


def _by_path(requests: pl.DataFrame, drops: pl.DataFrame) -> list[ClientsGone]:
    if requests.is_empty() and drops.is_empty():
        return []
    joined = requests.join(drops, on="key", how="full", coalesce=True)
    counts = ("in_time", "broken_writes", "outlived", "list_full", "closed_by_application", "undecided")
    found = joined.with_columns(
        pl.col(counts).fill_null(0), pl.coalesce("path", "shown", pl.lit(NO_VALUE)).alias("path")
    )
    found = found.sort(pl.sum_horizontal(counts), "key", descending=[True, False])
    return [
        ClientsGone(**row)
        for row in found.select(field.name for field in fields(ClientsGone) if field.init).iter_rows(named=True)
    ]


def _requests(snapshot: Snapshot, where: Filter, cancelled: Cancelled) -> pl.DataFrame:
    parts = []
    for segment in Selection(where, "iis").segments(snapshot):
        stop_if(cancelled)
        part = _gone(snapshot, segment, where)
        if part is not None:
            parts.append(part)
    if not parts:
        return pl.DataFrame(schema=_REQUESTS)
    rows = pl.concat(parts).join(_cut_by_timers(snapshot, cancelled), on=["source", "line"], how="anti")
    rows = rows.with_columns(normal_text(rows["path"]).alias("key"))
    taken = pl.col("taken")
    return rows.group_by("key").agg(
        pl.col("path").drop_nulls().mode().sort().first(),
        (pl.col("ending") != BROKEN_WRITE).sum().cast(pl.Int64).alias("in_time"),
        (pl.col("ending") == BROKEN_WRITE).sum().cast(pl.Int64).alias("broken_writes"),
        taken.median().round().cast(pl.Int64).alias("median_taken"),
        taken.quantile(0.95, "nearest").cast(pl.Int64).alias("p95_taken"),
        taken.max().alias("longest_taken"),
    )


_TIMERS = parse(f"reason:({BODY}, {SLOW_READER}, {SLOW_CLIENT})")


def _cut_by_timers(snapshot: Snapshot, cancelled: Cancelled) -> pl.DataFrame:
    """``source line`` of requests that a timer cut off: their clients were slow, and had not left."""
    claims = [frames.claims for frames in correlated_frames(snapshot, _TIMERS, cancelled=cancelled)]
    found = pl.concat(claims) if claims else pl.DataFrame(schema={**_PLACE, "relation": pl.String()})
    return found.filter(pl.col("relation") == "same-request").select(*_PLACE)


_PLACE = {"source": pl.UInt32(), "line": pl.Int64()}
_REQUESTS = {
    "key": pl.String(),
    "path": pl.String(),
    **{name: pl.Int64() for name in ("in_time", "broken_writes", "median_taken", "p95_taken", "longest_taken")},
}


@damage_worded()
def _gone(snapshot: Snapshot, segment: Segment, where: Filter) -> pl.DataFrame | None:
    if not {"sc-win32-status", "cs-uri-stem"} <= set(segment.fields):
        return None
    wanted = Selection(where, "iis").keeps(snapshot, segment)
    if wanted is False:
        return None
    rows = segment.scan() if wanted is True else segment.scan().filter(wanted)
    left = rows.filter(~ending(segment.fields).is_in([ENDED, UNKNOWN]))
    taken = pl.col("time-taken") if "time-taken" in segment.fields else pl.lit(None, dtype=pl.Int64)
    stem, how = segment.copied("cs-uri-stem"), ending(segment.fields).alias("ending")
    frame = left.select(*_PLACE, stem, taken.alias("taken"), how).collect()
    stems = frame["cs-uri-stem"]
    texts = snapshot.dictionary("cs-uri-stem").gather(stems) if "cs-uri-stem" in segment.coded else stems
    return frame.select(*_PLACE, texts.rename("path"), "taken", "ending")


_DROPPED = parse(f"reason:({DROPPED}, {LIST_FULL})")


def _drops(snapshot: Snapshot, where: Filter, cancelled: Cancelled) -> pl.DataFrame:
    parts = [
        stretch.errors.filter("is_wanted").select(
            "path",
            "uri",
            "key",
            pl.when(pl.col("ended_by") == "unknown").then(pl.lit(OPEN)).otherwise("kind").alias("kind"),
        )
        for stretch in stretches(snapshot, both(where, _DROPPED), cancelled=cancelled)
    ]
    return _counted(parts)


def _counted(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Drops (``path uri key kind``) by path, as ``_DROPS``."""
    if not parts:
        return pl.DataFrame(schema=_DROPS)
    rows = pl.concat(parts).filter(pl.col("path").is_not_null())
    is_drop = pl.col("reason") == DROPPED
    counted = (
        rows.rename({"key": "reason", "path": "key"})
        .group_by("key")
        .agg(
            pl.col("uri").str.splitn("?", 2).struct.field("field_0").mode().sort().first().alias("shown"),
            (is_drop & (pl.col("kind") == ZOMBIE)).sum().cast(pl.Int64).alias("outlived"),
            (~is_drop).sum().cast(pl.Int64).alias("list_full"),
            (is_drop & ~pl.col("kind").is_in([ZOMBIE, OPEN])).sum().cast(pl.Int64).alias("closed_by_application"),
            (is_drop & (pl.col("kind") == OPEN)).sum().cast(pl.Int64).alias("undecided"),
        )
    )
    return counted.select(*_DROPS)


_DROPS = {
    "key": pl.String(),
    "shown": pl.String(),
    **{name: pl.Int64() for name in ("outlived", "list_full", "closed_by_application", "undecided")},
}
