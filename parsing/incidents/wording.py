"""Incidents in plain words: the summary, what to check first, and the steps of the story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl

from parsing.incidents.events import (
    CRASHED,
    FAILED,
    FULL,
    LEFT,
    LIMIT,
    OFFLINE,
    ONE_CRASH,
    OTHER,
    REFUSED,
    SLOW,
    SLOW_CLIENTS,
    STOPPED,
)
from parsing.incidents.incident import Kind, Step
from parsing.knowledge.reasons import reason
from parsing.wording import counted, duration

_APART = 60_000
"""Milliseconds without events of a family after which the next one is a step of its own."""
_APART_OF = {SLOW: 600_000, CRASHED: ONE_CRASH, REFUSED: 600_000, SLOW_CLIENTS: 600_000}
"""The same for families that come with pauses, and for crashes, of which each is a step."""
_LONG = 60_000
"""Milliseconds: an incident that lasts longer has a last step, when it was over."""
_MOST_STEPS = 12
_MOST_NAMES = 3

_CHECK_FIRST: Mapping[Kind, str] = {
    "slow-application": "what these paths wait for: database locks, calls to other services, threads that block each other",
    "queue-full": "whether the traffic was meant to come; then the queue length of the pool and its number of threads",
    "clients-left": "what stands in front: the proxy, the balancer or the network, and its time-outs",
    "server-errors": "the application's own log, and failed request tracing for this status",
    "wrong-protocol": "which program at this address sends TLS or something else to a plain HTTP port",
    "scan": "whether the address is yours; requests that HTTP.sys refuses did not reach the application",
}


def check_first(kind: Kind, reasons: tuple[str, ...]) -> str:
    """What to look at first: by the kind, else by the most frequent reason, which comes first."""
    known = _CHECK_FIRST.get(kind)
    return known or (reason(reasons[0]).first_check if reasons else "the rows of this span")


def summary(
    kind: Kind, pools: tuple[str, ...], length: int, errors: int, requests: int, clients: int, rows: pl.DataFrame
) -> str:
    """One sentence: what happened, for how long, and whom it hit. ``length`` in milliseconds."""
    who = _names(pools)
    took = f" for {duration(length)}" if length >= 2_000 else ""
    crashes = _crashes(rows)
    lost = f"{counted(errors, 'request')} of {counted(clients, 'client')} got no answer" if errors else ""
    after = f" after {_times(crashes)} of its worker process" if crashes else ""
    what = {
        "pool-stopped": f"{who or 'a pool'} was stopped{took}",
        "pool-offline": f"{who or 'a pool'} was offline{took}{after}",
        "worker-crash": f"{who or 'a pool'} lost its worker process" + (f" {crashes} times" if crashes > 1 else ""),
        "limit": f"HTTP.sys refused connections at a limit{took}",
        "slow-application": f"{who or 'the application'} answered far slower than usual{took}",
        "queue-full": f"the request queue of {who or 'a pool'} was full{took}",
        "clients-left": f"many clients of {who or 'the server'} left at once",
        "server-errors": f"{who or 'the application'} answered with 5xx{took}",
        "slow-clients": f"clients sent or read too slowly{took}",
        "wrong-protocol": f"a client sent something that is not HTTP{took}",
        "scan": f"a client sent requests that HTTP.sys refuses{took}, as a scanner does",
        "burst": f"more errors than usual{took}",
    }[kind]
    if kind in ("scan", "wrong-protocol", "slow-clients", "burst"):
        lost = f"{counted(errors, 'error')} of {counted(clients, 'client')}"
    hit = f"{counted(requests, 'request')} in the IIS log failed or took far longer than usual" if requests else ""
    figures = "; ".join(part for part in (lost, hit) if part)
    sentence = f"{what}: {figures}." if figures else f"{what}."
    return sentence[0].upper() + sentence[1:] if not who or not sentence.startswith(who) else sentence


def _times(number: int) -> str:
    return "a crash" if number == 1 else f"{number} crashes"


def _names(names: tuple[str, ...]) -> str:
    shown = list(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        shown.append(f"{len(names) - _MOST_NAMES} more")
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" and {shown[-1]}" if shown else ""


def _crashes(rows: pl.DataFrame) -> int:
    """Seconds in which a worker process ended; what ends within two seconds ended with one process."""
    times = sorted(rows.filter(pl.col("family") == CRASHED)["t"].unique().to_list())
    return sum(1 for before, time in zip([-10_000, *times], times, strict=False) if time - before > 2_000)


def story(rows: pl.DataFrame, names: Mapping[int, str], begin: int) -> tuple[Step, ...]:
    """What happened, in order, each step with the row that shows it, to the last row; steps that are left out are counted."""
    steps: list[Step] = []
    parts = rows.partition_by("family", "pool", maintain_order=True)
    groups = [group for part in parts for group in _groups(part)]
    ordered = sorted(groups, key=lambda one: (one["at"][0], one["t"][0], one["line"][0]))
    for group in ordered[:_MOST_STEPS]:
        first = group.row(0, named=True)
        time = _moment(max(begin, first["at"]))
        steps.append(Step(time, _step(group, first), names.get(first["source"], ""), first["line"]))
    if len(ordered) > _MOST_STEPS:
        steps[-1] = replace(steps[-1], text=f"{steps[-1].text}; {len(ordered) - _MOST_STEPS:,} more such steps follow")
    last = rows.sort("at", "t", "source", "line").row(-1, named=True)
    if last["at"] - begin >= _LONG:
        what = "request" if last["log"] == "iis" else "error"
        steps.append(Step(_moment(last["at"]), f"the last {what} of it", names.get(last["source"], ""), last["line"]))
    return tuple(steps)


def _groups(part: pl.DataFrame) -> list[pl.DataFrame]:
    apart = _APART_OF.get(part["family"][0], _APART)
    number = (pl.col("at").diff().fill_null(0) > apart).cum_sum().alias("group")
    return part.with_columns(number).partition_by("group", maintain_order=True, include_key=False)


def _step(group: pl.DataFrame, first: Mapping[str, object]) -> str:
    number, clients = group.height, group["client"].drop_nulls().n_unique()
    of_pool = f" of {first['pool']}" if first["pool"] else ""
    length = group["at"][-1] - group["at"][0]
    during = f" within {duration(length)}" if length >= 1_000 else ""
    by = f" from {counted(clients, 'client')}"
    match first["family"]:
        case family if family == STOPPED:
            return f"the pool{of_pool} was stopped: {counted(number, 'request')} refused{during}"
        case family if family == OFFLINE:
            return f"the pool{of_pool} was offline: {counted(number, 'request')} refused{during}"
        case family if family == CRASHED:
            return f"the worker process{of_pool} ended with {counted(number, 'request')} under way"
        case family if family == LIMIT:
            return f"a limit was reached: {counted(number, 'request')} refused{during}{by}"
        case family if family == FULL:
            return f"the queue{of_pool} was full: {counted(number, 'request')} refused{during}"
        case family if family == LEFT:
            return f"{counted(clients, 'client')}{of_pool} left before an answer came{during}"
        case family if family == FAILED:
            return f"{counted(number, 'request')}{of_pool} answered with 5xx{during}"
        case family if family == SLOW_CLIENTS:
            return f"{counted(number, 'connection')} closed{during}: {reason(str(first['reason'])).meaning.rstrip('.')}"
        case family if family == REFUSED:
            return f"{counted(number, 'request')} refused as malformed{during}{by}"
        case family if family == SLOW:
            return _slow(group, number, of_pool, during)
    return f"{counted(number, 'error')} {first['reason']}{during}{by}" if first["family"] == OTHER else ""


def _slow(group: pl.DataFrame, number: int, of_pool: str, during: str) -> str:
    slow = int((group["log"] == "iis").sum())
    left = number - slow
    parts = []
    if slow:
        parts.append(f"{counted(slow, 'request')}{of_pool} began and took far longer than usual")
    if left:
        parts.append(
            f"{counted(left, 'request')}{of_pool} did not end before the client had left and the time-out was over"
        )
    return " and ".join(parts) + during


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None)
