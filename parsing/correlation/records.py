"""From frames to ``Correlated``: the words around what was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from parsing.correlation.correlated import CLAIMED, Correlated, Related, Span
from parsing.correlation.moments import ZOMBIE
from parsing.correlation.requests import BROKEN_WRITE, CLIENT_GONE
from parsing.correlation.windows import moment, window_of
from parsing.correlation.wording import ending_text, seconds_text, verdict
from parsing.index.snapshot import Snapshot


def records(snapshot: Snapshot, errors: pl.DataFrame, related: pl.DataFrame) -> list[Correlated]:
    """One record an error, in the order of the errors; ``related`` is sorted by ``e``, best first."""
    names = {source.id: source.name for source in snapshot.sources}
    spans = [window_of(segment) for segment in snapshot.segments if segment.log == "iis" and segment.rows]
    found = _grouped(related)
    result = []
    for error in errors.iter_rows(named=True):
        requests = found.get(error["e"], [])
        own = tuple(_related(names, error, request) for request in requests)
        claimed: dict[str, int] = {}
        for request in own:
            if request.is_claim:
                claimed[request.relation] = claimed.get(request.relation, 0) + 1
        is_covered = any(span.first <= error["t"] and span.last >= error["began_low"] for span in spans)
        result.append(_correlated(names, error, own, verdict(error, claimed, is_covered=is_covered)))
    return result


def _grouped(related: pl.DataFrame) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in related.iter_rows(named=True):
        found.setdefault(row["e"], []).append(row)
    return found


def _correlated(names: Mapping[int, str], error: Mapping[str, Any], own: tuple[Related, ...], text: str) -> Correlated:
    return Correlated(
        source=names[error["source"]],
        source_id=error["source"],
        line=error["line"],
        time=moment(error["t"]),
        reason=error["reason"],
        client=error["c-ip"],
        port=error["port"],
        method=error["method"],
        uri=error["uri"],
        queue=error["queue"],
        began=Span(moment(error["began_low"]), moment(error["began_high"])),
        ended_by=error["ended_by"],
        verdict=text,
        related=own,
        batch=error["batch"],
    )


def _related(names: Mapping[int, str], error: Mapping[str, Any], request: Mapping[str, Any]) -> Related:
    return Related(
        relation=request["relation"],
        source=names[request["source"]],
        source_id=request["source"],
        line=request["line"],
        time=moment(request["end"]),
        confidence=round(request["confidence"], 3),
        evidence=tuple(_evidence(error, request)),
    )


def _evidence(error: Mapping[str, Any], request: Mapping[str, Any]) -> Iterator[str]:
    relation = request["relation"]
    if relation == "same-target":
        yield "same path"
        yield "under way at that time"
        return
    yield "same client"
    if relation == "same-client":
        yield _distance(request["end"] - error["t"])
    elif relation == "same-connection":
        yield f"same port {request['port']}"
        yield _distance(request["end"] - error["t"])
    else:
        yield _uri(error, request)
        yield _timing(relation, error, request)
        if relation == "same-request" and request["ending"] in (CLIENT_GONE, BROKEN_WRITE):
            yield ending_text(request["ending"])
        if request["count"] and request["count"] > 1:
            word = "" if request["confidence"] >= CLAIMED else "a candidate, "
            yield f"{word}one of {request['count']} that fit"


def _uri(error: Mapping[str, Any], request: Mapping[str, Any]) -> str:
    if error["uri"] is None:
        return (
            "same URI as the request that ended with the error"
            if request["relation"] == "retry"
            else "no URI in the error"
        )
    return "same path, the query is not known" if request["is_loose"] else "same URI"


def _timing(relation: str, error: Mapping[str, Any], request: Mapping[str, Any]) -> str:
    if relation == "retry":
        lost = (error["lost_low"] + error["lost_high"]) // 2
        asked = request["start"] if request["start"] is not None else request["end"]
        return f"began about {seconds_text(max(0, asked - lost) / 1000)} after the client lost the request"
    if error["kind"] == ZOMBIE:
        return "under way when the client left"
    late = request["end"] - error["t"]
    return "ended in the same second" if late == 0 else f"ended {_distance(late)} the error"


def _distance(milliseconds: int) -> str:
    if milliseconds == 0:
        return "in the same second"
    return f"{seconds_text(abs(milliseconds) / 1000)} {'before' if milliseconds < 0 else 'after'}"
