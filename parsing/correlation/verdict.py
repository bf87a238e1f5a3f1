"""From frames to ``Correlated``: the verdict and the grounds of each claim, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import polars as pl

from parsing.correlation.correlated import Correlated, MomentInterval, Related
from parsing.correlation.logs.requests import BROKEN_WRITE, CLIENT_GONE
from parsing.correlation.logs.windows import window_of
from parsing.correlation.server.began import BODY, HEADER, QUEUE_TIMERS, SLOW_CLIENT, SLOW_READER, ZOMBIE
from parsing.correlation.server.survey import DROPPED, IDLE
from parsing.correlation.stopping import Cancelled, never, stop_if
from parsing.index.snapshot import Snapshot
from parsing.knowledge.reasons import reason
from parsing.knowledge.relations import CLAIMED
from parsing.wording import counted, rough_duration


def records(
    snapshot: Snapshot, errors: pl.DataFrame, related: pl.DataFrame, cancelled: Cancelled = never
) -> list[Correlated]:
    """One record an error, in the order of the errors; ``related`` is sorted by ``e``, best first.

    Raises ``CancelledError`` soon after ``cancelled()`` is true.
    """
    names = {source.id: source.name for source in snapshot.sources}
    found = _related_of(names, errors, related, cancelled)
    result = []
    facts = errors.select("e", *_FACTS, *_times("t", "began_low", "began_high"), _is_covered(snapshot, errors))
    for number, error in enumerate(facts.iter_rows(named=True)):
        if number % _LOOK == 0:
            stop_if(cancelled)
        own = tuple(found.get(error["e"], ()))
        claimed: dict[str, int] = {}
        for request in own:
            if request.is_claim:
                claimed[request.relation] = claimed.get(request.relation, 0) + 1
        text = verdict(error, claimed, is_covered=error["is_covered"])
        result.append(_correlated(names, error, own, text))
    return result


_LOOK = 2_000
"""Records between two looks at whether they are still wanted."""
_FACTS = (
    "source", "line", "reason", "c-ip", "port", "method", "uri", "queue", "ended_by", "ended_by_confidence", "batch", "key", "seen",
    "t", "began_low", "began_high",
)  # fmt: skip


def _times(*columns: str) -> list[pl.Expr]:
    return [pl.col(name).cast(pl.Datetime("ms")).alias(f"{name}_time") for name in columns]


def _is_covered(snapshot: Snapshot, errors: pl.DataFrame) -> pl.Series:
    """Whether a segment of the IIS log reaches into the time from the beginning to the end of each error."""
    spans = [window_of(segment) for segment in snapshot.segments if segment.log == "iis" and segment.rows]
    if not spans:
        return pl.repeat(False, errors.height, dtype=pl.Boolean, eager=True).alias("is_covered")
    ordered = pl.DataFrame({"first": [span.first for span in spans], "last": [span.last for span in spans]})
    ordered = ordered.sort("first").with_columns(pl.col("last").cum_max())
    before = ordered["first"].search_sorted(errors["t"], side="right").cast(pl.Int64)
    latest = ordered["last"].gather((before - 1).clip(0))
    return ((before > 0) & (latest >= errors["began_low"])).alias("is_covered")


def _related_of(
    names: Mapping[int, str], errors: pl.DataFrame, related: pl.DataFrame, cancelled: Cancelled
) -> dict[int, list[Related]]:
    """The requests of each error. There are several of each, so only what their words need is taken from the frames."""
    sides = errors.select(
        "e",
        "t",
        "kind",
        pl.col("uri").is_null().alias("is_bare"),
        pl.mean_horizontal("lost_low", "lost_high").alias("lost"),
    )
    asked = pl.coalesce("start", "end")
    rows = related.join(sides, on="e", how="inner", maintain_order="left").select(
        "e", "relation", "source", "line", *_times("end"), pl.col("confidence").round(3), (pl.col("end") - pl.col("t")),
        (asked - pl.col("lost")).clip(0).alias("wait"), "kind", "is_bare", "is_loose", "port", "ending", "count",
    )  # fmt: skip
    found: dict[int, list[Related]] = {}
    for number, (e, relation, source, line, time, confidence, late, *facts) in enumerate(rows.iter_rows()):
        if number % _LOOK == 0:
            stop_if(cancelled)
        if relation == "same-target":
            evidence = _SAME_TARGET
        elif relation == "same-client":
            evidence = _same_client(late)
        else:
            evidence = tuple(_evidence(relation, confidence, late, *facts))
        found.setdefault(e, []).append(Related(relation, names[source], source, line, time, confidence, evidence))
    return found


def _correlated(names: Mapping[int, str], error: Mapping[str, Any], own: tuple[Related, ...], text: str) -> Correlated:
    return Correlated(
        source=names[error["source"]],
        source_id=error["source"],
        line=error["line"],
        time=error["t_time"],
        reason=error["reason"],
        client=error["c-ip"],
        port=error["port"],
        method=error["method"],
        uri=error["uri"],
        queue=error["queue"],
        began=MomentInterval(error["began_low_time"], error["began_high_time"]),
        ended_by=error["ended_by"],
        verdict=text,
        related=own,
        batch=error["batch"],
        ended_by_confidence=round(error["ended_by_confidence"], 3),
    )


_SAME_TARGET: tuple[str, ...] = ("same path", "under way at that time")


@lru_cache(maxsize=4_096)
def _same_client(late: int) -> tuple[str, ...]:
    return "same client", _distance(late)


def _evidence(
    relation: str,
    confidence: float,
    late: int,
    wait: float,
    kind: str,
    is_bare: bool,
    is_loose: bool | None,
    port: int | None,
    ending: int,
    count: int | None,
) -> Iterator[str]:
    """Why a request is claimed; ``late`` is how long after the error's row it ended, ``wait`` after its loss it began."""
    yield "same client"
    if relation == "same-connection":
        yield f"same port {port}"
        yield _distance(late)
        return
    if is_bare:
        yield "same URI as the request that ended with the error" if relation == "retry" else "no URI in the error"
    else:
        yield "same path, the query is not known" if is_loose else "same URI"
    if relation == "retry":
        yield f"began about {rough_duration(wait)} after the client lost the request"
    elif kind == ZOMBIE:
        yield "under way when the client left"
    else:
        yield "ended in the same second" if late == 0 else f"ended {_distance(late)} the error"
    if relation == "same-request" and ending in (CLIENT_GONE, BROKEN_WRITE):
        yield ending_text(ending)
    if count and count > 1:
        word = "" if confidence >= CLAIMED else "a candidate, "
        yield f"{word}one of {count} that fit"


def _distance(milliseconds: int) -> str:
    if milliseconds == 0:
        return "in the same second"
    return f"{rough_duration(abs(milliseconds))} {'before' if milliseconds < 0 else 'after'}"


def verdict(error: Mapping[str, Any], claims: Mapping[str, int], *, is_covered: bool) -> str:
    """One sentence: who ended it, since when, and what the other log knows. ``claims`` counts them by relation."""
    text = _ended(error)
    if claims.get("same-request"):
        text += "; the IIS log has the same request"
    elif not is_covered:
        text += "; no IIS log covers this time"
    if claims.get("retry"):
        text += "; the client asked again"
    if error["batch"] > 1:
        text += f"; one of {error['batch']} rows of one sweep of the timers, which is one event and no spike"
    return text + "."


def _ended(error: Mapping[str, Any]) -> str:
    key = error["key"]
    waited = error["t"] - (error["began_low"] + error["began_high"]) / 2
    if key == DROPPED:
        if error["ended_by"] == "client":
            return (
                f"The client left about {rough_duration(waited)} earlier, and the application did not finish in"
                f" time{_grounds(error)}"
            )
        if error["ended_by"] == "unknown":
            return f"Either the client left a time-out earlier or the application closed the connection itself{_grounds(error)}"
        return f"The application closed the connection itself; no time-out explains when the row comes{_grounds(error)}"
    if key == IDLE:
        return f"HTTP.sys closed a kept-alive connection that was silent for about {rough_duration(waited)}; this is normal"
    if key == HEADER:
        return f"HTTP.sys closed a connection on which no complete request came for about {rough_duration(waited)}"
    if key == BODY:
        return f"HTTP.sys gave up on a request whose body stopped arriving about {rough_duration(waited)} earlier"
    if key == SLOW_READER:
        return "HTTP.sys cut off a response that the client read too slowly"
    if key in QUEUE_TIMERS:
        return f"HTTP.sys gave up on a request that no worker took for about {rough_duration(waited)}"
    if key == SLOW_CLIENT:
        return "The client took its response too slowly"
    meaning = reason(error["reason"] or "").meaning.rstrip(".")
    return meaning or "Nothing is known of this reason"


def _grounds(error: Mapping[str, Any]) -> str:
    """How sure it is who dropped, and on how few rows it rests, where that is worth saying."""
    parts = [f"from {counted(max(1, error['seen']), 'row')} alone"] if error["seen"] < FEW_DROPS else []
    if error["ended_by"] != "unknown" and error["ended_by_confidence"] < _SURE:
        parts.append(f"{round(100 * error['ended_by_confidence'])} % sure")
    return f" ({', '.join(parts)})" if parts else ""


_SURE = 0.9
"""Below this confidence a sentence says how sure it is."""
FEW_DROPS = 30
"""With this many drops of a server or more, a sentence does not say how many it rests on."""


def ending_text(ending: int) -> str:
    """What the statuses of a request say about a client that was gone; empty where they say nothing."""
    if ending == BROKEN_WRITE:
        return "500.19 with 64 is a write to a dead connection, not a configuration error"
    return "its Windows status says that the client was gone" if ending == CLIENT_GONE else ""
