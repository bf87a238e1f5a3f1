"""From frames to ``Correlated``: the words around what was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from parsing.correlation.correlated import CLAIMED, CLAIMS, Correlated, Related, Span
from parsing.correlation.requests import ENDED
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
    if relation != "same-target":
        yield "same client"
    if relation in ("same-request", "retry"):
        if error["uri"] is None:
            yield "the error names no URI"
        else:
            yield "same path, its query is not known" if request["is_loose"] else "same URI"
        yield _timing(relation, error, request)
        if relation == "same-request" and request["ending"] != ENDED:
            yield ending_text(request["ending"])
    elif relation == "same-target":
        yield "same path"
        yield "under way at that time"
    else:
        yield f"{seconds_text(abs(request['end'] - error['t']) / 1000)} {'before' if request['end'] < error['t'] else 'after'}"
    if relation in CLAIMS and request["count"] and request["count"] > 1:
        word = "one of" if request["confidence"] >= CLAIMED else "a candidate, one of"
        yield f"{word} {request['count']} that fit"


def _timing(relation: str, error: Mapping[str, Any], request: Mapping[str, Any]) -> str:
    if relation == "retry":
        return "asked for after the client lost the request"
    if error["kind"] == "zombie":
        return "under way when the client left"
    return f"ended {seconds_text(abs(request['lag']))} {'before' if request['lag'] < 0 else 'after'} the error"
