"""Addresses behind which there are several clients: a proxy, a NAT.

The user agents of an address tell best: one person has one or two. Where they are not logged, or all alike, only how
much an address asks for is left.
"""

from __future__ import annotations

import polars as pl

from parsing.correlation.assumptions import (
    AGENTS,
    ALIKE,
    DEFAULT_SINGLE,
    SHARED_ASKS,
    SHARED_BELIEF,
)
from parsing.correlation.logs.keys import Normals, normal_addresses, numbers_of
from parsing.correlation.stopping import Cancelled, stop_if
from parsing.index.snapshot import Segment, Snapshot

_MOST_ROWS = 12_000_000
"""Requests that are looked at; of larger sets every second, third ... segment."""
_AT_ONCE = 400_000
"""Counts of address and agent that are summed in one step."""


def shares(snapshot: Snapshot, addresses: pl.DataFrame, normals: Normals, cancelled: Cancelled) -> pl.DataFrame:
    """``client requests agents single``: how many requests and agents each address has, and how sure it is one client's.

    ``addresses`` is the table of ``Keys``: only these are looked at.
    """
    segments = [segment for segment in snapshot.segments if segment.log == "iis" and "c-ip" in segment.fields]
    step = 1 + sum(segment.rows for segment in segments) // _MOST_ROWS
    parts = []
    for segment in segments[::step]:
        stop_if(cancelled)
        parts.append(_counted(snapshot, segment, addresses, normals))
    if not parts:
        return addresses.select("client", *(pl.lit(0).alias(name) for name in ("requests", "agents")), _ALONE)
    known, agents = _summed(pl.concat(parts), cancelled)
    return addresses.join(known, on="number", how="left").select(
        "client",
        pl.col("requests").fill_null(0),
        pl.col("agents").fill_null(0),
        _single(known, _likeness(agents)),
    )


_ALONE = pl.lit(DEFAULT_SINGLE).alias("single")


def _counted(snapshot: Snapshot, segment: Segment, addresses: pl.DataFrame, normals: Normals) -> pl.DataFrame:
    has_agent = "cs(User-Agent)" in segment.fields
    agent = pl.col("cs(User-Agent)") if has_agent else pl.lit(None, dtype=pl.UInt64)
    counts = segment.scan().group_by("c-ip", agent.alias("agent")).agg(pl.len().alias("n")).collect()
    if "c-ip" in segment.coded:
        numbers = numbers_of(normals.addresses(snapshot, "c-ip"), addresses).gather(counts["c-ip"])
    else:
        numbers = numbers_of(normal_addresses(counts["c-ip"]), addresses)
    is_text = has_agent and "cs(User-Agent)" not in segment.coded
    agents = counts.select(
        pl.when(pl.col("agent").is_not_null()).then(pl.col("agent").hash() if is_text else "agent").cast(pl.UInt64)
    )["agent"]
    kept = pl.DataFrame([numbers.rename("number"), agents.rename("agent"), counts["n"].cast(pl.Int64)])
    return kept.filter(pl.col("number").is_not_null())


def _summed(counts: pl.DataFrame, cancelled: Cancelled) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``number requests agents`` of each address, and on how many addresses (``len``) each agent is.

    Some addresses at a time: where agents hardly repeat there are nearly as many counts as requests.
    """
    share = 1 + counts.height // _AT_ONCE
    known, agents = [], []
    for part in range(share):
        stop_if(cancelled)
        mine = counts if share == 1 else counts.filter(pl.col("number") % share == part)
        pairs = mine.group_by("number", "agent").agg(pl.col("n").sum())
        has_agent = pl.col("agent").is_not_null()
        known.append(pairs.group_by("number").agg(pl.col("n").sum().alias("requests"), has_agent.sum().alias("agents")))
        agents.append(pairs.filter(has_agent).group_by("agent").len())
    return pl.concat(known), pl.concat(agents).group_by("agent").agg(pl.col("len").sum())


def _likeness(agents: pl.DataFrame) -> float:
    """The chance that two addresses have the same agent."""
    share = agents["len"] / max(1, int(agents["len"].sum()))
    return float((share**2).sum()) if agents.height > 1 else 1.0


def _single(known: pl.DataFrame, likeness: float) -> pl.Expr:
    requests = pl.col("requests").fill_null(0)
    if likeness > ALIKE:
        usual = max(4.0, float(known["requests"].median() or 0))  # type: ignore[arg-type]
        odds = SHARED_BELIEF / (1 - SHARED_BELIEF) * ((requests / (SHARED_ASKS[0] * usual)).clip(0.5, 30) ** 2)
        return (1 / (1 + odds)).alias("single")
    shared = min(0.6, max(0.02, float((known["agents"] >= 3).mean() or 0)))  # type: ignore[arg-type]
    alone = known.filter(pl.col("agents") == 1)["requests"].median()
    usual = max(4.0, float(alone or 0))  # type: ignore[arg-type]
    agents = pl.col("agents").fill_null(0)
    odds = pl.lit(shared / (1 - shared))
    ratios = [several / one for one, several in AGENTS]
    factor = pl.when(agents <= 1).then(ratios[0]).when(agents == 2).then(ratios[1]).otherwise(ratios[2])
    volume = (requests / (SHARED_ASKS[1] * usual)).clip(0.5, 20)
    return (1 / (1 + odds * factor * volume)).alias("single")
