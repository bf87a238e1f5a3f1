"""What a log set shows of the servers that wrote it: sweeps, time-outs, shared addresses. Kept while it grows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from parsing.correlation.assumptions import USUAL
from parsing.correlation.logs.errors import read_errors
from parsing.correlation.logs.keys import Keys, Normals, normal_addresses, with_numbers
from parsing.correlation.logs.requests import CLIENT_GONE, ENDED, UNKNOWN, Requests
from parsing.correlation.logs.targets import agrees, rows_of_targets, with_targets
from parsing.correlation.logs.windows import Ordered, Window
from parsing.correlation.matching.chances import Chances
from parsing.correlation.matching.claims import TOGETHER
from parsing.correlation.matching.correlation_window import Surroundings, read_stretch
from parsing.correlation.server.began import BODY, HEADER, LIST_FULL, timeouts_table
from parsing.correlation.server.drops import Drops
from parsing.correlation.server.shared_addresses import shares
from parsing.correlation.server.survey import DROPPED, IDLE, Survey, stretches_to_learn_from, survey, with_group
from parsing.correlation.server.sweep import Sweeps
from parsing.correlation.server.timeouts import LONGEST_LAG, Timeout, body_timeout, idle_timeout, zombie_timeout
from parsing.correlation.stopping import Cancelled, never, stop_if
from parsing.index.snapshot import Segment, Snapshot
from parsing.questions import Selection
from parsing.questions.question import damage_worded

RESET = "client_reset"
REFUSED = "refused"
LEFT = "left"
_REFUSED = 503
_ENOUGH = 20
_MOST_ERRORS = 4_000
_LATELY = 120_000
_CROWD = 12
"""A client or target with more requests than this within the longest lag says nothing about a time-out."""


@dataclass(frozen=True, slots=True)
class ServerHabits:
    """What one server shows of itself. ``sweep`` is the second of five on which its timers fall, and its share."""

    group: int
    servers: tuple[str, ...]
    sweep: tuple[int, float] | None
    zombie: Timeout
    idle: Timeout
    header: Timeout
    body: Timeout


@dataclass(frozen=True)
class Habits:
    """All servers of a log set, and what is believed of their clients."""

    servers: tuple[ServerHabits, ...]
    surroundings: Surroundings
    chances: Chances
    said: pl.DataFrame
    """``source line said`` of the drops that were looked at together with requests."""


def learn(snapshot: Snapshot, *, cancelled: Cancelled = never) -> Habits:
    """Looks over all errors, and over the requests of the stretches of time with the most drops."""
    normals = Normals()
    surveyed = survey(snapshot, cancelled)
    sweeps = Sweeps(surveyed.swept.select("group", "second"))
    has_server = _logs_servers(snapshot, normals)
    windows = stretches_to_learn_from(snapshot, surveyed)
    counts: list[pl.DataFrame] = []
    for window in windows:
        stop_if(cancelled)
        errors = with_group(read_errors(snapshot, Selection(log="httperr"), window), surveyed.groups)
        counts.append(_lags(snapshot, normals, errors, window, cancelled, has_server=has_server))
    lags = pl.concat(counts) if counts else pl.DataFrame(schema=_LAG_SCHEMA)
    servers = tuple(_habits_of(group, surveyed, sweeps, lags) for group in _groups(surveyed))
    known = Surroundings(
        snapshot,
        normals,
        surveyed.groups,
        timeouts_table([(own.group, own.zombie, own.idle, own.header, own.body) for own in servers]),
        sweeps,
        Drops(surveyed, sweeps),
        shares(snapshot, _addresses(snapshot, normals), normals, cancelled),
        has_server,
    )
    chances, said = _chances(known, windows, cancelled)
    believed = known.drops
    known = replace(known, drops=Drops(surveyed, sweeps, said))
    if known.drops.differs_from(believed):
        chances, _ = _chances(known, windows, cancelled)
    return Habits(servers, known, chances, said)


def renewed(habits: Habits, snapshot: Snapshot, cancelled: Cancelled = never) -> Habits | None:
    """What was learned, for a snapshot with some more rows; null where its servers are not the same ones.

    Time-outs and the ways of clients stay; the sweeps and the drops are looked at anew.
    """
    surveyed = survey(snapshot, cancelled)
    known = habits.surroundings.groups
    places = ["source", "server"]
    again = known.join(surveyed.groups, on=places, how="left", nulls_equal=True)
    is_same = bool((again["group"] == again["group_right"]).fill_null(value=False).all())
    if not is_same or set(surveyed.groups["group"]) != set(known["group"]):
        return None
    sweeps = Sweeps(surveyed.swept.select("group", "second"))
    around = replace(
        habits.surroundings,
        snapshot=snapshot,
        groups=surveyed.groups,
        sweeps=sweeps,
        drops=Drops(surveyed, sweeps, habits.said),
    )
    return replace(habits, surroundings=around)


def _chances(known: Surroundings, windows: Sequence[Window], cancelled: Cancelled) -> tuple[Chances, pl.DataFrame]:
    """What is learned of retries and of requests in both logs, and ``said`` of the drops."""
    retries: list[pl.DataFrame] = []
    same: list[pl.DataFrame] = []
    asked: list[pl.DataFrame] = []
    said: list[pl.DataFrame] = [pl.DataFrame(schema=_SAID_SCHEMA)]
    for number, window in enumerate(windows):
        stop_if(cancelled)
        stretch = read_stretch(known, window, cancelled=cancelled)
        if stretch is None:
            continue
        apart = [
            pl.col("e").cast(pl.Int64) + (number << 32),
            pl.col("row").cast(pl.Int64) + pl.col("row").sign() * (number << 32),
        ]
        error = pl.col("error").cast(pl.Int64) + (number << 32)
        retries.append(stretch.pairs.retries().select(*_RETRY_COLUMNS).with_columns(*apart, error))
        same.append(stretch.pairs.same().with_columns(apart))
        asked.append(stretch.pairs.asked_for())
        said.append(stretch.errors.filter(pl.col("is_wanted") & (pl.col("key") == DROPPED)).select(*_SAID_SCHEMA))
    found = pl.concat(said).unique(["source", "line"])
    if not retries:
        return Chances(), found
    return Chances().learned(pl.concat(retries), pl.concat(same), pl.concat(asked)), found


_RETRY_COLUMNS = (
    "e",
    "error",
    "likely",
    "row",
    "kind",
    "key",
    "span",
    "bin",
    "lag",
    "rate",
    "asked",
    "single",
    "is_spread",
    "is_elsewhere",
    "begun",
    "under_way",
)
_SAID_SCHEMA = {"source": pl.UInt32(), "line": pl.Int64(), "said": pl.Float64()}
_LAG_SCHEMA = {"group": pl.UInt32(), "kind": pl.String(), "lag": pl.Int64(), "len": pl.UInt32()}


def _groups(surveyed: Survey) -> list[int]:
    return sorted(surveyed.groups["group"].unique().to_list())


def _addresses(snapshot: Snapshot, normals: Normals) -> pl.DataFrame:
    """Every client address of an error, numbered."""
    parts = [segment for segment in snapshot.segments if segment.log == "httperr" and "c-ip" in segment.fields]
    texts = [_distinct(snapshot, normals, segment, "c-ip") for segment in parts]
    found = pl.concat(texts).unique().drop_nulls().sort() if texts else pl.Series(dtype=pl.String)
    return pl.DataFrame([found.rename("client"), pl.int_range(1, len(found) + 1, dtype=pl.UInt32, eager=True)]).rename(
        {"literal": "number"}
    )


def _distinct(snapshot: Snapshot, normals: Normals, segment: Segment, field: str) -> pl.Series:
    values = segment.scan().select(pl.col(field).unique()).collect().to_series().drop_nulls()
    if field in segment.coded:
        return normals.addresses(snapshot, field).gather(values).rename("client")
    return normal_addresses(values).rename("client")


def _logs_servers(snapshot: Snapshot, normals: Normals) -> bool:
    """Whether the two logs name servers in the same way: without a common address they cannot be compared by it."""
    seen: dict[str, set[str]] = {"iis": set(), "httperr": set()}
    for segment in snapshot.segments:
        if "s-ip" in segment.fields and segment.rows:
            seen[segment.log] |= set(_distinct(snapshot, normals, segment, "s-ip").to_list())
    return not (seen["iis"] and seen["httperr"]) or bool(seen["iis"] & seen["httperr"])


def _lags(
    snapshot: Snapshot,
    normals: Normals,
    errors: pl.DataFrame,
    window: Window,
    cancelled: Cancelled,
    *,
    has_server: bool,
) -> pl.DataFrame:
    """Seconds from requests of the client to timer rows, from its next requests to drops, and from losses to the next."""
    errors = errors.with_columns(pl.col("reason").str.to_lowercase())
    is_refused = pl.col("status") == _REFUSED
    errors = errors.with_columns(pl.when(is_refused).then(pl.lit(REFUSED)).otherwise("reason").alias("reason"))
    kinds = ((DROPPED,), (IDLE, HEADER), (RESET, LIST_FULL, REFUSED), (BODY,))
    chosen = pl.concat([errors.filter(pl.col("reason").is_in(kind)).head(_MOST_ERRORS) for kind in kinds])
    keys = Keys.of(chosen, has_server=has_server)
    chosen = with_targets(with_numbers(chosen, keys))
    requests = Requests(snapshot, keys, normals, cancelled=cancelled).read(
        window.grown(LONGEST_LAG * 1000, LONGEST_LAG * 1000)
    )
    again = rows_of_targets(requests.with_row_index("row"), chosen)
    attempts = again.filter(pl.col("head") == pl.col("row"))
    answered = attempts.filter(pl.col("ending").is_in([ENDED, UNKNOWN]))
    # A write to a dead connection may be the dropped request itself.
    left = attempts.filter(pl.col("ending") == CLIENT_GONE)
    drops, timers, losses, bodies = (chosen.filter(pl.col("reason").is_in(kind)) for kind in kinds)
    far = LONGEST_LAG * 1000
    asked = Ordered(again, "target", "asked")
    losses = _not_polled(losses, asked)
    found = [
        _lags_of(drops, Ordered(answered, "target", "asked"), "target", "asked", (-far, 0)),
        _lags_of(drops, Ordered(left, "target", "asked"), "target", "asked", (-far, 0)).with_columns(
            pl.lit(LEFT).alias("kind")
        ),
        _lags_of(timers, Ordered(requests, "address", "end"), "address", "end", (-far, 0)),
        _lags_of(bodies, Ordered(_lasting(again), "target", "asked"), "target", "asked", (-far, 0), is_together=True),
        _lags_of(losses, asked, "target", "asked", (0, far), most=1),
    ]
    return pl.concat(found).group_by("group", "kind", "lag").len()


def _not_polled(losses: pl.DataFrame, asked: Ordered) -> pl.DataFrame:
    """Losses of what was not asked for just before: programs that ask for the same all the time keep their own pace."""
    slices = asked.counts(losses["target"], losses["t"] - _LATELY, losses["t"] - 2_000)
    return losses.filter(slices["low"] == slices["high"])


def _lasting(rows: pl.DataFrame) -> pl.DataFrame:
    """Requests that took longer than an ordinary one: a body that stalled."""
    return rows.filter((pl.col("head") == pl.col("row")) & (pl.col("taken") > USUAL))


def _lags_of(
    errors: pl.DataFrame, rows: Ordered, key: str, at: str, reach: tuple[int, int], most: int = _CROWD,
    *, is_together: bool = False,
) -> pl.DataFrame:  # fmt: skip
    """``is_together`` takes only requests that ended when the error was written: the very request that it ended."""
    low, high = ((pl.col("t") + edge).alias(name) for edge, name in zip(reach, ("low", "high"), strict=True))
    pairs = rows.within(errors.select("e", pl.col(key).alias("key"), low, high), most).filter(pl.col("count") <= _CROWD)
    sides = errors.select("e", "t", "group", "reason", "server_number", "e_server_port", "method_number")
    matched = pairs.join(sides, on="e").filter(agrees(method=key == "target"))
    if is_together:
        matched = matched.filter((pl.col("end") - pl.col("t")).is_between(-TOGETHER[0], TOGETHER[1]))
    lag = ((pl.col("t") - pl.col(at)) / 1000).abs().round().cast(pl.Int64)
    # What one client asked for within one second, such as the parts of a page, tells a time-out once.
    once = matched.select("e", "group", pl.col("reason").alias("kind"), lag.alias("lag")).unique()
    return once.drop("e")


def _habits_of(group: int, surveyed: Survey, sweeps: Sweeps, lags: pl.DataFrame) -> ServerHabits:
    names = surveyed.groups.filter(pl.col("group") == group)["server"].drop_nulls().unique().sort().to_list()

    def histogram(kind: str) -> list[float]:
        mine = lags.filter((pl.col("group") == group) & (pl.col("kind") == kind))
        found = dict(mine.group_by("lag").agg(pl.col("len").sum()).iter_rows())
        return [float(found.get(lag, 0)) for lag in range(LONGEST_LAG + 1)]

    return ServerHabits(
        group,
        tuple(names),
        sweeps.phase(group),
        zombie_timeout(histogram(DROPPED), histogram(LEFT), _waits(histogram)),
        idle_timeout(histogram(IDLE)),
        idle_timeout(histogram(HEADER)),
        body_timeout(histogram(BODY)),
    )


def _waits(histogram: Callable[[str], list[float]]) -> list[float]:
    """After how many seconds clients ask again: those that left, or else those that were refused."""
    left = [sum(pair) for pair in zip(histogram(RESET), histogram(LIST_FULL), strict=True)]
    return left if sum(left) >= _ENOUGH else histogram(REFUSED)


_GROWN = 1.1
_MANY = 100_000
"""What a log set of so many rows has shown holds while it grows by a tenth."""
_FROM_SCRATCH = "habits learned from scratch"
_learning: set[Hashable] = set()
_changed = threading.Condition()
_WAIT = 0.03
"""Seconds between two looks, by who waits for another thread that learns, at whether it is still wanted."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    """Habits in the memory of a log set. They are of a snapshot without segments, as others keep their files on disk."""

    rows: int
    sources: frozenset[tuple[int, str]]
    load_dictionary: Callable[[str], pl.Series]
    habits: Habits
    bytes: int = 1 << 20
    """Roughly what they take."""

    @staticmethod
    def of(habits: Habits) -> _Remembered:
        snapshot = habits.surroundings.snapshot
        around = replace(habits.surroundings, snapshot=replace(snapshot, segments=(), sources=()))
        rows, sources = _size(snapshot)
        return _Remembered(rows, sources, snapshot.load_dictionary, replace(habits, surroundings=around))

    def with_snapshot(self, snapshot: Snapshot) -> Habits:
        return replace(self.habits, surroundings=replace(self.habits.surroundings, snapshot=snapshot))


@damage_worded()
def habits_of(snapshot: Snapshot, *, cancelled: Cancelled = never) -> Habits:
    """``learn``, done once for a snapshot: who asks while another thread learns waits for that one."""
    key = ("habits", snapshot.segments, snapshot.source_names)
    kept = snapshot.memory.habits
    with _changed:
        while True:
            known: _Remembered | None = kept.find(key)
            if known is not None:
                return known.with_snapshot(snapshot)
            if key not in _learning:
                break
            stop_if(cancelled)
            _changed.wait(_WAIT)
        _learning.add(key)
    try:
        habits = _of_smaller(snapshot, cancelled)
        if habits is None:
            habits = learn(snapshot, cancelled=cancelled)
            kept.replace(_FROM_SCRATCH, _Remembered.of(habits))
        kept.put(key, _Remembered.of(habits))
        return habits
    finally:
        with _changed:
            _learning.discard(key)
            _changed.notify_all()


def _of_smaller(snapshot: Snapshot, cancelled: Cancelled) -> Habits | None:
    """The habits learned of the same log set when it had a few rows less."""
    known: _Remembered | None = snapshot.memory.habits.find(_FROM_SCRATCH)
    # A set that was built again has other codes: not these dictionaries.
    if known is None or known.load_dictionary != snapshot.load_dictionary:
        return None
    rows, sources = _size(snapshot)
    if known.sources <= sources and _MANY <= known.rows <= rows <= known.rows * _GROWN:
        return renewed(known.habits, snapshot, cancelled)
    return None


def _size(snapshot: Snapshot) -> tuple[int, frozenset[tuple[int, str]]]:
    """How many rows a snapshot has, and its sources."""
    rows = sum(segment.rows for segment in snapshot.segments)
    return rows, frozenset((source.id, source.name) for source in snapshot.sources)
