"""From events that stand out to incidents: what belongs together is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import polars as pl

from parsing.correlation.stopping import Cancelled, stop_if
from parsing.incidents.events import (
    CRASHED,
    FAILED,
    FULL,
    LEFT,
    LIMIT,
    OFFLINE,
    OTHER,
    REFUSED,
    SLOW,
    SLOW_CLIENTS,
    STOPPED,
)
from parsing.incidents.incident import Kind
from parsing.incidents.usual import excesses

_LEAST = {
    STOPPED: 3, OFFLINE: 3, CRASHED: 3, FULL: 3, LIMIT: 5, SLOW: 5, LEFT: 5, FAILED: 6, OTHER: 8, SLOW_CLIENTS: 10,
    REFUSED: 30,
}  # fmt: skip
"""Fewer events of a family in one window are no incident, however rare they are: small counts are small."""
_GROUPED_BY = {
    **dict.fromkeys((STOPPED, OFFLINE, CRASHED, FULL, SLOW, LEFT, FAILED), ("server", "pool")),
    OTHER: ("server", "pool", "reason"),
    LIMIT: ("server",),
    SLOW_CLIENTS: ("server", "reason"),
    REFUSED: ("server", "client"),
}
"""What the events of a family are counted by."""
_KINDS: tuple[tuple[str, Kind], ...] = (
    (STOPPED, "pool-stopped"),
    (OFFLINE, "pool-offline"),
    (CRASHED, "worker-crash"),
    (LIMIT, "limit"),
    (SLOW, "slow-application"),
    (FULL, "queue-full"),
    (LEFT, "clients-left"),
    (FAILED, "server-errors"),
    (SLOW_CLIENTS, "slow-clients"),
)
_OF_A_POOL = frozenset({STOPPED, OFFLINE, CRASHED, FULL, SLOW, LEFT, FAILED})
_RARE = frozenset({STOPPED, OFFLINE, CRASHED, FULL})
_SELDOM = 0.1
"""Fewer events of a family than this in ``_NEAR`` are usual: then even a single one belongs to the trouble next to it."""
_FULL_AND_SLOW = 5
"""From this number of slow requests on, if it is this many times the usual one, the queue filled as the application is slow."""
_SPREADS = frozenset({SLOW, FULL, LEFT, FAILED})
"""What several pools can have from one cause."""
_ENOUGH_STARTS = 5
_LEAST_SCAN = 50
"""From this number on, the refused requests of a client are a scan; fewer are the usual noise of a public server."""
_NEAR = 90_000
"""Milliseconds between two troubles of a pool that still are one: a worker process starts again, clients ask again."""
_TOGETHER = 60_000
_AT_ONCE = 30_000
"""Milliseconds: clients that leave within this time of each other left for one cause, and not as each lost its patience."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Events that belong together: ``rows`` of the frame of events; times in milliseconds."""

    server: str | None
    pools: frozenset[str]
    families: frozenset[str]
    client: str | None
    begin: int
    end: int
    usual: float
    rows: pl.DataFrame

    @property
    def kind(self) -> Kind:
        if self.families <= {SLOW, LEFT} and _left_at_once(self.rows):
            return "clients-left"
        for family, kind in _KINDS:
            if family in self.families:
                return kind
        if REFUSED not in self.families:
            return "burst"
        no_http = self.rows["reason"].str.to_lowercase().is_in(["verb", "version_n/s"]).mean()
        return "wrong-protocol" if isinstance(no_http, float) and no_http > 0.6 else "scan"

    def joined(self, other: Trouble) -> Trouble:
        return Trouble(
            self.server,
            self.pools | other.pools,
            self.families | other.families,
            self.client if self.client == other.client else None,
            min(self.begin, other.begin),
            max(self.end, other.end),
            self.usual + other.usual,
            pl.concat([self.rows, other.rows]).unique(["log", "source", "line"]).sort("at", "t", "source", "line"),
        )

    def only_of(self, rows: pl.DataFrame) -> Trouble | None:
        """The part of it that is among some rows; ``None`` where there is none."""
        kept = self.rows.join(rows, on=["log", "source", "line"], how="semi", maintain_order="left")
        if kept.height == self.rows.height:
            return self
        if kept.is_empty():
            return None
        begin = self.begin if kept.row(0) == self.rows.row(0) else _begin(kept)
        last = kept["at"].max()
        assert isinstance(last, int)
        return replace(self, begin=begin, end=min(self.end, max(begin, last)), rows=kept)


def _left_at_once(rows: pl.DataFrame) -> bool:
    """Whether most of the clients left within a moment, and not one after the other as each lost its patience."""
    if (rows["log"] == "iis").any() or (rows["family"] == LEFT).mean() == 0:
        return False
    low, high = rows["at"].quantile(0.15), rows["at"].quantile(0.85)
    return low is not None and high is not None and high - low <= _AT_ONCE


def troubles(rows: pl.DataFrame, begin: int, end: int, cancelled: Cancelled) -> list[Trouble]:
    """All that stands out among the events of a log from ``begin`` to ``end`` (milliseconds), in time order."""
    found: list[Trouble] = []
    for family, names in _GROUPED_BY.items():
        own = rows.filter(pl.col("family") == family)
        enough = own.filter(pl.len().over(names) >= _LEAST[family])
        for part in enough.partition_by(names, maintain_order=True):
            stop_if(cancelled)
            found += _of_part(part, family, begin, end, cancelled)
    pools = _merged((one for one in found if one.families <= _OF_A_POOL), _is_same_pool)
    pools = _merged((_with_rare(one, rows, end - begin) for one in pools), _is_same_pool)
    others = [one for one in found if not one.families <= _OF_A_POOL]
    others = _merged(others, _is_same_stranger)
    others = [one for one in others if one.kind != "scan" or one.rows.height >= _LEAST_SCAN]
    merged = _merged(pools, _is_one_cause)
    return sorted([*merged, *others], key=lambda one: (one.begin, one.end, sorted(one.pools), sorted(one.families)))


def _of_part(part: pl.DataFrame, family: str, begin: int, end: int, cancelled: Cancelled) -> list[Trouble]:
    times = part["at"].to_list()
    result = []
    for excess in excesses(times, begin, end, _LEAST[family], cancelled=cancelled):
        rows = part.slice(excess.first, excess.last - excess.first + 1)
        client = rows["client"][0] if rows["client"].n_unique() == 1 else None
        pools = frozenset(rows["pool"].drop_nulls().unique())
        named = rows["server"][0] if rows["server"].n_unique() == 1 else None
        result.append(
            Trouble(named, pools, frozenset({family}), client, _begin(rows), times[excess.last], excess.usual, rows)
        )
    return result


def _begin(rows: pl.DataFrame) -> int:
    found = rows["began"].min()
    assert isinstance(found, int)
    return found


def _end(rows: pl.DataFrame, family: str) -> int:
    """When the last of it began; of slow applications by the starts of requests where they are known.

    A client that left says only when it lost its patience, which is a minute or two after its request began.
    """
    started = rows.filter(pl.col("log") == "iis")
    found = (started if family == SLOW and started.height >= _ENOUGH_STARTS else rows)["at"].max()
    assert isinstance(found, int)
    return found


def _with_rare(trouble: Trouble, rows: pl.DataFrame, length: int) -> Trouble:
    """The trouble of a pool with the rare events near by that are too few to stand out alone, as a crash in a quiet pool."""
    own = pl.col("server").eq_missing(pl.lit(trouble.server)) & pl.col("pool").is_in(list(trouble.pools))
    for family in sorted(_RARE | ({SLOW} if FULL in trouble.families else set())):
        events = rows.filter(own & (pl.col("family") == family))
        near = _chained(events, trouble)
        others = (events.height - near.height) * _NEAR / max(length, 1)
        if near.is_empty() or (others > _SELDOM and (family != SLOW or near.height < _FULL_AND_SLOW * (1 + others))):
            continue
        known = trouble.rows.filter(pl.col("family") == family).height
        if near.height > known:
            rest = near.join(trouble.rows, on=["source", "line", "log"], how="anti")
            last = int(max(trouble.end, *rest["at"].to_list()))
            part = Trouble(
                trouble.server,
                trouble.pools,
                frozenset({family}),
                None,
                min(trouble.begin, _begin(rest)),
                last,
                0.0,
                rest,
            )
            trouble = trouble.joined(part)
    return trouble


def _chained(events: pl.DataFrame, trouble: Trouble) -> pl.DataFrame:
    """The events from the trouble on to either side, as long as each is near the one before it."""
    begin, end = trouble.begin, trouble.end
    while True:
        near = events.filter(pl.col("at").is_between(begin - _NEAR, end + _NEAR))
        if near.is_empty():
            return near
        first, last = min(begin, _begin(near)), max(end, *near["at"].to_list())
        if (first, last) == (begin, end):
            return near
        begin, end = first, last


def _merged(troubles: Iterable[Trouble], belongs: Callable[[Trouble, Trouble], bool]) -> list[Trouble]:
    """Joins troubles that belong together until none do."""
    left = sorted(troubles, key=lambda one: (one.begin, one.end, sorted(one.pools), sorted(one.families)))
    result: list[Trouble] = []
    for trouble in left:
        joined, apart = trouble, result
        while True:
            own = [one for one in apart if belongs(one, joined)]
            if not own:
                break
            apart = [one for one in apart if not any(one is other for other in own)]
            for one in own:
                joined = one.joined(joined)
        result = [*apart, joined]
    return result


def _is_same_pool(one: Trouble, other: Trouble) -> bool:
    is_near = other.begin - one.end <= _NEAR and one.begin - other.end <= _NEAR
    return is_near and one.server == other.server and one.pools == other.pools


def _is_same_stranger(one: Trouble, other: Trouble) -> bool:
    """Whether a client whose requests HTTP.sys refuses got other errors meanwhile: ``N/A`` for hosts that nobody serves."""
    is_near = other.begin - one.end <= _NEAR and one.begin - other.end <= _NEAR
    is_one = one.client is not None and one.client == other.client and one.server == other.server
    return is_near and is_one and REFUSED in one.families | other.families


def _is_one_cause(one: Trouble, other: Trouble) -> bool:
    """Whether two pools of a server were slow, or lost their clients, at the same time."""
    if one.server != other.server or not (one.families & _SPREADS and other.families & _SPREADS):
        return False
    if not (one.families <= _SPREADS and other.families <= _SPREADS):
        return False
    shared = min(one.end, other.end) - max(one.begin, other.begin)
    shorter = min(one.end - one.begin, other.end - other.begin)
    return shared >= 0 and (shared * 2 >= shorter or abs(one.begin - other.begin) <= _TOGETHER)
